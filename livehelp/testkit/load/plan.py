"""Who says what, when: the whole load as data, drawn from a seed before anybody connects.

Times are in seconds from the moment when all visitors are in talk.
"""

import random
from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

# One process makes the load. Each visit that opens, is taken and ends is told to every operator, so
# more visitors than this need an office's worth of machines to play them.
MAX_VISITORS: Final = 5_000
# Each operator is told of each visit: 500 operators and 5,000 visitors are 2.5 million messages
# before the first line is said.
MAX_OPERATORS: Final = 500
# About twice what one Python process can say and hear through the client library.
MAX_RATE: Final = 2_000.0
# A longer run is a soak test, and wants a machine and a service manager of its own. An hour at
# MAX_RATE is 7.2 million lines, each with three times of 8 bytes that are kept: 173 MB.
MAX_SECONDS: Final = 3_600.0
# A short visit of the kind that a help desk sees all day; 0 is one visit to the end of the load.
LINES_PER_VISIT: Final = 12
MAX_LINES_PER_VISIT: Final = 1_000

_WORDS: Final = (
    "Hello, how do I renew my plates?",
    "Which county do you live in?",
    "Fayette.",
    "I have moved since then. Is it enough to write the new address on the form, or do I tell you?",
    "It is enough to write it on the form.",
    "Thank you.",
    "You will find the form on the portal, under Vehicles and licences.\nIt is number 71A100.",
    "And what does it cost?",
    "21 dollars, and 2 for the clerk.",
)

Side = Literal["visitor", "operator"]


class Due(Struct, frozen=True):
    """One line of the plan.

    Attributes:
        at: When it is due, in seconds.
        slot: At which visitor's place, from 0.
        by: Who says it.
        words: What is said.
        last: The visit at this place ends after it.
    """

    at: float
    slot: int
    by: Side
    words: str
    last: bool


class Plan(Struct, frozen=True, kw_only=True):
    """The size of a load.

    Attributes:
        visitors: How many talk at any time; when a visit ends, another visitor comes.
        operators: How many operators there are.
        rate: Lines a second, of both sides together.
        seconds: How long lines are said.
        lines_per_visit: After so many a visit ends; 0 is never.
        seed: The same seed is the same lines.
    """

    visitors: int
    operators: int
    rate: float
    seconds: float
    lines_per_visit: int = LINES_PER_VISIT
    seed: int = 0

    def __post_init__(self) -> None:
        for words, value, low, high in (
            ("visitors", self.visitors, 1, MAX_VISITORS),
            ("operators", self.operators, 1, MAX_OPERATORS),
            ("lines a second", self.rate, 0.1, MAX_RATE),
            ("seconds", self.seconds, 0.1, MAX_SECONDS),
            ("lines a visit", self.lines_per_visit, 0, MAX_LINES_PER_VISIT),
        ):
            if not low <= value <= high:
                raise ValueError(f"There can be {low:g} to {high:g} {words}, not {value:g}.")

    def operator_of(self, slot: int) -> int:
        """Return which operator helps at a visitor's place; each gets as many as the others."""
        return slot % self.operators

    def lines(self) -> Iterator[Due]:
        """Give every line in the order of time.

        A line is due somewhere in its own ``1 / rate`` seconds. The places take turns in an order
        that stays, so that the lines of one place are never much closer together than
        ``visitors / rate`` seconds: time in which a visit can end and the next one begin.
        """
        chance = random.Random(self.seed)  # noqa: S311 - no secret: the same lines again
        turns = chance.sample(range(self.visitors), self.visitors)
        # The first visits are under way already, so that not all end at once.
        left = [chance.randint(1, max(1, self.lines_per_visit)) for _ in turns]
        for number in range(int(self.rate * self.seconds)):
            slot = turns[number % self.visitors]
            left[slot] -= 1
            last = self.lines_per_visit > 0 and left[slot] == 0
            if last:
                left[slot] = self.lines_per_visit
            yield Due(
                at=(number + chance.random()) / self.rate,
                slot=slot,
                by="visitor" if chance.random() < 0.5 else "operator",
                words=chance.choice(_WORDS),
                last=last,
            )
