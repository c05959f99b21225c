"""What the system does in a session without anybody asking."""

from typing import Literal

import pytest

from livehelp.wire.replies import ErrorCode
from server.rules.decide import MAX_HOST
from server.rules.system_commands import (
    CloseAbandoned,
    HostResolved,
    OperatorLoggedOut,
    OperatorTimedOut,
    SystemCommand,
)
from tests.rules.harness import (
    ANN,
    DANA,
    SYSTEM,
    Happening,
    closes,
    enters,
    given,
    host_found,
    joins,
    leaves,
)

HOST = "kiosk3.frankfort.example.org"
CLOSED = (enters(), joins("Dana"), closes("visitor", "Ann"))


@pytest.mark.parametrize("log", [(enters(),), (enters(), joins("Dana")), CLOSED])
def test_a_host_address_is_noted_whenever_it_is_found(log: tuple[Happening, ...]):
    script = given(*log)
    before = script.session.phase
    script.when(HostResolved(HOST), SYSTEM).then(host_found(HOST))
    assert script.session.host == HOST
    assert script.session.phase == before


def test_a_host_address_that_is_known_is_not_noted_again():
    given(enters(host=HOST)).when(HostResolved(HOST), SYSTEM).then_nothing()


def test_a_host_address_is_cleaned_for_anybody_may_name_their_machine():
    given(enters()).when(HostResolved("evil\x1b[2J.example.org"), SYSTEM).then(
        host_found("evil.example.org")
    )


@pytest.mark.parametrize("host", ["", "\x1b", "h" * (MAX_HOST + 1)])
def test_what_is_no_host_address_is_not_noted(host: str):
    given(enters()).when(HostResolved(host), SYSTEM).then_nothing()


def test_the_longest_host_address_is_noted():
    given(enters()).when(HostResolved("h" * MAX_HOST), SYSTEM).then(host_found("h" * MAX_HOST))


@pytest.mark.parametrize("log", [(enters(),), (enters(), joins("Dana"))])
def test_an_abandoned_session_is_closed_by_the_system(log: tuple[Happening, ...]):
    script = given(*log).when(CloseAbandoned(), SYSTEM).then(closes("system", reason="idle"))
    assert script.session.phase == "closed"


@pytest.mark.parametrize(
    ("order", "reason"),
    [(OperatorTimedOut("Dana"), "gone"), (OperatorLoggedOut("Dana"), "logged_out")],
)
def test_a_visitor_whose_operator_went_away_waits_again(
    order: SystemCommand, reason: Literal["gone", "logged_out"]
):
    script = given(enters(), joins("Dana")).when(order, SYSTEM)
    script.then(leaves("Dana", reason))
    assert script.session.phase == "waiting"
    assert script.session.operators == ()


@pytest.mark.parametrize("order", [OperatorTimedOut("Lee"), OperatorLoggedOut("Lee")])
def test_an_operator_who_was_not_in_the_session_leaves_no_trace_in_it(order: SystemCommand):
    given(enters(), joins("Dana")).when(order, SYSTEM).then_nothing()


@pytest.mark.parametrize(
    "order", [CloseAbandoned(), OperatorTimedOut("Dana"), OperatorLoggedOut("Dana")]
)
def test_an_order_that_comes_after_the_end_changes_nothing(order: SystemCommand):
    given(*CLOSED).when(order, SYSTEM).then_nothing()


@pytest.mark.parametrize("order", [OperatorTimedOut("Dana"), OperatorLoggedOut("Dana")])
def test_an_operator_who_goes_while_the_visitor_waits_changes_nothing(order: SystemCommand):
    given(enters(), joins("Dana"), leaves("Dana", "gone")).when(order, SYSTEM).then_nothing()


def test_nobody_but_the_system_gives_its_orders():
    words = "Only the server itself may close an abandoned session."
    given(enters()).when(CloseAbandoned(), ANN).refused(ErrorCode.NOT_YOURS, words)
    given(enters()).when(CloseAbandoned(), DANA).refused(ErrorCode.NOT_YOURS, words)
