"""The demo's visitor.

Owns one ``VisitorState`` and the connection it comes from. Must not know the operator's side: what
the two have of each other went through the server.
"""

from functools import partial
from typing import Final

from textual import on
from textual.content import Content
from textual.widgets import Static

from livehelp.client.visitor import VisitorClient
from livehelp.wire.replies import Ack
from livehelp.wire.text import clean_text
from tui.clock import Clock
from tui.demo.side import Side
from tui.link_worker import LinkWorker
from tui.messages import ClientReady, MessageReceived, RequestDone
from tui.visitor.reducer import apply
from tui.visitor.state import Stage, VisitorState
from tui.widgets.composer import Composer

NAME: Final = "Pat"
TOPIC: Final = "Vehicles and licences"
PLACE: Final = "Demo kiosk"


class VisitorSide(Side):
    """What a visitor at a kiosk sees.

    Args:
        address: Where the server is.
        clock: Where the time comes from.
    """

    def __init__(self, address: str, clock: Clock) -> None:
        self._notice = Static(classes="first")
        super().__init__(f"VISITOR  {NAME}", self._notice, clock, id="visitor")
        self.state = VisitorState()
        self._address = address
        self._link: LinkWorker[VisitorClient] = LinkWorker(self.post_message)
        self._client: VisitorClient | None = None
        self._lines = 0

    def begin(self) -> None:
        """Connect, and ask for help."""
        # No token: each demo has a database of its own, so there is no visit before this one.
        connect = partial(VisitorClient.connect, self._address, place=PLACE, wait=True)
        self.run_worker(self._link.run(connect), name="visitor", exit_on_error=False)
        self.change(self.state.starting(NAME, TOPIC))
        self._link.ask(
            lambda client: client.start(name=NAME, topic=TOPIC),
            done=lambda started: self.change(self.state.started(started)),
            refused=lambda why: self.change(self.state.not_started(why)),
        )

    def on_unmount(self) -> None:
        """Take no more requests."""
        self._link.close()

    @property
    def talking(self) -> bool:
        """True from the first event of the visit to its end."""
        return self.state.stage is Stage.TALKING

    @property
    def ended(self) -> bool:
        """True after the end of the visit."""
        return self.state.stage in {Stage.ENDED, Stage.INTERVIEW, Stage.THANKS}

    def end(self) -> None:
        """End the visit."""
        self.change(self.state.end_asked())

        def refused(why: str) -> None:
            self.change(self.state.end_refused())
            self.notify(why, severity="warning", markup=False)

        self._link.ask(lambda client: client.end(), refused=refused)

    def change(self, state: VisitorState) -> None:
        """Make ``state`` the present one and show it."""
        self.state = state
        self.show()

    def show(self) -> None:
        """Show the present state; also called each second, for what time changes."""
        state, now = self.state, self.clock.now()
        if state.server is not None:
            self._notice.update(Content(clean_text(state.server.notice)))
            self._notice.border_title = Content("Before you begin")
        self._notice.set_class(state.server is None, "-empty")
        self._notice.set_class(bool(state.operators) or self.ended, "-taken")
        self.paint(
            state.talk.entries,
            status=state.problem or state.status(now),
            typist=state.typist(now),
            troubled=state.troubled or bool(state.problem),
            may_write=self.talking,
        )

    # What comes from the link.

    @on(ClientReady)
    def _held(self, event: "ClientReady[VisitorClient]") -> None:
        event.stop()
        self._client = event.client

    @on(MessageReceived)
    def _heard(self, event: MessageReceived) -> None:
        event.stop()
        state = apply(self.state, event.what, self.clock.now())
        server = self._client.server if self._client is not None else None
        self.change(state if server is None else state.greeted(server))

    @on(RequestDone)
    def _answered(self, event: RequestDone) -> None:
        event.stop()
        event.apply()

    # What the visitor writes.

    def say(self, text: str) -> None:
        """Send a line."""
        if not self.state.may_type:
            self.give_back(text)
            return
        self._lines += 1
        number = self._lines
        self.change(self.state.typed(number, text, self.clock.now()))

        def acked(ack: Ack) -> None:
            self.change(self.state.acked(number, ack.seq))

        self._link.ask(
            lambda client: client.say(text),
            done=acked,
            refused=lambda why: self.change(self.state.refused(number, why)),
        )

    @on(Composer.Typing)
    def _typing(self, event: Composer.Typing) -> None:
        on = event.on
        if self.talking:
            self._link.ask(lambda client: client.typing(on))
