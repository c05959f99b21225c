"""Both apps in scenes that are always the same: no link, a clock that stands still.

Owns the scenes of the snapshots. Events go in by the message that the link worker posts.
"""

from typing import Any

from livehelp.client.overview import Overview
from livehelp.client.states import Incoming, LinkLost, LinkUp
from livehelp.sentences import Reader
from livehelp.wire.events import AnyEvent, Event
from livehelp.wire.signals import Position, Presence, Roster, TypingSignal, Visit
from tests.tui.told import (
    EARLIER_LOG,
    HOSTILE,
    NOW,
    OTHER,
    REF,
    joined,
    later,
    noted,
    opened,
    said,
    server_hello,
    stopped_clock,
)
from tui.messages import MessageReceived
from tui.operator.app import OperatorApp
from tui.operator.overview_state import FloorView
from tui.operator.reducer import apply
from tui.visitor.app import VisitorApp

LONG = (
    "Good afternoon, Ann. I read that your licence has expired. Which county do you live in, "
    "and have you moved since it was issued?"
)


class VisitorScene(VisitorApp):
    """The visitor's app without a link."""

    def __init__(self) -> None:
        super().__init__("help.example.gov:5483", clock=stopped_clock())

    def start_link(self) -> None:
        """No link here."""

    async def hear(self, pilot: Any, *messages: Incoming) -> None:
        for message in messages:
            self.post_message(MessageReceived(message))
        await pilot.pause()

    async def greeted(self, pilot: Any) -> None:
        await self.hear(pilot, LinkUp(resumed=False))
        self.change(self.state.greeted(server_hello()))
        await pilot.pause()

    async def waiting(self, pilot: Any) -> None:
        await self.greeted(pilot)
        place = Position(session=REF, position=2, waiting=5, operators=3)
        await self.hear(pilot, opened(), place)
        await pilot.pause()

    async def talking(self, pilot: Any) -> None:
        await self.waiting(pilot)
        await self.hear(pilot, joined(), said(3, LONG, by="operator"))
        state = self.state.typed(1, "Fayette county.", later(60))
        state = state.typed(2, "And yes, I moved last month, from Georgetown.", later(61))
        self.change(state.acked(1, 4).acked(2, 5))
        typing = TypingSignal(session=REF, by="operator", name="dana", on=True)
        await self.hear(pilot, said(120, HOSTILE, by="operator"), typing)

    async def lost(self, pilot: Any) -> None:
        await self.talking(pilot)
        await self.hear(pilot, LinkLost("reset by peer", 4.0))
        self.change(self.state.typed(3, "Are you still there?", later(200)))
        await pilot.press("a", "n", "d")
        await pilot.pause()


class OperatorScene(OperatorApp):
    """The operator's app without a link, its floor folded from what it is told."""

    def __init__(self) -> None:
        super().__init__("help.example.gov:5483", name="dana", clock=stopped_clock())
        self.floor = Overview()

    def start_link(self) -> None:
        """No link here."""

    def recall(self, session: str) -> None:
        """What the server would send is here already."""
        chat = self.state.chat(session).recalled(EARLIER_LOG, Reader("dana"))
        self.change(self.state.with_chat(session, chat))

    async def hear(self, pilot: Any, *messages: Incoming) -> None:
        for message in messages:
            if isinstance(message, Visit | Presence | Roster):
                self.floor.signal(message)
            elif isinstance(message, Event):
                self.floor.event(message)
            view = FloorView.of(self.floor)
            self.change(apply(self.state, message, view, self.clock.now()))
        await pilot.pause()

    async def at_desk(self, pilot: Any) -> None:
        await self.hear(pilot, LinkUp(resumed=False))
        self.change(self.state.signing_in("dana"))
        self.floor.begin("dana")
        await self.hear(pilot, Roster(operators=("dana", "eli", "fran")))
        self.change(self.state.signed_in("dana", FloorView.of(self.floor)))
        await pilot.pause()

    async def busy(self, pilot: Any) -> None:
        await self.at_desk(pilot)
        people: list[AnyEvent] = [
            opened(previous="B222-CCCC"),
            opened(OTHER, "Bob [b]x[/b]", at=later(-720), topic="Vehicle registration"),
            opened("R4T6-ZZK9", "Carmen Diaz", at=later(-60), topic="Property tax, second car"),
            opened("X2Y3-ZZZ2", "Deepak", at=NOW, topic="Business filings"),
        ]
        await self.hear(pilot, *people)
        for session in (OTHER, REF):
            self.change(self.state.take_asked())
            await self.hear(pilot, joined(session=session))
            self.change(self.state.take_answered(FloorView.of(self.floor), session))
        await self.hear(
            pilot,
            said(3, "Hello. My licence has expired, and I moved last month. What do I bring?"),
            said(3, "Hello?", session=OTHER),
            said(4, "Anybody?", session=OTHER),
            Presence(session=OTHER, by="visitor", name="Bob", online=False),
        )
        chat = self.state.chat(REF).typed(1, f"{LONG} {HOSTILE}", "dana", later(60))
        self.change(self.state.with_chat(REF, chat).acked(REF, 1, 4))
        typing = TypingSignal(session=REF, by="visitor", name="Ann Lee", on=True)
        await self.hear(pilot, noted(80, "She has form TC 94-13 already."), typing)
        self.screen.query_one("#composer").focus()
        await pilot.press("C", "a", "n")
        await pilot.pause()
