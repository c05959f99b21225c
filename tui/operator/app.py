"""The operator's app.

Owns the one ``OperatorState``: every change goes through ``change``, which shows it and rings the
bell. Turns what the screens ask for into requests to the client. Must not know sockets, or how a
screen looks.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, on
from textual.app import App
from textual.screen import ModalScreen

from livehelp.client.address import Address
from livehelp.sentences import Reader
from livehelp.wire.events import AnyEvent
from livehelp.wire.replies import Ack, LoggedIn
from tui.clock import Clock
from tui.connection import Link
from tui.link import LinkWorker
from tui.messages import Answered, Heard, Held
from tui.operator.desk import DeskScreen
from tui.operator.floor import FloorView
from tui.operator.fold import heard
from tui.operator.screen import OperatorScreen
from tui.operator.sign_in import SignInScreen
from tui.operator.state import OperatorState, Stage
from tui.theme import CALM
from tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from livehelp.client.operator import OperatorClient

T = TypeVar("T")

# Waiting times and countdowns are shown in whole seconds or minutes.
_TICK = 1.0
# Signing out is worth this wait; with the link lost it would otherwise never end.
_SIGN_OUT_WAIT = 3.0


class OperatorApp(App[None]):
    """``livehelp operate``.

    Args:
        address: Where the server is.
        name: The name to offer for signing in.
        place: Where the operator sits, for the server's log.
        clock: Where the time comes from.

    Raises:
        ValueError: ``address`` is not one.
    """

    TITLE = "Live Help operator"
    # The form is the default screen, whose own CSS_PATH Textual would not read.
    CSS_PATH: ClassVar = [
        Path(__file__).parents[1] / "app.tcss",
        Path(__file__).with_name("sign_in.tcss"),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        address: str | Address,
        *,
        name: str | None = None,
        place: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__()
        self.clock = clock or Clock()
        self.state = OperatorState()
        self.first_name = name or ""
        self._address = Address.parse(address)
        self.server_name = str(self._address)
        self._place = place
        self._client: OperatorClient | None = None
        self._link: LinkWorker[OperatorClient] = LinkWorker(self.post_message)
        self._numbers = 0
        self._typing_to = ""
        self._show_due = False
        self.register_theme(CALM)
        self.theme = CALM.name

    def get_default_screen(self) -> OperatorScreen:
        """Begin with the form: one screen less to build before the first paint."""
        return SignInScreen(self)

    def on_mount(self) -> None:
        """Connect, once the first screen is painted."""
        self.call_after_refresh(self.start_link)
        self.set_interval(_TICK, self._tick)

    def on_unmount(self) -> None:
        """Take no more requests."""
        self._link.close()

    def start_link(self) -> None:
        """Start the one worker that holds the connection."""
        # The client's imports cost more than the first screen: they come after it.
        from livehelp.client.operator import OperatorClient  # noqa: PLC0415

        connect = partial(OperatorClient.connect, self._address, place=self._place, wait=True)
        self.run_worker(self._link.run(connect), name="link", exit_on_error=False)

    # What comes from the worker, and from the terminal.

    @on(Held)
    def _held(self, event: "Held[OperatorClient]") -> None:
        self._client = event.client

    @on(Heard)
    def _heard(self, event: Heard) -> None:
        self.change(heard(self.state, event.what, self._floor(), self.clock.now()))

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        event.apply()

    def on_app_focus(self, _: events.AppFocus) -> None:
        """The operator looks at the terminal again."""
        self.change(self.state.watch(watching=True))

    def on_app_blur(self, _: events.AppBlur) -> None:
        """The operator looks elsewhere: what comes now is unread."""
        self.change(self.state.watch(watching=False))

    def _floor(self) -> FloorView:
        return FloorView.of(self._client.floor) if self._client is not None else FloorView()

    # What the screens ask for.

    def sign_in(self, name: str, password: str) -> None:
        """Sign in."""
        if self.state.connection.link is Link.ENDED:
            # The old client is done; what was said and drafted stays here.
            self._link.close()
            self._link = LinkWorker(self.post_message)
            self.start_link()
        self.change(self.state.signing_in(name))

        def done(reply: LoggedIn) -> None:
            self.change(self.state.signed_in(reply.name, self._floor()))

        self._link.ask(
            lambda client: client.login(name, password),
            done=done,
            refused=lambda why: self.change(self.state.not_signed_in(why)),
        )

    def look_at(self, ref: str) -> None:
        """Bring a session into view, at once: what is typed next belongs to it."""
        self.change(self.state.look_at(ref))
        self._show()

    def take(self, ref: str | None = None) -> None:
        """Take a waiting visitor: the one named, or who has waited longest."""
        self.change(self.state.take_asked())

        def done(ack: Ack) -> None:
            self.change(self.state.take_answered(self._floor(), ack.session or ""))
            self._show()
            self._to_composer()

        def refused(why: str) -> None:
            self.change(self.state.take_answered(self._floor()))
            self.tell(why)

        self._link.ask(lambda client: client.take(ref), done=done, refused=refused)

    def write(self, text: str) -> None:
        """Send a line, or a note, in the session in view."""
        ref, chat = self.state.current, self.state.chat(self.state.current)
        self._numbers += 1
        number = self._numbers
        typed = chat.typed(number, text, self.state.me, self.clock.now())
        self.change(self.state.with_chat(ref, typed))

        def done(ack: Ack) -> None:
            self.change(self.state.acked(ref, number, ack.seq))

        def refused(why: str) -> None:
            self.change(self.state.refused(ref, number, why))

        if chat.noting:
            self._link.ask(lambda client: client.note(ref, text), done=done, refused=refused)
        else:
            self._link.ask(lambda client: client.say(ref, text), done=done, refused=refused)

    def draft(self, ref: str, text: str, *, noting: bool) -> None:
        """Keep what is being written in a session."""
        if ref in self.state.desk:
            chat = self.state.chat(ref).drafted(text, noting=noting)
            self.state = self.state.with_chat(ref, chat)

    def note(self, *, noting: bool) -> None:
        """Write a note, or go back to talking."""
        self.change(self.state.noting(noting=noting))
        self._show()

    def typing(self, *, on: bool) -> None:
        """Tell the visitor in view that one types, or stopped. A note is nobody's business.

        By the time one has stopped another session may be in view.
        """
        noting = self.state.chat(self.state.current).noting
        ref = self._typing_to
        if on:
            ref = self.state.current if self.state.may_write and not noting else ""
        self._typing_to = ref if on else ""
        if ref:
            self._link.ask(lambda client: client.typing(ref, on))

    def transfer(self, to: str | None) -> None:
        """Hand the session in view to ``to``, or put it back in the queue."""
        ref = self.state.current
        self._link.ask(lambda client: client.transfer(ref, to), refused=self.tell)

    def end(self) -> None:
        """End the session in view, or put it away if it has ended."""
        ref = self.state.current
        if self.state.chat(ref).ended:
            self.change(self.state.put_away(ref))
        else:
            self._link.ask(lambda client: client.end(ref), refused=self.tell)

    def recall(self, ref: str) -> None:
        """Fetch the visit before."""
        self.change(self.state.with_chat(ref, self.state.chat(ref).recalling()))

        def done(told: list[AnyEvent]) -> None:
            chat = self.state.chat(ref).recalled(told, Reader(self.state.me))
            self.change(self.state.with_chat(ref, chat))

        def refused(why: str) -> None:
            self.change(self.state.with_chat(ref, self.state.chat(ref).not_recalled(why)))

        self._link.ask(lambda client: client.recall(ref), done=done, refused=refused)

    def leave(self) -> None:
        """Sign out and leave the program, after a question if visitors would be left."""
        if isinstance(self.screen, ModalScreen):
            return
        loss = self.state.loss
        if not loss:
            self._sign_out()
            return

        def answered(yes: bool) -> None:
            if yes:
                self._sign_out()

        self.ask(Confirm(f"{loss} Sign out?", yes="Sign out", no="Stay"), answered)

    def _sign_out(self) -> None:
        if self.state.stage is not Stage.DESK or not self.state.connection.up:
            self.exit()
            return
        self.set_timer(_SIGN_OUT_WAIT, self.exit)
        self._link.ask(
            lambda client: client.logout(),
            done=lambda _: self.exit(),
            refused=lambda _: self.exit(),
        )

    def ask(self, dialogue: ModalScreen[T], answered: Callable[[T], None]) -> None:
        """Put ``dialogue`` over the screen; ``answered`` gets its result, unless there is none."""

        def closed(result: T | None) -> None:
            if result is not None:
                answered(result)

        self.push_screen(dialogue, closed)

    def ring(self) -> None:
        """Ring the terminal's bell."""
        self.bell()

    def tell(self, words: str) -> None:
        """Show ``words`` in the corner for some seconds."""
        self.notify(words, severity="warning", markup=False)

    async def action_quit(self) -> None:
        """Textual's own Ctrl+Q, which comes before any screen's: leave as the screens do."""
        self.leave()

    # How the state changes, and is shown.

    def change(self, state: OperatorState) -> None:
        """Make ``state`` the present one, show it, and ring if it is time to."""
        before, self.state = self.state, state
        if not self.is_running:
            return  # the app closes: its screens go before the last messages have come
        if state.rings > before.rings:
            self.bell()
        at_desk = isinstance(self._top(), DeskScreen)
        if at_desk == (state.stage is Stage.DESK):
            if not self._show_due:
                # Once for all that has come meanwhile: a log of a thousand lines is one picture.
                self._show_due = True
                self.call_later(self._show)
            return
        while isinstance(self.screen, ModalScreen):
            self.pop_screen()
        # The form is the app's default screen; the desk stands on it.
        if at_desk:
            self.pop_screen()
            self.call_after_refresh(self._show)
        else:
            self.push_screen(DeskScreen(self))

    def _top(self) -> OperatorScreen | None:
        screens = (s for s in reversed(self.screen_stack) if isinstance(s, OperatorScreen))
        return next(screens, None)

    def _show(self) -> None:
        """Show the state on the top screen, which may be under a dialogue."""
        self._show_due = False
        top = self._top()
        if top is not None and top.is_mounted and self.is_running:
            top.show(self.state)

    def _tick(self) -> None:
        self._show()

    def _to_composer(self) -> None:
        top = self._top()
        if isinstance(top, DeskScreen):
            top.to_composer()


def run_operator(
    address: str | Address, *, name: str | None = None, place: str | None = None
) -> None:
    """Run the app in this terminal until the operator leaves; arguments as ``OperatorApp``'s."""
    OperatorApp(address, name=name, place=place).run()
