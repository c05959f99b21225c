"""The visitor's app.

Owns the one ``VisitorState``: every change goes through ``change``, which shows it. Turns what the
screens ask for into requests to the client. Must not know sockets, or how a screen looks.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on

from tui.app import LinkedApp
from tui.clock import Clock
from tui.messages import MessageReceived
from tui.visitor.screen import VisitorScreen
from tui.visitor.state import Stage, VisitorState
from tui.visitor.welcome import WelcomeScreen

if TYPE_CHECKING:
    from livehelp.client.address import Address
    from livehelp.client.tokens import TokenFile
    from livehelp.client.visitor import VisitorClient
    from livehelp.wire.replies import Ack, Resumed, Started
    from tui.widgets.confirm import Confirm

# The countdown of a lost link and "is typing" are shown in whole seconds.
_TICK: Final = 1.0


class VisitorApp(LinkedApp["VisitorClient", VisitorState]):
    """``livehelp visit``.

    Args:
        address: Where the server is.
        tokens: Where the token of this visit is kept for the next one; None leaves no cookie.
        place: The page or the kiosk the visitor comes from.
        clock: Where the time comes from.
    """

    TITLE = "Live Help"
    # The form is the default screen, whose own CSS_PATH Textual would not read.
    CSS_PATH: ClassVar = [
        Path(__file__).parents[1] / "app.tcss",
        Path(__file__).with_name("welcome.tcss"),
    ]

    def __init__(
        self,
        address: "str | Address",
        *,
        tokens: "TokenFile | None" = None,
        place: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        self.state = VisitorState()
        self._address = address
        self.server_name = str(address)
        self._tokens = tokens
        self._place = place
        self._lines = 0
        self._offered = False

    def get_default_screen(self) -> VisitorScreen:
        """Begin with the form: one screen less to build before the first paint."""
        return WelcomeScreen(self)

    def on_mount(self) -> None:
        """Let time pass on the screen. Textual calls the base's own ``on_mount`` by itself."""
        self.set_interval(_TICK, self._tick)

    def connecting(self) -> "AbstractAsyncContextManager[VisitorClient]":
        """Return the connection to hold."""
        # As all of the client, not for the first screen.
        from livehelp.client.visitor import VisitorClient  # noqa: PLC0415

        return VisitorClient.connect(
            self._address, tokens=self._tokens, place=self._place, wait=True
        )

    # What comes from the worker.

    @on(MessageReceived)
    def _heard(self, event: MessageReceived) -> None:
        from tui.visitor.reducer import apply  # noqa: PLC0415, as in connecting

        state = apply(self.state, event.what, self.clock.now())
        server = self._client.server if self._client is not None else None
        self.change(state if server is state.server or server is None else state.greeted(server))
        if self.state.earlier is not None and not self._offered:
            self._offer_earlier()

    # What the screens ask for.

    def begin(self, name: str, topic: str) -> None:
        """Ask for help."""
        self.change(self.state.starting(name, topic))
        self.request(
            lambda client: client.start(name=name, topic=topic),
            done=self._started,
            refused=lambda why: self.change(self.state.not_started(why)),
        )

    def go_on_with_earlier(self) -> None:
        """Take up the visit that was cut off."""
        self.change(self.state.starting("", ""))
        self.request(
            lambda client: client.resume_earlier(),
            done=self._started,
            refused=lambda why: self.change(self.state.not_started(why)),
        )

    def say(self, text: str) -> None:
        """Send a line."""
        self._lines += 1
        number = self._lines
        self.change(self.state.typed(number, text, self.clock.now()))

        def acked(ack: "Ack") -> None:
            self.change(self.state.acked(number, ack.seq))

        self.request(
            lambda client: client.say(text),
            done=acked,
            refused=lambda why: self.change(self.state.refused(number, why)),
        )

    def typing(self, *, on: bool) -> None:
        """Tell that the visitor types, or stopped."""
        if self.state.stage is Stage.TALKING:
            self.request(lambda client: client.typing(on))

    def end(self) -> None:
        """End the conversation."""
        self.change(self.state.end_asked())

        def refused(why: str) -> None:
            self.change(self.state.end_refused())
            self.tell(why)

        self.request(lambda client: client.end(), refused=refused)

    def answer(self, answers: Sequence[tuple[str, str]], email: str) -> None:
        """Send the exit interview's answers and the wish for a transcript; both may be empty."""
        self.change(self.state.saving_answers(bool(answers) + bool(email)).go_on())

        def saved(outcome: str) -> None:
            self.change(self.state.answers_saved(outcome))

        if answers:
            self.request(
                lambda client: client.interview(dict(answers)),
                done=lambda _: saved("Your answers were saved."),
                refused=saved,
            )
        if email:
            # With the address, for it was typed once and nobody else will read it over.
            self.request(
                lambda client: client.request_transcript(email),
                done=lambda _: saved(f"The transcript was requested for {email}."),
                refused=saved,
            )

    def go_on(self) -> None:
        """Go to the next screen after the end."""
        self.change(self.state.go_on())

    def before_leaving(self) -> "Confirm | None":
        """Return a question, if something would be lost or left open."""
        from tui.widgets.confirm import Confirm  # noqa: PLC0415, not for the first screen

        top = self.top()
        begun = top.begun if top is not None else ""
        loss = " ".join(filter(None, (self.state.loss(returns=self._returns), begun)))
        return Confirm(f"{loss} Leave all the same?", yes="Leave", no="Stay") if loss else None

    def farewell(self) -> None:
        """Leave; end a conversation that cannot be gone on with, so that nobody waits for it."""
        open_here = self.state.stage is Stage.TALKING and self.state.connection.up
        if open_here and not self._returns:
            self.leave_after(lambda client: client.end())
        else:
            self.exit()

    @property
    def _returns(self) -> bool:
        """True if a token lets the visitor go on with the conversation later."""
        return self._tokens is not None

    # How the state changes, and is shown.

    def change(self, state: VisitorState) -> None:
        """Make ``state`` the present one and show it."""
        before, self.state = self.state, state
        if not self.is_running:
            return  # the app closes: its screens go before the last messages have come
        if _screen_of(before.stage) is not _screen_of(state.stage):
            self.close_dialogues()
            self.push_screen(_screen_of(state.stage)(self))
        else:
            self.show_soon()

    def _tick(self) -> None:
        if not self.state.connection.up or self.state.typing:
            self.show_now()

    def _started(self, started: "Started | Resumed") -> None:
        self.change(self.state.started(started))

    def _offer_earlier(self) -> None:
        earlier = self.state.earlier
        if earlier is None:
            return
        self._offered = True

        def answered(yes: bool) -> None:
            if yes:
                self.go_on_with_earlier()

        from tui.visitor.earlier import offer  # noqa: PLC0415, not for the first screen

        self.ask(offer(earlier, self.clock), answered)


def _screen_of(stage: Stage) -> type[VisitorScreen]:
    """Return the screen of a stage; all but the first are loaded when they are needed."""
    match stage:
        case Stage.WELCOME | Stage.STARTING:
            return WelcomeScreen
        case Stage.TALKING | Stage.ENDED:
            from tui.visitor.conversation_screen import ConversationScreen  # noqa: PLC0415

            return ConversationScreen
        case Stage.INTERVIEW:
            from tui.visitor.interview import InterviewScreen  # noqa: PLC0415

            return InterviewScreen
        case Stage.THANKS:
            from tui.visitor.goodbye import GoodbyeScreen  # noqa: PLC0415

            return GoodbyeScreen


def run_visitor(
    address: "str | Address", *, tokens: "TokenFile | None" = None, place: str | None = None
) -> None:
    """Run the app in this terminal until the visitor leaves; arguments as ``VisitorApp``'s."""
    VisitorApp(address, tokens=tokens, place=place).run()
