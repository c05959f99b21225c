"""The demo's operator.

Owns one ``OperatorState`` and the connection it comes from. Must not know the visitor's side: what
the two have of each other went through the server.
"""

from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from livehelp.client.operator import OperatorClient
from livehelp.wire.replies import Ack, LoggedIn
from tui.clock import Clock
from tui.demo.side import Side
from tui.link_worker import LinkWorker
from tui.messages import ClientReady, MessageReceived, RequestDone
from tui.operator.overview_state import FloorView
from tui.operator.reducer import apply
from tui.operator.state import OperatorState, Stage
from tui.operator.visitor_details import Facts, facts_of
from tui.widgets.composer import Composer


class OperatorSide(Side):
    """What an operator sees of the one visitor.

    Args:
        address: Where the server is.
        name: The operator's account,
        password: and its password.
        clock: Where the time comes from.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # The status says so. The composer, where there is one to write to, has Enter for itself.
        Binding("enter", "take", show=False),
    ]

    def __init__(self, address: str, name: str, password: str, clock: Clock) -> None:
        self._facts = Facts(classes="first")
        super().__init__(f"OPERATOR  {name}", self._facts, clock, id="operator")
        self.state = OperatorState()
        self._address = address
        self._name = name
        self._password = password
        self._link: LinkWorker[OperatorClient] = LinkWorker(self.post_message)
        self._client: OperatorClient | None = None
        self._lines = 0

    def begin(self) -> None:
        """Connect, and sign in."""
        connect = partial(OperatorClient.connect, self._address, wait=True)
        self.run_worker(self._link.run(connect), name="operator", exit_on_error=False)
        self.change(self.state.signing_in(self._name))

        def signed_in(reply: LoggedIn) -> None:
            self.change(self.state.signed_in(reply.name, self._floor()))

        self._link.ask(
            lambda client: client.login(self._name, self._password),
            done=signed_in,
            refused=lambda why: self.change(self.state.not_signed_in(why)),
        )

    def on_unmount(self) -> None:
        """Take no more requests."""
        self._link.close()

    @property
    def ready(self) -> bool:
        """True while signed in."""
        return self.state.stage is Stage.DESK

    @property
    def may_take(self) -> bool:
        """True while somebody waits and nobody is being helped."""
        state = self.state
        return bool(state.floor.waiting) and not state.taking and not state.may_write

    @property
    def helping(self) -> bool:
        """True from the take to the end of the visit."""
        return self.state.may_write

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nobody is taken who does not wait."""
        del parameters
        return self.may_take if action == "take" else True

    def action_take(self) -> None:
        """Take the visitor."""
        self.take()

    def take(self) -> None:
        """Take the visitor who has waited longest: there is only one."""
        self.change(self.state.take_asked())

        def done(ack: Ack) -> None:
            self.change(self.state.take_answered(self._floor(), ack.session or ""))

        def refused(why: str) -> None:
            self.change(self.state.take_answered(self._floor()))
            self._tell(why)

        self._link.ask(lambda client: client.take(), done=done, refused=refused)

    def end(self) -> None:
        """End the visit."""
        session = self.state.current
        self._link.ask(lambda client: client.end(session), refused=self._tell)

    def change(self, state: OperatorState) -> None:
        """Make ``state`` the present one, show it, and ring if it is time to."""
        if not state.current and state.floor.waiting:
            state = state.look_at(state.floor.waiting[0].session)
        before, self.state = self.state, state
        if state.rings > before.rings:
            self.post_message(self.Rang())
        self.show()

    def show(self) -> None:
        """Show the present state; also called each second, for what time changes."""
        state, now = self.state, self.clock.now()
        chat, visit = state.chat(state.current), state.visit(state.current)
        if visit is not None:
            self._facts.rows = tuple(facts_of(visit, chat, self.clock, now))
        self._facts.set_class(visit is None, "-empty")
        self._facts.set_class(state.current in state.desk, "-taken")
        self.paint(
            chat.talk.entries,
            status=self._status(),
            typist=chat.typist(now),
            troubled=state.troubled or bool(state.problem),
            may_write=state.may_write,
            empty="Nobody waits." if self.ready else "",
            closed="Take the visitor first (F2)." if self.may_take else "",
        )

    def _status(self) -> str:
        state, now = self.state, self.clock.now()
        if state.problem:
            return state.problem
        if state.connection.up and state.chat(state.current).ended:
            # The desk's own sentence offers to put the session away; here the demo is over.
            return "The conversation has ended."
        if state.stage is Stage.SIGNING_IN and state.connection.up:
            return "Signing in ..."
        return state.status(now) or state.summary()

    def _floor(self) -> FloorView:
        return FloorView.of(self._client.overview) if self._client is not None else FloorView()

    def _tell(self, why: str) -> None:
        self.notify(why, severity="warning", markup=False)

    # What comes from the link.

    @on(ClientReady)
    def _held(self, event: "ClientReady[OperatorClient]") -> None:
        event.stop()
        self._client = event.client

    @on(MessageReceived)
    def _heard(self, event: MessageReceived) -> None:
        event.stop()
        self.change(apply(self.state, event.what, self._floor(), self.clock.now()))

    @on(RequestDone)
    def _answered(self, event: RequestDone) -> None:
        event.stop()
        event.apply()

    # What the operator writes.

    def say(self, text: str) -> None:
        """Send a line."""
        self._lines += 1
        session, number = self.state.current, self._lines
        chat = self.state.chat(session).typed(number, text, self.state.me, self.clock.now())
        self.change(self.state.with_chat(session, chat))
        self._link.ask(
            lambda client: client.say(session, text),
            done=lambda ack: self.change(self.state.acked(session, number, ack.seq)),
            refused=lambda why: self.change(self.state.refused(session, number, why)),
        )

    @on(Composer.Typing)
    def _typing(self, event: Composer.Typing) -> None:
        session, on = self.state.current, event.on
        if self.helping:
            self._link.ask(lambda client: client.typing(session, on))
