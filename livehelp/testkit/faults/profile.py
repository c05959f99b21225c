"""What can go wrong on a failing link: the settings, their text form, and the named profiles."""

from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, Self, cast, get_args

from msgspec import Struct
from msgspec.structs import asdict, replace

from livehelp.testkit.faults import units
from livehelp.testkit.faults.named import PROFILES
from livehelp.testkit.faults.units import Sizes, Times
from livehelp.times import read_time

# Who is left with a dead connection.
Side = Literal["client", "server", "both"]
SIDES: Final[tuple[Side, ...]] = get_args(Side)
# A day. Whatever waits longer is not a link that fails but none.
MAX_SECONDS: Final = 86_400.0
# A petabyte. No test sends that much.
MAX_BYTES: Final = 10**15


class Profile(Struct, frozen=True, kw_only=True):
    """What goes wrong. ``Profile()`` is a good link.

    Sizes count the bytes that have passed one way, each way by itself. Two numbers are a range
    from which is drawn, both ends included. Times are in seconds.

    Attributes:
        delay: Every byte is so much later.
        jitter: And up to so much more, drawn for each piece that was read; the order is kept.
        rate: At most so many bytes a second; None: as fast as both sides are.
        chunk: A write has so many bytes; None: as many as came.
        stall: After so many bytes nothing passes either way, again and again; None: never.
        pause: How long a stall takes.
        cut: After so many bytes the connection breaks, on both sides; None: never.
        reset: The share of cuts that are a RST; the others are a FIN.
        down: For how long after a cut new connections are cut at once.
        double: The share of cuts that break the client's side only. The server's side stays open
            beside the client's next connection, and what was on its way arrives late: the server
            sees two connections of one run, as when a computer changes its Wi-Fi.
        late: How long that takes.
        half_open: After so many bytes the connection is dead, and one side is not told: no FIN,
            no RST, no answer; None: never.
        side: Which side is not told. The other one's connection is closed.

    Raises:
        ValueError: a setting is out of its limits; the words name it.
    """

    delay: float = 0.0
    jitter: float = 0.0
    rate: int | None = None
    chunk: Sizes | None = None
    stall: Sizes | None = None
    pause: Times = (0.5, 2.0)
    cut: Sizes | None = None
    reset: float = 0.5
    down: Times = (0.0, 0.0)
    double: float = 0.0
    late: Times = (0.2, 2.0)
    half_open: Sizes | None = None
    side: Side = "client"

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is not None and (wrong := _wrong(name, value)):
                raise ValueError(f"{_written_name(name)}: {wrong}.")

    @classmethod
    def parse(cls, text: "str | Profile") -> Self:
        """Return the profile written as ``text``; a profile is returned as it is.

        ``train`` is a profile's name, ``delay=40ms,cut=500..4000B`` are settings, and
        ``train,cut=1..2kB`` is a profile with something else instead; with ``cut=none`` without.

        Raises:
            ValueError: it is neither; the words name the setting, and say what is right.
        """
        if isinstance(text, Profile):
            return cls(**asdict(text))
        profile = cls()
        for position, item in enumerate(text.split(",")):
            name, equals, value = (part.strip() for part in item.partition("="))
            if equals:
                profile = replace(profile, **_setting(name, value))
            elif position == 0 and name in PROFILES:
                profile = cls.parse(PROFILES[name].settings or cls())
            else:
                raise ValueError(_no_such(name, position))
        return profile

    def __str__(self) -> str:
        """Return the settings that differ from a good link's, as ``parse`` reads them."""
        default = asdict(Profile())
        return (
            ",".join(
                f"{_written_name(name)}={SETTINGS[name].write(value)}"
                for name, value in asdict(self).items()
                if value != default[name]
            )
            or "good"
        )


class Setting(NamedTuple):
    """How a setting is read and written, what it may be, and what it does."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    least: float
    most: float
    words: str


def _read_side(text: str) -> Side:
    for side in SIDES:
        if text == side:
            return side
    raise ValueError(f"write one of {', '.join(SIDES)}")


_TIME: Final = read_time, units.write_time, 0, MAX_SECONDS
_TIMES: Final = units.read_times, units.write_times, 0, MAX_SECONDS
_SIZES: Final = units.read_sizes, units.write_sizes, 0, MAX_BYTES
_PIECES: Final = units.read_sizes, units.write_sizes, 1, MAX_BYTES
_RATE: Final = units.read_rate, units.write_rate, 1, MAX_BYTES
_SHARE: Final = units.read_share, units.write_share, 0, 1
_SIDE: Final = _read_side, str, 0, 0

SETTINGS: Final = {
    "delay": Setting(*_TIME, "every byte is so much later"),
    "jitter": Setting(*_TIME, "and up to so much more, in order"),
    "rate": Setting(*_RATE, "at most so many bytes a second"),
    "chunk": Setting(*_PIECES, "a write has so many bytes"),
    "stall": Setting(*_SIZES, "after so many bytes nothing passes for a while, again and again"),
    "pause": Setting(*_TIMES, "how long that takes"),
    "cut": Setting(*_SIZES, "after so many bytes the connection breaks"),
    "reset": Setting(*_SHARE, "the share of cuts by RST; the others are by FIN"),
    "down": Setting(*_TIMES, "for so long after a cut new connections are cut at once"),
    "double": Setting(*_SHARE, "the share of cuts after which the server's side stays open"),
    "late": Setting(*_TIMES, "for how long; then what was on its way arrives"),
    "half_open": Setting(*_SIZES, "after so many bytes the connection is dead, and no FIN says so"),
    "side": Setting(*_SIDE, "who is not told: client, server or both"),
}


def _written_name(name: str) -> str:
    return name.replace("_", "-")


def _setting(name: str, value: str) -> dict[str, Any]:
    field = name.replace("-", "_")
    if field not in SETTINGS:
        known = ", ".join(map(_written_name, SETTINGS))
        raise ValueError(f"{name!r} is no setting of a failing link; there are {known}.")
    if value == "none":
        return {field: getattr(Profile(), field)}
    try:
        return {field: SETTINGS[field].read(value)}
    except ValueError as why:
        raise ValueError(f"{name}={value}: {why}.") from None


def _no_such(name: str, position: int) -> str:
    if position and name in PROFILES:
        return f"{name!r}: a profile's name comes first, and there can be only one."
    return f"{name!r} is no profile; there are {', '.join(PROFILES)}. A setting is name=value."


def _wrong(name: str, value: Any) -> str:
    """Return what is wrong with a setting; "" if nothing is."""
    setting = SETTINGS[name]
    if name == "side":
        return "" if value in SIDES else f"write one of {', '.join(SIDES)}"
    is_range = isinstance(value, tuple)
    low, high = cast("tuple[float, float]", value) if is_range else (value, value)
    if not low <= high:
        return "the first number of a range is the smaller one"
    for limit, fits, words in (
        (setting.least, low >= setting.least, "least"),
        (setting.most, high <= setting.most, "most"),
    ):
        if not fits:
            return f"at {words} {setting.write((limit, limit) if is_range else limit)}"
    return ""
