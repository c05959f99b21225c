"""What happens because nothing happened: chapter 3, the limits of chapter 6, and [P-4.7].

Our own server gets short times; somebody else's is waited for as long as ``--patience`` allows.
"""

import time
from typing import Final

import pytest

from tests.conformance.conftest import MakeDesk
from tests.conformance.desk import Desk, kinds, log
from tests.conformance.wire import Client, line

# The shortest heartbeat that may be promised, and the silence after which one is dropped, [P-3.8].
HEARTBEAT: Final = 5
SILENCE: Final = 12.5
# How late a server may be: it need not look at each connection all the time.
LATE: Final = 6.0
# The clocks of two machines run apart, and a message takes its time.
EARLY: Final = 0.25
# Our own server's times in these tests, in seconds.
SHORT: Final = 0.5


@pytest.mark.rule("P-3.8", "P-3.9")
def test_who_promised_a_heartbeat_is_dropped_after_two_and_a_half_of_silence(desk: Desk) -> None:
    silent, sound, calm = (
        desk.guest(heartbeat=HEARTBEAT),
        desk.guest(heartbeat=HEARTBEAT),
        desk.guest(),
    )
    began = time.monotonic()
    while not silent.all("bye") and time.monotonic() < began + SILENCE + LATE:
        sound.settle()
        silent.listen(SHORT)
    silent.bye(reason="silent")
    assert time.monotonic() - began > SILENCE - EARLY
    sound.settle()
    calm.settle()


@pytest.mark.rule("P-3.10")
def test_who_promised_none_is_closed_when_no_byte_came_for_long(hasty: MakeDesk) -> None:
    desk = hasty(idle_timeout=SHORT)
    silent = desk.guest()
    goodbye(desk, silent, "idle_timeout", reason="idle")


def test_who_says_no_hello_is_closed(hasty: MakeDesk) -> None:
    desk = hasty(hello_timeout=SHORT)
    goodbye(desk, desk.connect(), "hello_timeout", reason="hello")


def test_who_never_ends_a_line_is_closed(hasty: MakeDesk) -> None:
    desk = hasty(half_line_timeout=SHORT)
    guest = desk.guest()
    guest.raw(line("start", name="Pat", topic="I was going to")[:-5])
    goodbye(desk, guest, "half_line_timeout", reason="half_line")


def test_an_operator_who_only_pings_is_signed_out(hasty: MakeDesk) -> None:
    desk = hasty(operator_idle_timeout=SHORT)
    operator = desk.guest(role="operator")
    desk.login(operator, desk.target.operators[0])
    until = time.monotonic() + desk.target.times["operator_idle_timeout"] + LATE
    while not operator.all("bye") and time.monotonic() < until:
        operator.raw(line("ping"))
        operator.listen(SHORT / 4)
    operator.bye(reason="idle")
    again = desk.guest(role="operator")
    again.refused("login_failed", "login", ticket=operator.ticket)


def test_an_operator_whose_sign_in_has_lasted_its_time_signs_in_anew(own: MakeDesk) -> None:
    desk = own(ticket_hours=SHORT / 3600)
    operator = desk.guest(role="operator")
    desk.login(operator, desk.target.operators[0])
    operator.bye(reason="expired", within=SHORT + LATE)
    again = desk.guest(role="operator")
    again.refused("login_failed", "login", ticket=operator.ticket)
    desk.login(again, desk.target.operators[0])


@pytest.mark.rule("P-4.7", "P-4.1")
def test_a_visit_whose_visitor_does_not_come_back_is_closed(hasty: MakeDesk) -> None:
    desk = hasty(visit_grace=SHORT)
    visitor, operator = desk.pair()
    visitor.cut()
    closed = operator.wait("closed", patience(desk, "visit_grace"), session=visitor.session)
    assert (closed["by"], closed["reason"]) == ("system", "idle")
    assert "name" not in closed
    assert desk.back(visitor).all("resumed")[0]["phase"] == "closed"


@pytest.mark.rule("P-4.7")
def test_a_visitor_who_comes_back_in_time_goes_on(hasty: MakeDesk) -> None:
    # Long enough to come back in on a busy machine.
    desk = hasty(visit_grace=4 * SHORT)
    visitor, operator = desk.pair()
    visitor.cut()
    operator.wait("presence", session=visitor.session, online=False)
    back = desk.back(visitor)
    back.listen(desk.target.times["visit_grace"] + 2 * SHORT)
    back.do("say", text="here I am")
    operator.wait("line", text="here I am")
    assert "closed" not in kinds(log(operator.heard, visitor.session))


@pytest.mark.rule("P-4.7", "P-4.1")
def test_the_visitors_of_an_operator_who_does_not_come_back_wait_again(hasty: MakeDesk) -> None:
    desk = hasty(operator_grace=SHORT)
    visitor, operator = desk.pair()
    operator.cut()
    left = visitor.wait("left", patience(desk, "operator_grace"), session=visitor.session)
    assert (left["operator"], left["reason"]) == (operator.name, "gone")
    assert desk.back(visitor).all("resumed")[0]["phase"] == "waiting"


def goodbye(desk: Desk, client: Client, limit: str, *, reason: str) -> None:
    """Hold that the server says goodbye for this reason once the limit has passed, not before."""
    began = time.monotonic()
    assert client.bye(reason, patience(desk, limit))["message"]
    assert time.monotonic() - began > desk.target.times[limit] - EARLY


def patience(desk: Desk, limit: str) -> float:
    """Return how long to wait for what happens at a limit, in seconds."""
    return desk.target.times[limit] + LATE
