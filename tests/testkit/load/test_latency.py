"""Percentiles are values that were measured, at the right rank."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.load.latency import Latencies, percentile

SHARES = st.floats(min_value=0, max_value=1)
VALUES = st.lists(st.integers(min_value=0, max_value=10**10), min_size=1)


def test_the_median_of_five_is_the_third() -> None:
    assert percentile([1, 2, 3, 40, 50], 0.5) == 3


def test_the_99th_of_a_hundred_is_the_last_but_one() -> None:
    assert percentile(range(1, 101), 0.99) == 99


@pytest.mark.parametrize(("share", "value"), [(0, 7), (0.001, 7), (1, 9)])
def test_the_ends_are_the_smallest_and_the_largest(share: float, value: int) -> None:
    assert percentile([7, 8, 9], share) == value


@given(VALUES, SHARES)
def test_at_least_the_share_is_not_above_the_percentile(values: list[int], share: float) -> None:
    found = percentile(sorted(values), share)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) <= share * len(values)


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_share_over_one_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        percentile([1], 99)


def test_latencies_are_read_in_milliseconds_in_any_order() -> None:
    latencies = Latencies()
    for value in (3_000_000, 1_000_000, 2_000_000):
        latencies.add(value)

    assert len(latencies) == 3
    assert latencies.percentiles_ms(0.5, 1.0) == (2.0, 3.0)


def test_cleared_latencies_are_forgotten() -> None:
    latencies = Latencies()
    latencies.add(1)
    latencies.clear()

    assert len(latencies) == 0
    assert latencies.percentiles_ms(0.5, 0.99) == (0.0, 0.0)
