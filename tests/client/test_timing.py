"""The back-off and the promise, as numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livehelp.client import Timing
from livehelp.wire.codec import decode_command, encode
from livehelp.wire.commands import ClientHello

ATTEMPTS = st.integers(min_value=0, max_value=10_000)
CHANCES = st.floats(min_value=0, max_value=1, exclude_max=True)
# The same examples every time, and no stop-watch on a busy machine.
steady = settings(derandomize=True, deadline=None)


@steady
@given(ATTEMPTS, CHANCES)
def test_no_wait_is_longer_than_the_bound_of_its_try_or_the_cap(
    attempt: int, chance: float
) -> None:
    timing = Timing()
    wait = timing.retry_delay(attempt, chance)
    assert 0 <= wait <= timing.longest_retry
    assert wait <= timing.first_retry * 2.0 ** min(attempt, 100)


@steady
@given(ATTEMPTS, CHANCES)
def test_the_bound_never_shrinks_with_more_failures(attempt: int, chance: float) -> None:
    timing = Timing()
    assert timing.retry_delay(attempt, chance) <= timing.retry_delay(attempt + 1, chance)


@steady
@given(ATTEMPTS)
def test_the_jitter_is_full_so_that_a_thousand_clients_spread(attempt: int) -> None:
    timing = Timing()
    bound = timing.retry_delay(attempt, 1)
    assert timing.retry_delay(attempt, 0) == 0
    assert timing.retry_delay(attempt, 0.5) == bound / 2


def test_the_cap_is_reached() -> None:
    timing = Timing(first_retry=1, longest_retry=20)
    assert [timing.retry_delay(n, 1) for n in range(7)] == [1, 2, 4, 8, 16, 20, 20]


@pytest.mark.parametrize("heartbeat", [0.01, 5, 20, 20.5, 300, 10_000])
def test_what_the_hello_promises_is_what_the_wire_takes(heartbeat: float) -> None:
    timing = Timing(heartbeat=heartbeat)
    promise = timing.promise
    hello = ClientHello(protocol=1, role="visitor", heartbeat=promise)
    assert decode_command(encode(hello)[:-1]) == hello
    assert promise >= timing.pulse


def test_no_slower_heartbeat_is_kept_than_can_be_promised() -> None:
    assert (Timing(heartbeat=10_000).pulse, Timing(heartbeat=7.5).pulse) == (300, 7.5)
