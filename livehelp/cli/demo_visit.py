"""A scripted visit, for a demo without a terminal: both sides, through the same client library.

Owns the words that are said. Prints each thing as the other side gets it, line by line.
"""

import textwrap
from collections.abc import Callable
from typing import Final

import anyio

from livehelp import OperatorClient, VisitorClient
from livehelp.wire.events import Joined, Line, Opened
from livehelp.wire.signals import Position

# Everything happens on this machine; whatever takes this many seconds will not happen.
PATIENCE: Final = 20.0
VISITOR: Final = "Pat"
WIDTH: Final = 68
TOPIC: Final = "Vehicles and licences"


def play(address: str, operator: str, password: str, tell: Callable[[str], None]) -> str:
    """Play the visit; return the session's reference."""
    return anyio.run(_play, address, operator, password, tell)


async def _play(address: str, name: str, password: str, tell: Callable[[str], None]) -> str:
    tell(f"A server is running on {address}.\n")
    with anyio.fail_after(PATIENCE):
        async with (
            OperatorClient.connect(address) as operator,
            VisitorClient.connect(address, place="Demo kiosk") as visitor,
        ):
            await operator.login(name, password)
            tell(f"{name:>8} | signed in, nobody is waiting")
            assert visitor.server is not None
            tell(_told(VISITOR, visitor.server.notice))
            started = await visitor.start(name=VISITOR, topic=TOPIC)
            position = await visitor.expect(Position)
            tell(f"{VISITOR:>8} | waits, number {position.position} of {position.waiting}")
            opened = await operator.expect(Opened)
            tell(
                f"{name:>8} | *bell* {opened.name} entered: {opened.topic} "
                f"({opened.client} {opened.version}, {opened.ip}, {opened.place})"
            )
            await operator.take(started.session)
            joined = await visitor.expect(Joined)
            tell(f"{VISITOR:>8} | {joined.operator} has joined")
            for by_visitor, text in _TALK:
                if by_visitor:
                    await visitor.say(text)
                    tell(_heard(name, await operator.expect_line()))
                else:
                    await operator.say(started.session, text)
                    tell(_heard(VISITOR, await visitor.expect_line()))
            await visitor.end()
            await visitor.interview({visitor.server.questions[0]: "Yes, thank you!"})
            tell(f"{VISITOR:>8} | ended the visit and answered one question")
            return started.session


def _told(who: str, notice: str) -> str:
    """Return the notice on lines that fit a terminal."""
    first, *rest = textwrap.wrap(f"is told: {notice}", WIDTH)
    return "\n".join([f"{who:>8} | {first}", *(f"{'':>8} | {line}" for line in rest)])


def _heard(who: str, line: Line) -> str:
    return f"{who:>8} | {line.name}: {line.text}"


_TALK: Final = (
    (True, "Hello, my licence plates are worn. How do I get new ones?"),
    (False, f"Good morning {VISITOR}. Your county clerk replaces them. Which county are you in?"),
    (True, "Franklin county."),
    (False, "Then it is the clerk in Frankfort. Bring the old plates and your registration."),
    (True, "That was quick. Thank you!"),
)
