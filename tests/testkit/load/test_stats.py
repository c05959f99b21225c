"""What became of each line: the check of the promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.load.stats import LATE_SECONDS, Tally, Thread


def spoken(lines: int) -> tuple[Tally, Thread, list[str]]:
    """A speaker who has said so many lines, each due at 0.0."""
    tally = Tally()
    thread = Thread(tally)
    return tally, thread, [thread.say("hello", 0.0)[1] for _ in range(lines)]


def test_a_line_that_is_acked_and_told_keeps_the_promise() -> None:
    tally, thread, [text] = spoken(1)
    thread.told(text, 0.25)
    thread.acked(1, 0.5)
    thread.close(1.0, heard_out=True)
    assert (tally.said, tally.acked, tally.told, tally.lost) == (1, 1, 1, 0)
    assert tally.told_times.percentiles_ms(1.0) == (250.0,)
    assert tally.ack_times.percentiles_ms(1.0) == (500.0,)


def test_a_line_that_is_acked_and_never_told_is_lost() -> None:
    tally, thread, _ = spoken(2)
    thread.acked(1, 0.1)
    thread.close(1.0, heard_out=True)
    assert (tally.lost, tally.doubled, tally.disordered) == (1, 0, 0)


def test_a_line_whose_listener_did_not_hear_the_end_is_not_called_lost() -> None:
    tally, thread, _ = spoken(1)
    thread.acked(1, 0.1)
    thread.close(1.0, heard_out=False)
    assert (tally.lost, tally.unheard) == (0, 1)


def test_a_line_that_was_never_acked_may_be_told_or_not() -> None:
    tally, thread, [one, _] = spoken(2)
    thread.told(one, 0.1)
    thread.close(1.0, heard_out=True)
    assert (tally.lost, tally.unheard) == (0, 0)


def test_a_line_without_an_answer_is_as_old_as_it_is_at_the_end() -> None:
    tally, thread, [one, *_] = spoken(4)
    thread.told(one, 0.1)
    thread.acked(2, 0.2)
    thread.refused(3)
    thread.close(5.0, heard_out=False)
    tally.never_said(7.0)
    assert tally.ack_times.percentiles_ms(0.0, 0.5, 0.75, 1.0) == (200.0, 5000.0, 5000.0, 7000.0)
    assert tally.told_times.percentiles_ms(0.0, 0.5, 0.75, 1.0) == (100.0, 5000.0, 5000.0, 7000.0)
    assert tally.unsaid == 1


@pytest.mark.parametrize("acked_first", [True, False])
def test_a_line_that_is_told_twice_is_doubled(*, acked_first: bool) -> None:
    tally, thread, [text] = spoken(1)
    if acked_first:
        thread.acked(1, 0.1)
    thread.told(text, 0.1)
    thread.told(text, 0.2)
    assert (tally.told, tally.doubled) == (1, 1)


def test_a_line_that_is_told_after_a_later_one_is_out_of_order_and_not_lost() -> None:
    tally, thread, [one, two] = spoken(2)
    thread.told(two, 0.1)
    thread.told(one, 0.2)
    thread.acked(1, 0.3)
    thread.acked(2, 0.3)
    thread.close(1.0, heard_out=True)
    assert (tally.told, tally.disordered, tally.doubled, tally.lost) == (2, 1, 0, 0)


@pytest.mark.parametrize("text", ["hello", "#2 hello", "#0 hello", "#x hello"])
def test_a_line_that_nobody_said_is_an_error(text: str) -> None:
    tally, thread, _ = spoken(1)
    thread.told(text, 0.1)
    assert tally.errors == {"a line that nobody said": 1}
    assert tally.told == 0


@given(
    st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4), st.sets(st.integers(0, 5))
)
def test_any_fault_at_all_is_found(order: list[int], again: list[int], dropped: set[int]) -> None:
    tally, thread, texts = spoken(6)
    arrived = [n for n in order if n not in dropped] + [n for n in again if n not in dropped]
    for number in arrived:
        thread.told(texts[number], 0.1)
    for number in range(6):
        thread.acked(number + 1, 0.2)
    thread.close(1.0, heard_out=True)
    first = list(dict.fromkeys(arrived))
    assert tally.lost == len(dropped)
    assert tally.doubled == len(arrived) - len(first)
    assert bool(tally.disordered) == (first != sorted(first))


def test_a_line_that_the_load_came_round_to_late_is_counted() -> None:
    tally = Tally()
    tally.dispatched(LATE_SECONDS / 2)
    tally.dispatched(LATE_SECONDS * 2)
    tally.dispatched(-0.001)
    assert tally.late == 1
    assert len(tally.lags) == 3
