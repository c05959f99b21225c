"""What happens in one random run: everything that can be drawn, drawn from one number.

Owns the draw. Must not know sockets or clients. The same seed is the same plan for ever on one
version of this file; when the threads of the machine run how is the machine's own, so a plan that
failed once may have to be played some times to fail again.
"""

import random
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from livehelp.wire.base import MAX_TEXT

Who: TypeAlias = Literal["visitor", "dana", "kim"]
# What the weather does to a link, and what a program or the server does.
# (`half-open` leaves the client with a dead connection, `ghost` the server.)
# A `transfer` comes back; what is given away does not.
Deed: TypeAlias = Literal[
    "cut",
    "stall",
    "half-open",
    "ghost",
    "kill",
    "full-disk",
    "restart",
    "sign-out",
    "transfer",
    "give",
]

FEWEST_LINES, MOST_LINES = 5, 30
# Over the window of 64 unanswered commands, so that some must wait to be sent at all.
FLOOD: Final = 80
# Times are in seconds, and below what a person notices: thousands of runs are to be made. Sizes are
# of a talk: a hello is 200 bytes up and 600 down, a line with its ack 300.
LONGEST_DOWN: Final = 0.015
LONGEST_STALL: Final = 0.02
LONGEST_FULL: Final = 0.03
MOST_FAULTS: Final = 6
# Only a missing heartbeat shows that a connection is half-open. Where that is tried the heartbeat
# is short, and the client finds out after two and a half; elsewhere a busy machine might look so.
SHORT_HEARTBEAT: Final = 0.1
LONG_HEARTBEAT: Final = 2.0


class Happening(Struct, frozen=True):
    """Something that happens once so many lines of the talk have been answered.

    Attributes:
        after: How many.
        deed: What happens.
        who: Whose link it is, or whose program; of no meaning for the server's end.
        seconds: How long it takes.
    """

    after: int
    deed: Deed
    who: Who
    seconds: float

    def __str__(self) -> str:
        whose = "the server" if self.deed in {"kill", "full-disk"} else self.who
        return f"after {self.after}: {self.deed} {whose} ({self.seconds * 1000:.0f} ms)"


class Plan(Struct, frozen=True):
    """One run.

    Attributes:
        seed: What it was drawn from.
        backend: The event loop of the clients.
        links: The profile of each one's link, as ``livehelp.testkit.faults`` reads it.
        bursts: For each side the lines it says: so many at once, one burst after another.
        notes: The places of those of the operator's lines that are notes.
        fill: How many characters are added to a line, by its place.
        happenings: In the order of their moments.
        tokens: The visitor's program keeps a token.
        password: The operators sign in with their password; else with the ticket of earlier.
        ender: Who ends the visit.
        max_faults: After so many faults of its profile a link is good: one that is cut before the
            hello is over, again and again, would only be waited for.
    """

    seed: int
    backend: Literal["asyncio", "trio"]
    links: dict[Who, str]
    bursts: dict[Who, tuple[int, ...]]
    notes: frozenset[int]
    fill: dict[int, int]
    happenings: tuple[Happening, ...]
    tokens: bool
    password: bool
    ender: Who
    max_faults: int

    @property
    def lines(self) -> int:
        """How many lines and notes the visitor and the first operator say."""
        return sum(map(sum, self.bursts.values()))

    @property
    def heartbeat(self) -> float:
        """The clients' heartbeat, in seconds."""
        dead = any(happening.deed == "half-open" for happening in self.happenings)
        return SHORT_HEARTBEAT if dead else LONG_HEARTBEAT

    @property
    def participants(self) -> tuple[Who, ...]:
        """Who takes part."""
        return tuple(self.links)

    @property
    def refusable(self) -> set[Who]:
        """Whose lines a server may have a reason to refuse: all of them while its disk is full.

        And an operator's, who may have left the visit by then.
        """
        deeds = {happening.deed for happening in self.happenings}
        if "full-disk" in deeds:
            return set(self.participants)
        return set(self.participants[1:]) if deeds & {"sign-out", "transfer", "give"} else set()

    def __str__(self) -> str:
        rows = [f"seed {self.seed}, under {self.backend}"]
        rows += [f"{who}'s link: {profile}" for who, profile in self.links.items()]
        rows += [f"{who} says {bursts}" for who, bursts in self.bursts.items()]
        rows.append(f"notes {sorted(self.notes)}, fill {self.fill}")
        rows += map(str, self.happenings)
        rows.append(
            f"tokens: {self.tokens}, password: {self.password}, ended by the {self.ender}, "
            f"good links after {self.max_faults} faults"
        )
        return "\n".join(rows)


def draw(seed: int) -> Plan:
    """Return the plan of this seed."""
    chance = random.Random(seed)  # noqa: S311 - not a secret, and the same for the same seed
    bursts: dict[Who, tuple[int, ...]] = {
        "visitor": _bursts(chance),
        "dana": _bursts(chance),
    }
    operators_lines = sum(bursts["dana"])
    lines = operators_lines + sum(bursts["visitor"])
    participants: list[Who] = ["visitor", "dana"]
    happenings: list[Happening] = []
    if chance.random() < 0.25:
        participants.append("kim")
        deed = chance.choices(("transfer", "give"), (70, 30))[0]
        happenings.append(_at(chance, lines, deed, "dana"))
    # Both take the server a tenth of a second: a sign-in the hash of a password, a full disk the
    # pause before it is tried again.
    if chance.random() < 0.05:
        happenings.append(_at(chance, lines, "sign-out", "dana"))
    if chance.random() < 0.05:
        happenings.append(_at(chance, lines, "full-disk", "dana", LONGEST_FULL))
    restarts: list[Who] = [who for who in participants[:2] if chance.random() < 0.2]
    happenings += [_at(chance, lines, "restart", who) for who in restarts]
    happenings += [
        _at(chance, lines, "kill", "visitor", LONGEST_DOWN)
        for _ in range(chance.choices((0, 1, 2), (60, 28, 12))[0])
    ]
    for _ in range(chance.choices((0, 1, 2, 4), (30, 30, 25, 15))[0]):
        happenings.append(_fault(chance, lines, chance.choice(participants)))
    return Plan(
        seed=seed,
        backend=chance.choice(("asyncio", "trio")),
        links={who: _profile(chance) for who in participants},
        bursts=bursts,
        notes=frozenset(n for n in range(operators_lines) if chance.random() < 0.08),
        fill={
            n: chance.randint(1, MAX_TEXT - 100)
            for n in range(max(map(sum, bursts.values())))
            if chance.random() < 0.05
        },
        happenings=tuple(sorted(happenings, key=lambda h: h.after)),
        tokens="visitor" in restarts or chance.random() < 0.1,
        password=chance.random() < 0.04,
        ender=chance.choice(("visitor", "dana")),
        max_faults=chance.randint(1, MOST_FAULTS),
    )


def _bursts(chance: random.Random) -> tuple[int, ...]:
    """Draw how one side says its lines: one by one, some together, or all at once."""
    left = FLOOD if chance.random() < 0.01 else chance.randint(FEWEST_LINES, MOST_LINES)
    manner = chance.random()
    bursts: list[int] = []
    while left:
        together = left if manner < 0.1 else 1 if manner < 0.3 else chance.choice((1, 1, 2, 5, 12))
        bursts.append(min(together, left))
        left -= bursts[-1]
    return tuple(bursts)


def _at(chance: random.Random, lines: int, deed: Deed, who: Who, longest: float = 0.0) -> Happening:
    return Happening(chance.randrange(lines), deed, who, round(chance.uniform(0, longest), 4))


def _fault(chance: random.Random, lines: int, who: Who) -> Happening:
    deed = chance.choices(("cut", "stall", "ghost", "half-open"), (40, 35, 15, 10))[0]
    longest = {"cut": LONGEST_DOWN, "stall": LONGEST_STALL}.get(deed, 0.0)
    return _at(chance, lines, deed, who, longest)


def _profile(chance: random.Random) -> str:
    """Draw what a link does by itself, in bytes; some are good."""
    if chance.random() < 0.3:
        return "good"
    settings: list[str] = []
    if chance.random() < 0.8:
        low = chance.randint(100, 2_000)
        settings += [
            f"cut={low}..{low * chance.randint(1, 5)}B",
            f"reset={chance.choice((0, 50, 100))}%",
            f"down=0..{chance.choice((0, 5, 15))}ms",
        ]
        if chance.random() < 0.5:
            settings += [
                f"double={chance.choice((30, 100))}%",
                f"late=0..{chance.choice((5, 20, 60))}ms",
            ]
    if chance.random() < 0.2:
        settings += [
            f"stall={chance.randint(200, 3_000)}B",
            f"pause=0..{LONGEST_STALL * 1e3:.0f}ms",
        ]
    if chance.random() < 0.2:
        settings.append(f"jitter={chance.randint(1, 2)}ms")
    if chance.random() < 0.2:
        settings.append(f"chunk=1..{chance.choice((20, 80, 300))}B")
    return ",".join(settings) or "good"
