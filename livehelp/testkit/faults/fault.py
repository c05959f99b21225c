"""The record of one fault, and its text for people."""

from typing import Final, Literal

from msgspec import Struct

from livehelp.testkit.faults.profile import Side

# Up goes to the server, down to the client.
Direction = Literal["up", "down"]
Kind = Literal["stall", "half-open", "cut"]
_DIRECTIONS: Final = {"up": "bytes to the server", "down": "bytes to the client"}
_NOT_TOLD: Final = {
    "client": "the client is not told",
    "server": "the server is not told",
    "both": "neither side is told",
}


class Fault(Struct, frozen=True, kw_only=True):
    """Something that was made to go wrong. ``str(fault)`` is a line for a person.

    Attributes:
        kind: What.
        connection: The connection's number on its link, 1 being the first.
        direction: Which way the bytes went that were counted; None: the program called for it.
        at: How many had passed that way; 0 without a ``direction``.
        seed: The link's.
        seconds: How long a stall takes, or how long after a cut new connections are cut.
        reset: A cut is a RST and not a FIN.
        late: For how long the server's side of a cut connection stays open; 0: it does not.
        side: Who is left with a half-open connection.
    """

    kind: Kind
    connection: int
    seed: int
    direction: Direction | None = None
    at: int = 0
    seconds: float = 0.0
    reset: bool = False
    late: float = 0.0
    side: Side = "client"

    def __str__(self) -> str:
        where = (
            "as called for"
            if self.direction is None
            else f"after {self.at:,} {_DIRECTIONS[self.direction]}"
        )
        return f"connection {self.connection}: {self._what()} {where} (seed {self.seed})"

    def _what(self) -> str:
        match self.kind:
            case "stall":
                return f"stalled for {_short(self.seconds)} s"
            case "half-open":
                return f"half-open ({_NOT_TOLD[self.side]})"
            case "cut":
                more: list[str] = []
                if self.seconds:
                    more.append(f"new ones for {_short(self.seconds)} s too")
                if self.late:
                    more.append(f"the server's side {_short(self.late)} s later")
                how = "RST" if self.reset else "FIN"
                return f"cut by {how} ({'; '.join(more)})" if more else f"cut by {how}"


class TurnedAway(Struct, frozen=True, kw_only=True):
    """A connection that was closed at once, and why. It has no number: it is not counted."""

    why: str

    def __str__(self) -> str:
        return f"a connection was turned away: {self.why}"


def _short(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")
