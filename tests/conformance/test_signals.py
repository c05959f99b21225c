"""Chapter 10: what is true just now, and the goodbyes that need no waiting for."""

import pytest

from tests.conformance.conftest import MakeDesk
from tests.conformance.desk import Desk


@pytest.mark.rule("chapter 10")
def test_a_waiting_visitor_is_told_the_place_and_every_change_of_it(desk: Desk) -> None:
    first, second = desk.visitor(), desk.visitor("Sam")
    ahead, behind = first.wait("position"), second.wait("position")
    assert 1 <= ahead["position"] < behind["position"] <= behind["waiting"]
    # Told of the one change, before the next: one round of the server could else tell both.
    first.wait("position", position=ahead["position"], waiting=behind["waiting"])
    first.do("end")
    moved = second.wait("position", position=behind["position"] - 1)
    assert moved["session"] == second.session


@pytest.mark.rule("chapter 10", "chapter 8")
def test_visitors_are_told_how_many_operators_are_there(desk: Desk) -> None:
    operator = desk.operator()
    guest = desk.connect()
    assert desk.greet(guest)["operators"] >= 1
    desk.start(guest)
    assert guest.wait("position")["operators"] >= 1
    operator.settle()


@pytest.mark.rule("chapter 10")
def test_each_side_sees_the_other_type_and_never_itself(desk: Desk) -> None:
    visitor, operator = desk.pair()
    visitor.send("typing", on=True)
    seen = operator.wait("typing", session=visitor.session)
    assert (seen["by"], seen["name"], seen["on"]) == ("visitor", "Pat", True)
    operator.send("typing", on=False, session=visitor.session)
    seen = visitor.wait("typing", session=visitor.session)
    assert (seen["by"], seen["name"], seen["on"]) == ("operator", operator.name, False)
    for client in (visitor, operator):
        client.settle()
        assert len(client.all("typing")) == 1


@pytest.mark.rule("chapter 10")
@pytest.mark.parametrize("taken", [True, False], ids=["taken", "waiting"])
def test_operators_see_a_visitors_link_go_and_come_back(desk: Desk, taken: bool) -> None:
    visitor, operator = desk.pair() if taken else (desk.visitor(), desk.operator())
    visitor.cut()
    lost = operator.wait("presence", session=visitor.session)
    assert (lost["by"], lost["name"], lost["online"]) == ("visitor", "Pat", False)
    desk.back(visitor)
    back = operator.wait("presence", session=visitor.session)
    assert (back["by"], back["online"]) == ("visitor", True)


@pytest.mark.rule("chapter 10")
@pytest.mark.parametrize("there", [True, False], ids=["there", "gone"])
def test_back_in_the_queue_every_operator_knows_whether_the_visitor_is_there(
    desk: Desk, there: bool
) -> None:
    visitor, operator = desk.pair()
    colleague = desk.colleague()
    if not there:
        visitor.cut()
        operator.wait("presence", session=visitor.session, online=False)
    operator.do("transfer", session=visitor.session)
    assert colleague.wait("presence", session=visitor.session)["online"] is there


@pytest.mark.rule("chapter 10")
def test_a_visitor_who_comes_back_is_told_which_operator_is_not_there(desk: Desk) -> None:
    visitor, operator = desk.pair()
    visitor.cut()
    operator.wait("presence", session=visitor.session, online=False)
    operator.cut()
    back = desk.back(visitor)
    lost = back.wait("presence", session=visitor.session)
    assert (lost["by"], lost["name"], lost["online"]) == ("operator", operator.name, False)


@pytest.mark.rule("chapter 10")
def test_a_visitor_sees_an_operators_link_go_and_come_back(desk: Desk) -> None:
    visitor, operator = desk.pair()
    operator.cut()
    lost = visitor.wait("presence", session=visitor.session)
    assert (lost["by"], lost["name"], lost["online"]) == ("operator", operator.name, False)
    desk.operator()
    back = visitor.wait("presence", session=visitor.session)
    assert (back["by"], back["online"]) == ("operator", True)


@pytest.mark.rule("chapter 10")
def test_the_roster_is_told_sorted_and_whenever_it_changes(desk: Desk) -> None:
    operator = desk.operator()
    colleague = desk.guest(role="operator")
    desk.login(colleague, desk.target.operators[1])

    def told(*, there: bool) -> None:
        roster = operator.wait("roster")["operators"]
        while (colleague.name in roster) is not there:
            roster = operator.wait("roster")["operators"]
        assert roster == sorted(set(roster))
        assert operator.name in roster

    told(there=True)
    colleague.do("logout")
    told(there=False)


@pytest.mark.rule("chapter 10")
def test_a_visit_is_a_snapshot_and_what_is_newer_comes_as_events(desk: Desk) -> None:
    visitor, operator = desk.pair()
    last = operator.do("set_topic", topic="Benefits")["seq"]
    colleague = desk.colleague()
    [visit] = colleague.all("visit", session=visitor.session)
    assert (visit["seq"], visit["topic"], visit["phase"]) == (last, "Benefits", "active")
    assert visit["operators"] == [operator.name]
    assert visit["at"] == visitor.all("opened")[0]["at"]
    ended = operator.do("end")["seq"]
    assert colleague.wait("closed", session=visitor.session)["seq"] == ended


@pytest.mark.rule("chapter 10", "P-5.9")
def test_a_server_that_stops_says_so_and_has_kept_everything(own: MakeDesk) -> None:
    desk = own()
    visitor, operator = desk.pair()
    said = visitor.do("say", text="before the end")
    desk.machine.stop()
    for client in (visitor, operator):
        assert client.bye(reason="shutdown")["message"]
    desk.machine.restart()
    back = desk.back(visitor, after=said["seq"] - 1)
    assert back.wait("line")["text"] == "before the end"


@pytest.mark.rule("chapter 10", "P-3.1")
def test_one_connection_too_many_is_told_that_the_server_is_full(own: MakeDesk) -> None:
    desk = own(max_connections=2)
    first, second = desk.guest(), desk.guest()
    third = desk.connect()
    assert third.bye(reason="full")["message"]
    for client in (first, second):
        client.settle()
