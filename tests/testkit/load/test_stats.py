"""What became of each line: the check of the promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.load.stats import LATE_SECONDS, LineTracker, Stats


def spoken(lines: int) -> tuple[Stats, LineTracker, list[str]]:
    """A speaker who has said so many lines, each due at 0.0."""
    stats = Stats()
    tracker = LineTracker(stats)
    return stats, tracker, [tracker.say("hello", 0.0)[1] for _ in range(lines)]


def test_a_line_that_is_acked_and_delivered_keeps_the_promise() -> None:
    stats, tracker, [text] = spoken(1)
    tracker.delivered(text, 0.25)
    tracker.acked(1, 0.5)
    tracker.close(1.0, heard_out=True)
    assert (stats.said, stats.acked, stats.delivered, stats.lost) == (1, 1, 1, 0)
    assert stats.delivery_times.percentiles_ms(1.0) == (250.0,)
    assert stats.ack_times.percentiles_ms(1.0) == (500.0,)


def test_a_line_that_is_acked_and_never_delivered_is_lost() -> None:
    stats, tracker, _ = spoken(2)
    tracker.acked(1, 0.1)
    tracker.close(1.0, heard_out=True)
    assert (stats.lost, stats.duplicated, stats.reordered) == (1, 0, 0)


def test_a_line_whose_listener_did_not_hear_the_end_is_not_called_lost() -> None:
    stats, tracker, _ = spoken(1)
    tracker.acked(1, 0.1)
    tracker.close(1.0, heard_out=False)
    assert (stats.lost, stats.unconfirmed) == (0, 1)


def test_a_line_that_was_never_acked_may_be_delivered_or_not() -> None:
    stats, tracker, [one, _] = spoken(2)
    tracker.delivered(one, 0.1)
    tracker.close(1.0, heard_out=True)
    assert (stats.lost, stats.unconfirmed) == (0, 0)


def test_a_line_without_an_answer_is_as_old_as_it_is_at_the_end() -> None:
    stats, tracker, [one, *_] = spoken(4)
    tracker.delivered(one, 0.1)
    tracker.acked(2, 0.2)
    tracker.refused(3)
    tracker.close(5.0, heard_out=False)
    stats.never_said(7.0)
    assert stats.ack_times.percentiles_ms(0.0, 0.5, 0.75, 1.0) == (200.0, 5000.0, 5000.0, 7000.0)
    assert stats.delivery_times.percentiles_ms(0.0, 0.5, 0.75, 1.0) == (
        100.0,
        5000.0,
        5000.0,
        7000.0,
    )
    assert stats.unsaid == 1


@pytest.mark.parametrize("acked_first", [True, False])
def test_a_line_that_is_delivered_twice_is_duplicated(*, acked_first: bool) -> None:
    stats, tracker, [text] = spoken(1)
    if acked_first:
        tracker.acked(1, 0.1)
    tracker.delivered(text, 0.1)
    tracker.delivered(text, 0.2)
    assert (stats.delivered, stats.duplicated) == (1, 1)


def test_a_line_that_is_delivered_after_a_later_one_is_out_of_order_and_not_lost() -> None:
    stats, tracker, [one, two] = spoken(2)
    tracker.delivered(two, 0.1)
    tracker.delivered(one, 0.2)
    tracker.acked(1, 0.3)
    tracker.acked(2, 0.3)
    tracker.close(1.0, heard_out=True)
    assert (stats.delivered, stats.reordered, stats.duplicated, stats.lost) == (2, 1, 0, 0)


@pytest.mark.parametrize("text", ["hello", "#2 hello", "#0 hello", "#x hello"])
def test_a_line_that_nobody_said_is_an_error(text: str) -> None:
    stats, tracker, _ = spoken(1)
    tracker.delivered(text, 0.1)
    assert stats.errors == {"a line that nobody said": 1}
    assert stats.delivered == 0


@given(
    st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4), st.sets(st.integers(0, 5))
)
def test_any_fault_at_all_is_found(order: list[int], again: list[int], dropped: set[int]) -> None:
    stats, tracker, texts = spoken(6)
    arrived = [n for n in order if n not in dropped] + [n for n in again if n not in dropped]
    for number in arrived:
        tracker.delivered(texts[number], 0.1)
    for number in range(6):
        tracker.acked(number + 1, 0.2)
    tracker.close(1.0, heard_out=True)
    first = list(dict.fromkeys(arrived))
    assert stats.lost == len(dropped)
    assert stats.duplicated == len(arrived) - len(first)
    assert bool(stats.reordered) == (first != sorted(first))


def test_a_line_that_the_load_came_round_to_late_is_counted() -> None:
    stats = Stats()
    stats.dispatched(LATE_SECONDS / 2)
    stats.dispatched(LATE_SECONDS * 2)
    stats.dispatched(-0.001)
    assert stats.late == 1
    assert len(stats.lags) == 3
