"""What the operator's screens have in common.

Owns the top bar and how a screen is shown a state, and the list of what an operator can do. Must
not know what stands below the bar.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from textual.content import Content
from textual.screen import ModalScreen

from tui.clock import Clock
from tui.operator.state import OperatorState, Stage
from tui.screen import StageScreen
from tui.widgets.top_bar import TopBar

T = TypeVar("T")


class OperatorActions(Protocol):
    """What an operator can do, and what there is to show: the app, as its screens see it."""

    clock: Clock
    state: OperatorState
    server_name: str
    first_name: str

    def sign_in(self, name: str, password: str) -> None:
        """Sign in."""
        ...

    def look_at(self, session: str) -> None:
        """Bring a session into view."""
        ...

    def take(self, session: str | None = None) -> None:
        """Take a waiting visitor: the one named, or who has waited longest."""
        ...

    def write(self, text: str) -> None:
        """Send a line, or a note, in the session in view."""
        ...

    def draft(self, session: str, text: str, *, noting: bool) -> None:
        """Keep what is being written in a session, as a note or a line."""
        ...

    def note(self, *, noting: bool) -> None:
        """Write a note, or go back to talking."""
        ...

    def typing(self, *, on: bool) -> None:
        """Tell the visitor in view that one types, or stopped."""
        ...

    def transfer(self, to: str | None) -> None:
        """Hand the session in view to ``to``, or put it back in the queue."""
        ...

    def end(self) -> None:
        """End the session in view."""
        ...

    def put_away(self) -> None:
        """Take the session in view, which has ended, off the desk."""
        ...

    def recall(self, session: str) -> None:
        """Fetch the visit before."""
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
        """Sign out and leave the program."""
        ...


class OperatorScreen(StageScreen[OperatorState]):
    """A screen of one stage. Subclasses compose it and extend ``show``."""

    def __init__(self, desk: OperatorActions) -> None:
        super().__init__()
        self.desk = desk

    def on_mount(self) -> None:
        """Show the present state; there are no widgets if the app closes at this moment."""
        if self.children:
            self.show(self.desk.state)

    def show(self, state: OperatorState) -> None:
        """Show the top bar."""
        top = self.query_one("#top", TopBar)
        top.left = Content("  ".join(filter(None, ("Live Help", state.me))))
        at_desk = state.stage is Stage.DESK
        figures = (state.summary(),) if at_desk else ()
        top.right = Content("  ".join((*figures, self.link_words(state))))

    def link_words(self, state: OperatorState) -> str:
        """Return how the link stands, in one word and the server's name."""
        return f"{self.desk.server_name} {'connected' if state.connection.up else 'NOT CONNECTED'}"

    def action_leave(self) -> None:
        """Sign out and leave."""
        self.desk.leave()
