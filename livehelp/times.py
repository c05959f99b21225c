"""A time as people write it: ``40ms``, ``2s``, ``1.5m``, ``1h``.

Owns the units. Must not know what waits.
"""

import re
from decimal import Decimal
from typing import Final

# What each unit has of seconds. Decimals: 0.1 s written and read back are the same number.
SECONDS: Final = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3_600)}
# A bound for hostile lengths; 15 digits of milliseconds are 30,000 years.
_TIME: Final = re.compile(rf"(\d{{1,15}}(?:\.\d+)?)\s*({'|'.join(SECONDS)})", re.ASCII)


def read_time(text: str) -> float:
    """Return seconds.

    Raises:
        ValueError: it is no time; the words say what is right.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError("write a time with its unit, such as 500ms, 5s, 2m or 1h")
    return float(Decimal(found[1]) * SECONDS[found[2]])
