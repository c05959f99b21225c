"""Latencies of single lines, and percentiles of them."""

import math
from array import array
from collections.abc import Sequence


def percentile(ordered: Sequence[int], share: float) -> int:
    """Return the smallest value that at least ``share`` (0 to 1) of ``ordered`` do not exceed.

    This is the nearest-rank percentile: always a value that was measured, never a mean of two.

    Args:
        ordered: Values, smallest first.
        share: 0.5 is the median, 0.99 the 99th percentile.

    Raises:
        ValueError: there are no values, or ``share`` is not from 0 to 1.
    """
    if not ordered:
        raise ValueError("A percentile of no values says nothing.")
    if not 0 <= share <= 1:
        raise ValueError(f"A share is from 0 to 1, not {share}.")
    rank = max(1, math.ceil(share * len(ordered)))
    return ordered[rank - 1]


class Latencies:
    """Every latency since the last ``clear``, in nanoseconds.

    All are kept and none is put into a bucket, so that percentiles are exact. That is eight bytes
    a line: 58 MB for the longest load there is, an hour at 2,000 lines a second. A load keeps three
    of these; at its end each is sorted in turn, which takes 290 MB more for a moment.
    """

    __slots__ = ("_values", "add")

    def __init__(self) -> None:
        self._values = array("q")
        # The array's own method: one Python frame less for each line.
        self.add = self._values.append

    def __len__(self) -> int:
        return len(self._values)

    def clear(self) -> None:
        """Forget what was measured, as at the end of a warm-up."""
        del self._values[:]

    def percentiles_ms(self, *shares: float) -> tuple[float, ...]:
        """Return the percentile for each of ``shares``, in milliseconds; 0.0 without values."""
        if not self._values:
            return tuple(0.0 for _ in shares)
        ordered = sorted(self._values)
        return tuple(percentile(ordered, share) / 1e6 for share in shares)
