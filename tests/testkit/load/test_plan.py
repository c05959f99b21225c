"""Who says what, when."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.load.plan import Plan

PLANS = st.builds(
    Plan,
    visitors=st.integers(1, 20),
    operators=st.integers(1, 5),
    rate=st.floats(1.0, 50.0),
    seconds=st.floats(1.0, 10.0),
    lines_per_visit=st.integers(0, 5),
    seed=st.integers(0, 1000),
)


def plan(**fields: int) -> Plan:
    return Plan(visitors=4, operators=2, rate=20.0, seconds=5.0, **fields)


@given(PLANS)
def test_the_same_plan_is_the_same_lines(given_plan: Plan) -> None:
    assert list(given_plan.lines()) == list(given_plan.lines())


@given(PLANS)
def test_the_rate_is_kept_and_no_line_is_due_after_the_end(given_plan: Plan) -> None:
    lines = list(given_plan.lines())
    assert len(lines) == int(given_plan.rate * given_plan.seconds)
    assert all(0 <= due.at <= given_plan.seconds for due in lines)


@given(PLANS)
def test_lines_come_in_the_order_of_time(given_plan: Plan) -> None:
    times = [due.at for due in given_plan.lines()]
    assert times == sorted(times)


@given(PLANS)
def test_a_visit_has_as_many_lines_as_it_should_but_for_the_first(given_plan: Plan) -> None:
    for slot in range(given_plan.visitors):
        lines = [due for due in given_plan.lines() if due.slot == slot]
        ends = [number for number, due in enumerate(lines) if due.last]
        lengths = [after - before for before, after in pairwise(ends)]
        assert all(length == given_plan.lines_per_visit for length in lengths)
        assert not ends or ends[0] < max(1, given_plan.lines_per_visit)


def test_another_seed_is_other_lines() -> None:
    assert list(plan(seed=1).lines()) != list(plan(seed=2).lines())


def test_everybody_has_a_turn_before_anybody_has_the_next() -> None:
    slots = [due.slot for due in plan().lines()]
    assert all(sorted(slots[first : first + 4]) == [0, 1, 2, 3] for first in range(0, 100, 4))


def test_a_visit_without_an_end_has_none() -> None:
    assert not any(due.last for due in plan(lines_per_visit=0).lines())


def test_operators_get_as_many_visitors_each() -> None:
    assert [plan().operator_of(slot) for slot in range(4)] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("visitors", 0, "1 to 5000 visitors"),
        ("visitors", 5001, "1 to 5000 visitors"),
        ("operators", 501, "1 to 500 operators"),
        ("rate", 2001.0, "0.1 to 2000 lines a second"),
        ("seconds", 3601.0, "0.1 to 3600 seconds"),
        ("lines_per_visit", 1001, "0 to 1000 lines a visit"),
    ],
)
def test_a_load_has_bounds_and_says_them(field: str, value: float, words: str) -> None:
    sizes: dict[str, Any] = {"visitors": 4, "operators": 2, "rate": 20.0, "seconds": 5.0}
    sizes[field] = value
    with pytest.raises(ValueError, match=words):
        Plan(**sizes)
