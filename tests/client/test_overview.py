"""The floor: a fold of snapshots and events."""

import pytest
from msgspec.structs import replace

from livehelp.client import Overview
from livehelp.wire.events import AnyEvent, HostFound, TopicSet
from livehelp.wire.signals import Presence, Roster
from tests.client.peer import AT
from tests.client.words import (
    OTHER,
    SESSION,
    closed,
    joined,
    left,
    line,
    opened,
    transferred,
    visit,
)


@pytest.fixture
def floor() -> Overview:
    floor = Overview()
    floor.begin("Dana")
    return floor


def test_a_visitor_who_enters_waits(floor: Overview) -> None:
    assert floor.event(opened())
    assert floor.waiting == (visit(),)


def test_who_waits_is_listed_in_the_order_of_coming(floor: Overview) -> None:
    late, early = visit(SESSION, minutes=9), visit(OTHER, minutes=3)
    floor.signal(late)
    floor.signal(early)
    assert floor.waiting == (early, late)


def test_joining_leaving_and_handing_over_change_operators_and_phase(floor: Overview) -> None:
    story: list[tuple[AnyEvent, str, tuple[str, ...]]] = [
        (opened(1), "waiting", ()),
        (joined(2, "Eve"), "active", ("Eve",)),
        (line(3), "active", ("Eve",)),
        (joined(4, "Dana"), "active", ("Eve", "Dana")),
        (transferred(5, "Dana"), "active", ("Eve", "Dana")),
        (left(6, "Eve"), "active", ("Dana",)),
        (left(7, "Dana"), "waiting", ()),
    ]
    for event, phase, operators in story:
        assert floor.event(event)
        now = floor.visits[SESSION]
        assert (now.phase, now.operators, now.seq) == (phase, operators, event.seq)


def test_mine_are_those_i_am_in(floor: Overview) -> None:
    floor.signal(visit(SESSION, 3, ("Dana",)))
    floor.signal(visit(OTHER, 3, ("Eve",)))
    assert [v.session for v in floor.mine] == [SESSION]


def test_topic_and_host_are_kept_up_to_date(floor: Overview) -> None:
    floor.event(opened())
    floor.event(HostFound(session=SESSION, seq=2, at=AT, host="kiosk.ky.gov"))
    floor.event(TopicSet(session=SESSION, seq=3, at=AT, operator="Dana", topic="Licences"))
    assert (floor.visits[SESSION].host, floor.visits[SESSION].topic) == ("kiosk.ky.gov", "Licences")


def test_a_closed_session_is_gone_and_its_log_does_not_bring_it_back(floor: Overview) -> None:
    floor.signal(visit(seq=3))
    floor.event(closed(4))
    assert SESSION not in floor.visits
    assert not floor.event(joined(2))
    assert SESSION not in floor.visits


def test_an_event_that_is_told_again_is_no_news(floor: Overview) -> None:
    floor.signal(visit(seq=4, operators=("Dana",)))
    assert not floor.event(left(3, "Dana"))
    assert floor.visits[SESSION].operators == ("Dana",)


def test_a_snapshot_does_not_go_back_behind_an_event(floor: Overview) -> None:
    floor.event(opened())
    floor.event(joined(2))
    floor.signal(visit(seq=1))
    assert floor.visits[SESSION].phase == "active"


def test_a_session_that_closed_while_the_floor_was_told_is_not_open(floor: Overview) -> None:
    floor.signal(visit(seq=4))
    floor.signal(replace(visit(seq=5), phase="closed"))
    assert not floor.visits


def test_a_visitors_lost_link_is_marked_and_an_operators_is_not(floor: Overview) -> None:
    floor.signal(visit())
    floor.signal(Presence(session=SESSION, by="operator", name="Eve", online=False))
    assert floor.visits[SESSION].online
    floor.signal(Presence(session=SESSION, by="visitor", name="Ann", online=False))
    assert not floor.visits[SESSION].online
    floor.signal(Presence(session=OTHER, by="visitor", name="Bob", online=False))
    assert OTHER not in floor.visits


def test_signing_in_again_begins_with_an_empty_floor_of_the_same_mapping(floor: Overview) -> None:
    visits = floor.visits
    floor.signal(visit())
    floor.signal(Roster(operators=("Dana", "Eve")))
    floor.begin("Eve")
    assert not visits
    assert floor.visits is visits
    assert (floor.me, floor.roster) == ("Eve", ("Dana", "Eve"))


def test_after_signing_out_nobody_is_there(floor: Overview) -> None:
    floor.signal(Roster(operators=("Dana", "Eve")))
    floor.begin(None)
    assert (floor.me, floor.roster) == (None, ())


def test_our_own_line_moves_the_number_on(floor: Overview) -> None:
    floor.signal(visit(seq=4))
    floor.own_line(SESSION, 5)
    floor.own_line(SESSION, 3)
    floor.own_line(OTHER, 9)
    assert floor.visits[SESSION].seq == 5
