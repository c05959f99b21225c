"""An acked line is never lost, doubled or out of order: a slice of the random runs.

All of them are ``python -m tests.durability``. A failure prints the seed and the whole record.
"""

import pytest

from tests.durability.runs import rounds

SLICES = 8
RUNS = 20


# A slice takes 3 s, and on a machine that is busy with other tests ten times as long.
@pytest.mark.timeout(180)
@pytest.mark.parametrize("part", range(SLICES))
def test_whatever_breaks_the_promise_is_kept(part: int, first_seed: int) -> None:
    first = first_seed + part * RUNS
    for result in rounds(range(first, first + RUNS)):
        assert not result.wrong, str(result)
