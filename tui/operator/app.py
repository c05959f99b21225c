"""The operator's app.

Owns the one ``OperatorState``: every change goes through ``change``, which shows it and rings the
bell. Turns what the screens ask for into requests to the client. Must not know sockets, or how a
screen looks.
"""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on

from livehelp.client.address import Address
from livehelp.sentences import Reader
from livehelp.wire.events import AnyEvent
from livehelp.wire.replies import Ack, LoggedIn
from tui.app import LinkedApp
from tui.clock import Clock
from tui.link_status import Link
from tui.link_worker import LinkWorker
from tui.messages import MessageReceived
from tui.operator.main_screen import MainScreen
from tui.operator.overview_state import FloorView
from tui.operator.reducer import apply
from tui.operator.screen import OperatorScreen
from tui.operator.sign_in import SignInScreen
from tui.operator.state import OperatorState, Stage
from tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from livehelp.client.operator import OperatorClient

# Waiting times and countdowns are shown in whole seconds or minutes.
_TICK: Final = 1.0


class OperatorApp(LinkedApp["OperatorClient", OperatorState]):
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

    def __init__(
        self,
        address: str | Address,
        *,
        name: str | None = None,
        place: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        self.state = OperatorState()
        self.first_name = name or ""
        self._address = Address.parse(address)
        self.server_name = str(self._address)
        self._place = place
        # From the start: somebody may type name and password before the first screen is painted.
        self._link = LinkWorker(self.post_message)
        self._numbers = 0
        self._typing_to = ""

    def get_default_screen(self) -> OperatorScreen:
        """Begin with the form: one screen less to build before the first paint."""
        return SignInScreen(self)

    def on_mount(self) -> None:
        """Let time pass on the screen. Textual calls the base's own ``on_mount`` by itself."""
        self.set_interval(_TICK, self.show_now)

    def connecting(self) -> "AbstractAsyncContextManager[OperatorClient]":
        """Return the connection to hold."""
        # The client's imports cost more than the first screen: they come after it.
        from livehelp.client.operator import OperatorClient  # noqa: PLC0415

        return OperatorClient.connect(self._address, place=self._place, wait=True)

    # What comes from the worker, and from the terminal.

    @on(MessageReceived)
    def _heard(self, event: MessageReceived) -> None:
        self.change(apply(self.state, event.what, self._floor(), self.clock.now()))

    def on_app_focus(self, _: events.AppFocus) -> None:
        """The operator looks at the terminal again."""
        self.change(self.state.watch(watching=True))

    def on_app_blur(self, _: events.AppBlur) -> None:
        """The operator looks elsewhere: what comes now is unread."""
        self.change(self.state.watch(watching=False))

    def _floor(self) -> FloorView:
        return FloorView.of(self._client.overview) if self._client is not None else FloorView()

    # What the screens ask for.

    def sign_in(self, name: str, password: str) -> None:
        """Sign in."""
        if self.state.connection.link is Link.ENDED:
            # The old worker is done; what was said and drafted stays here.
            self.close_link()
            self._link = LinkWorker(self.post_message)
            self.start_link()
        self.change(self.state.signing_in(name))

        def done(reply: LoggedIn) -> None:
            self.change(self.state.signed_in(reply.name, self._floor()))

        self.request(
            lambda client: client.login(name, password),
            done=done,
            refused=lambda why: self.change(self.state.not_signed_in(why)),
        )

    def look_at(self, session: str) -> None:
        """Bring a session into view, at once: what is typed next belongs to it."""
        self.change(self.state.look_at(session))
        self.show_now()

    def take(self, session: str | None = None) -> None:
        """Take a waiting visitor: the one named, or who has waited longest.

        Not while the link is lost: whoever it brought would come into view while one types to
        another. Nor while a take is on its way: impatience would bring two.
        """
        if self.state.taking:
            return
        if not self.state.connection.up:
            self.tell("Not connected. Take the visitor when the connection is back.")
            return
        self.change(self.state.take_asked())

        def done(ack: Ack) -> None:
            self.change(self.state.take_answered(self._floor(), ack.session or ""))
            self.show_now()
            self._to_composer()

        def refused(why: str) -> None:
            self.change(self.state.take_answered(self._floor()))
            self.tell(why)

        self.request(lambda client: client.take(session), done=done, refused=refused)

    def write(self, text: str) -> None:
        """Send a line, or a note, in the session in view."""
        session, chat = self.state.current, self.state.chat(self.state.current)
        self._numbers += 1
        number = self._numbers
        typed = chat.typed(number, text, self.state.me, self.clock.now())
        self.change(self.state.with_chat(session, typed))

        def done(ack: Ack) -> None:
            self.change(self.state.acked(session, number, ack.seq))

        def refused(why: str) -> None:
            self.change(self.state.refused(session, number, why))

        if chat.noting:
            self.request(lambda client: client.note(session, text), done=done, refused=refused)
        else:
            self.request(lambda client: client.say(session, text), done=done, refused=refused)

    def draft(self, session: str, text: str, *, noting: bool) -> None:
        """Keep what is being written in a session."""
        if session in self.state.desk:
            chat = self.state.chat(session).drafted(text, noting=noting)
            self.state = self.state.with_chat(session, chat)

    def note(self, *, noting: bool) -> None:
        """Write a note, or go back to talking."""
        self.change(self.state.noting(noting=noting))
        self.show_now()

    def typing(self, *, on: bool) -> None:
        """Tell the visitor in view that one types, or stopped. A note is nobody's business.

        By the time one has stopped another session may be in view.
        """
        noting = self.state.chat(self.state.current).noting
        session = self._typing_to
        if on:
            session = self.state.current if self.state.may_write and not noting else ""
        self._typing_to = session if on else ""
        if session:
            self.request(lambda client: client.typing(session, on))

    def transfer(self, to: str | None) -> None:
        """Hand the session in view to ``to``, or put it back in the queue."""
        session = self.state.current
        self.request(lambda client: client.transfer(session, to), refused=self.tell)
        self._tell_of_delay()

    def end(self) -> None:
        """End the session in view."""
        session = self.state.current
        self.request(lambda client: client.end(session), refused=self.tell)
        self._tell_of_delay()

    def put_away(self) -> None:
        """Take the session in view, which has ended, off the desk."""
        self.change(self.state.put_away(self.state.current))
        self.show_now()

    def recall(self, session: str) -> None:
        """Fetch the visit before."""
        self.change(self.state.with_chat(session, self.state.chat(session).recalling()))

        def done(told: list[AnyEvent]) -> None:
            chat = self.state.chat(session).recalled(told, Reader(self.state.me))
            self.change(self.state.with_chat(session, chat))

        def refused(why: str) -> None:
            self.change(self.state.with_chat(session, self.state.chat(session).not_recalled(why)))

        self.request(lambda client: client.recall(session), done=done, refused=refused)

    def before_leaving(self) -> Confirm | None:
        """Return a question, if visitors would be left."""
        loss = self.state.loss
        return Confirm(f"{loss} Sign out?", yes="Sign out", no="Stay") if loss else None

    def farewell(self) -> None:
        """Sign out and leave."""
        if self.state.stage is Stage.DESK and self.state.connection.up:
            self.leave_after(lambda client: client.logout())
        else:
            self.exit()

    # How the state changes, and is shown.

    def change(self, state: OperatorState) -> None:
        """Make ``state`` the present one, show it, and ring if it is time to."""
        before, self.state = self.state, state
        if not self.is_running:
            return  # the app closes: its screens go before the last messages have come
        if state.rings > before.rings:
            self.bell()
        at_desk = isinstance(self.top(), MainScreen)
        if at_desk == (state.stage is Stage.DESK):
            self.show_soon()
            return
        self.close_dialogues()
        # The form is the app's default screen; the desk stands on it.
        if at_desk:
            self.pop_screen()
            self.call_after_refresh(self.show_now)
        else:
            self.push_screen(MainScreen(self))

    def _tell_of_delay(self) -> None:
        if not self.state.connection.up:
            self.tell("Not connected. It will be done when the connection is back.")

    def _to_composer(self) -> None:
        top = self.top()
        if isinstance(top, MainScreen):
            top.to_composer()


def run_operator(
    address: str | Address, *, name: str | None = None, place: str | None = None
) -> None:
    """Run the app in this terminal until the operator leaves; arguments as ``OperatorApp``'s."""
    OperatorApp(address, name=name, place=place).run()
