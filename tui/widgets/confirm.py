"""A question with two answers, over the screen.

Owns the small dialogue that is asked before something cannot be undone. Must not know what that is.
"""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class Confirm(ModalScreen[bool]):
    """Ask ``question``; the result is True for ``yes``, False for ``no`` or Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", show=False),
        Binding("y", "answer(True)", show=False),
        Binding("left,right,up,down", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    Confirm {
        align: center middle; background: $background 60%;
        & > Vertical {
            width: 60; max-width: 90%; height: auto; padding: 1 2;
            border: round $border; background: $surface;
        }
        & #question { height: auto; margin-bottom: 1; }
        & Horizontal { height: 1; align-horizontal: center; }
        & Button { margin: 0 2; min-width: 14; }
    }
    """

    def __init__(self, question: str, *, yes: str, no: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """Build the dialogue; the focus is on ``yes``, so that Enter confirms."""
        with Vertical():
            yield Static(Content(self._question), id="question")
            with Horizontal():
                yield Button(Content(self._yes), id="yes", compact=True, variant="primary")
                yield Button(Content(self._no), id="no", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button."""
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """Answer with a key."""
        self.dismiss(answer)
