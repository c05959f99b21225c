"""What the apps have in common.

Owns the look, the worker that holds the connection, when a changed state is drawn, dialogues, and
how one leaves. Must not know who uses it, or what the state holds.
"""

from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from textual import on
from textual.app import App
from textual.screen import ModalScreen

from tui.alt_keys import read_alt_keys
from tui.clock import Clock
from tui.messages import ClientReady, RequestDone
from tui.screen import StageScreen
from tui.theme import CALM

if TYPE_CHECKING:
    from livehelp.client.states import Incoming
    from tui.link_worker import LinkWorker
    from tui.widgets.confirm import Confirm

A = TypeVar("A")
C = TypeVar("C", bound="AsyncIterable[Incoming]")
R = TypeVar("R")
S = TypeVar("S")

# The server is told that one leaves. With the link lost this wait would otherwise never end.
_FAREWELL_WAIT: Final = 3.0


class CalmApp(App[A]):
    """An app in our colours, which reads our keys.

    Args:
        clock: Where the time comes from.
    """

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, clock: Clock | None) -> None:
        super().__init__()
        read_alt_keys()
        self.clock = clock or Clock()
        self.register_theme(CALM)
        self.theme = CALM.name

    def tell(self, words: str) -> None:
        """Show ``words`` in the corner for some seconds."""
        self.notify(words, severity="warning", markup=False)

    def action_help_quit(self) -> None:
        """Textual's own Ctrl+C, where nothing is selected to copy: say which key leaves."""
        self.tell("Ctrl+Q leaves.")


class LinkedApp(CalmApp[None], Generic[C, S]):
    """An app with a connection, and a screen for each stage of its ``state``."""

    state: S

    def __init__(self, clock: Clock | None) -> None:
        super().__init__(clock)
        self._client: C | None = None
        self._link: LinkWorker[C] | None = None
        self._show_due = False

    def connecting(self) -> AbstractAsyncContextManager[C]:
        """Return the connection to hold."""
        raise NotImplementedError

    def farewell(self) -> None:
        """Leave the program, without a question."""
        raise NotImplementedError

    def before_leaving(self) -> "Confirm | None":
        """Return the question to ask before leaving, if something would be lost."""
        raise NotImplementedError

    # The worker.

    def on_mount(self) -> None:
        """Connect, once the first screen is painted."""
        self.call_after_refresh(self.start_link)

    def on_unmount(self) -> None:
        """Take no more requests."""
        self.close_link()

    def close_link(self) -> None:
        """Have the worker take no more requests."""
        if self._link is not None:
            self._link.close()

    def start_link(self) -> None:
        """Start the one worker that holds the connection."""
        # The client's imports cost more than the first screen: they come after it.
        from tui.link_worker import LinkWorker  # noqa: PLC0415

        self._link = self._link or LinkWorker(self.post_message)
        self.run_worker(self._link.run(self.connecting), name="link", exit_on_error=False)

    def request(
        self,
        call: Callable[[C], Awaitable[R]],
        *,
        done: Callable[[R], None] | None = None,
        refused: Callable[[str], None] | None = None,
    ) -> None:
        """Have ``call`` carried out on the client; arguments as ``LinkWorker.ask``'s."""
        if self._link is not None:
            self._link.ask(call, done=done, refused=refused)

    @on(ClientReady)
    def _held(self, event: "ClientReady[C]") -> None:
        self._client = event.client

    @on(RequestDone)
    def _answered(self, event: RequestDone) -> None:
        event.apply()

    # What the screens ask for.

    def ask(self, dialogue: ModalScreen[R], answered: Callable[[R], None]) -> None:
        """Put ``dialogue`` over the screen; ``answered`` gets its result, unless there is none."""

        def closed(result: R | None) -> None:
            if result is not None:
                answered(result)

        self.push_screen(dialogue, closed)

    def ring(self) -> None:
        """Ring the terminal's bell."""
        self.bell()

    def leave(self) -> None:
        """Leave the program, after a question if something would be lost."""
        if isinstance(self.screen, ModalScreen):
            return
        question = self.before_leaving()
        if question is None:
            self.farewell()
            return

        def answered(yes: bool) -> None:
            if yes:
                self.farewell()

        self.ask(question, answered)

    async def action_quit(self) -> None:
        """Textual's own Ctrl+Q, which comes before any screen's: leave as the screens do."""
        self.leave()

    def leave_after(self, call: Callable[[C], Awaitable[object]]) -> None:
        """Leave when the server has heard ``call``, or has been silent for too long."""
        self.set_timer(_FAREWELL_WAIT, self.exit)
        self.request(call, done=lambda _: self.exit(), refused=lambda _: self.exit())

    # How a state is shown.

    def show_soon(self) -> None:
        """Show the state once for all that has come: a log of a thousand lines is one picture."""
        if not self._show_due:
            self._show_due = True
            self.call_later(self.show_now)

    def show_now(self) -> None:
        """Show the state on the top screen, which may be under a dialogue."""
        self._show_due = False
        top = self.top()
        if top is not None and top.is_mounted and self.is_running:
            top.show(self.state)

    def top(self) -> "StageScreen[S] | None":
        """Return the screen of the present stage."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, StageScreen):
                return cast("StageScreen[S]", screen)
        return None

    def close_dialogues(self) -> None:
        """Take away what stands over the screen: the stage it asked about is over."""
        while isinstance(self.screen, ModalScreen):
            self.pop_screen()
