"""Times, sizes and shares as people write them: ``40ms``, ``0.5..2s``, ``500..4000B``, ``10%``.

Owns the written forms, both ways, without a rounding error: what is written is read back equal.
Must not know what they are used for.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from livehelp.times import SECONDS

# Low and high end, both included.
Times = tuple[float, float]
Sizes = tuple[int, int]

# 16 digits before the point are a petabyte in bytes: nobody means more.
_NUMBER: Final = r"\d{1,16}(?:\.\d+)?"
_BYTES: Final = {"B": Decimal(1), "kB": Decimal(1_000), "MB": Decimal(1_000_000)}


def read_times(text: str) -> Times:
    """Return two ends in seconds; raises ``ValueError`` with what is right."""
    ends = _ends(text, SECONDS)
    if ends is None:
        raise ValueError("write a time or a range of times, such as 40ms or 0.5..2s")
    return float(ends[0]), float(ends[1])


def read_sizes(text: str) -> Sizes:
    """Return two ends in bytes; raises ``ValueError`` with what is right."""
    ends = _ends(text, _BYTES)
    if ends is None or any(end % 1 for end in ends):
        raise ValueError("write bytes or a range of bytes, such as 200B, 500..4000B or 1..8kB")
    return int(ends[0]), int(ends[1])


def read_rate(text: str) -> int:
    """Return bytes a second; raises ``ValueError`` with what is right."""
    ends = _ends(text.removesuffix("/s"), _BYTES) if text.endswith("/s") else None
    if ends is None or ends[0] != ends[1] or ends[0] % 1:
        raise ValueError("write bytes a second, such as 200B/s or 1kB/s")
    return int(ends[0])


def read_share(text: str) -> float:
    """Return a share, 1 being all; raises ``ValueError`` with what is right."""
    ends = _ends(text, {"%": Decimal("0.01")})
    if ends is None or ends[0] != ends[1]:
        raise ValueError("write a share, such as 10%")
    return float(ends[0])


def write_time(seconds: float) -> str:
    """The opposite of ``livehelp.times.read_time``."""
    return write_times((seconds, seconds))


def write_times(times: Times) -> str:
    """The opposite of ``read_times``."""
    unit = "ms" if times[1] < 1 else "s"
    return _written(times, SECONDS[unit], unit)


def write_sizes(sizes: Sizes) -> str:
    """The opposite of ``read_sizes``."""
    whole = (u for u in ("MB", "kB") if sizes[1] and not any(size % _BYTES[u] for size in sizes))
    unit = next(whole, "B")
    return _written(sizes, _BYTES[unit], unit)


def write_rate(rate: int) -> str:
    """The opposite of ``read_rate``."""
    return write_sizes((rate, rate)) + "/s"


def write_share(share: float) -> str:
    """The opposite of ``read_share``."""
    return _written((share, share), Decimal("0.01"), "%")


def _ends(text: str, units: Mapping[str, Decimal]) -> tuple[Decimal, Decimal] | None:
    """Return both ends in the smallest unit's measure, or None if that is not how it is written.

    The low end may leave its unit out: it is the high end's.
    """
    unit = "|".join(units)
    found = re.fullmatch(rf"(?:({_NUMBER})({unit})?\.\.)?({_NUMBER})({unit})", text, re.ASCII)
    if found is None:
        return None
    low, low_unit, high, high_unit = found.groups()
    top = Decimal(high) * units[high_unit]
    return (top if low is None else Decimal(low) * units[low_unit or high_unit]), top


def _written(ends: tuple[float, float], scale: Decimal, unit: str) -> str:
    low, high = (format((Decimal(repr(end)) / scale).normalize(), "f") for end in ends)
    return f"{high}{unit}" if low == high else f"{low}..{high}{unit}"
