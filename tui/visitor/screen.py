"""What the visitor's screens have in common.

Owns the frame (a top bar, a status row, the footer's keys), how a screen is shown a state, and the
list of what a visitor can do. Must not know what stands between the bars.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from textual import on
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.clock import Clock
from tui.screen import StageScreen
from tui.visitor.state import VisitorState
from tui.widgets.top_bar import TopBar

T = TypeVar("T")


class VisitorActions(Protocol):
    """What a visitor can do, and what there is to show: the app, as its screens see it."""

    clock: Clock
    state: VisitorState
    server_name: str

    def begin(self, name: str, topic: str) -> None:
        """Ask for help."""
        ...

    def go_on_with_earlier(self) -> None:
        """Take up the visit that was cut off."""
        ...

    def say(self, text: str) -> None:
        """Send a line."""
        ...

    def typing(self, *, on: bool) -> None:
        """Tell that the visitor types, or stopped."""
        ...

    def end(self) -> None:
        """End the conversation."""
        ...

    def answer(self, answers: Sequence[tuple[str, str]], email: str) -> None:
        """Send the exit interview's answers and the wish for a transcript; both may be empty."""
        ...

    def go_on(self) -> None:
        """Go to the next screen after the end."""
        ...

    def ask(self, dialogue: ModalScreen[T], answered: Callable[[T], None]) -> None:
        """Put ``dialogue`` over the screen; ``answered`` gets its result, unless there is none."""
        ...

    def ring(self) -> None:
        """Ring the terminal's bell."""
        ...

    def tell(self, words: str) -> None:
        """Show ``words`` in the corner for some seconds."""
        ...

    def leave(self) -> None:
        """Leave the program."""
        ...


class VisitorScreen(StageScreen[VisitorState]):
    """A screen of one stage. Subclasses compose it and extend ``show``."""

    def __init__(self, visit: VisitorActions) -> None:
        super().__init__()
        self.visit = visit
        self._advice = ""

    def on_mount(self) -> None:
        """Show the present state; there are no widgets if the app closes at this moment."""
        if self.children:
            self.show(self.visit.state)

    def show(self, state: VisitorState) -> None:
        """Show what stands on every screen."""
        top = self.query_one("#top", TopBar)
        top.left = Content("  ".join(filter(None, ("Live Help", state.topic, state.reference))))
        top.right = Content(self.visit.server_name)
        now = self.visit.clock.now()
        status = self.query_one("#status", TopBar)
        problem = self._advice or state.problem
        status.left = Content(problem or state.status(now))
        status.right = Content(state.typist(now))
        status.set_class(state.troubled or bool(problem), "-troubled")

    def advise(self, words: str) -> None:
        """Say what to put right in a form, until something in it changes."""
        self._advice = words
        self.show(self.visit.state)

    @on(Input.Changed)
    def _put_right(self) -> None:
        if self._advice:
            self.advise("")

    def action_leave(self) -> None:
        """Leave, after a question if something would be lost."""
        self.visit.leave()
