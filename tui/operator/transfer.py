"""Choosing to whom a session goes.

Owns the small list over the screen. Must not know how it gets there.
"""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from livehelp.wire.text import clean_name


class Receiver:
    """The choice: an operator's name, or None for the queue."""

    def __init__(self, name: str | None) -> None:
        self.name = name


class Transfer(ModalScreen[Receiver]):
    """Pick one of ``operators`` or the queue; the result is None after Escape.

    ``note_begun`` tells that a note to hand on with the session is not stored yet.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
    ]
    DEFAULT_CSS = """
    Transfer {
        align: center middle; background: $background 60%;
        & > Vertical {
            width: 48; max-width: 90%; height: auto; max-height: 80%; padding: 1 2;
            border: round $border; background: $surface;
        }
        & #question { height: auto; margin-bottom: 1; }
        & OptionList { height: auto; max-height: 12; background: $surface; }
        & #note { height: auto; margin-top: 1; color: $warning; text-style: bold; }
        & #keys { height: auto; margin-top: 1; color: $text-muted; }
    }
    """

    def __init__(self, visitor: str, operators: tuple[str, ...], *, note_begun: bool) -> None:
        super().__init__()
        self._note_begun = note_begun
        self._visitor = visitor
        self._operators = operators

    def compose(self) -> ComposeResult:
        """Build the list, operators first."""
        with Vertical():
            yield Static(Content(f"Hand {self._visitor} to"), id="question")
            choices = [Content(clean_name(name)) for name in self._operators]
            yield OptionList(
                *choices, Content("Back in the queue"), markup=False, compact=True, id="receivers"
            )
            if self._note_begun:
                # It would be for whoever comes next, who is about to.
                yield Static(Content("Your note is not stored yet."), id="note")
            yield Static(Content("Enter chooses, Esc cancels"), id="keys")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        at = event.option_index
        self.dismiss(Receiver(self._operators[at] if at < len(self._operators) else None))
