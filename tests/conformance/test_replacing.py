"""Chapter 5: of two connections one stays, [P-5.16]."""

import pytest

from tests.conformance.desk import Desk, log, new_key, texts
from tests.conformance.wire import line


@pytest.mark.rule("P-5.16")
def test_a_second_connection_of_a_visitor_replaces_the_first(desk: Desk) -> None:
    visitor, operator = desk.pair()
    back = desk.back(visitor)
    assert visitor.bye(reason="replaced")["message"]
    operator.do("say", text="to one window only")
    back.wait("line", text="to one window only")


@pytest.mark.rule("P-5.16")
def test_what_a_lost_connection_of_a_visitor_sends_late_is_not_carried_out(desk: Desk) -> None:
    run = f"v-{new_key()}"
    visitor = desk.visitor(run=run)
    visitor.cut()
    older, newer = desk.guest(run=run), desk.guest(run=run)
    resume = {"session": visitor.session, "key": visitor.key}
    newer.do("resume", **resume)
    older.raw(line("resume", **resume) + line("say", text="late", session=visitor.session))
    assert older.bye(reason="replaced")["message"]
    newer.do("say", text="the later one stays")
    assert texts(log(desk.back(visitor).heard, visitor.session)) == ["the later one stays"]


@pytest.mark.rule("P-5.16")
def test_an_operators_connection_is_replaced_by_a_later_one_of_the_same_run(desk: Desk) -> None:
    run = f"o-{new_key()}"
    visitor, elsewhere = desk.pair()
    older = desk.operator(run=run)
    older.do("resume", session=visitor.session)
    newer = desk.operator(run=run)
    older.raw(line("say", text="late", session=visitor.session))
    assert older.bye(reason="replaced")["message"]
    newer.do("say", text="the later one stays", session=visitor.session)
    # Another program of the same operator is no older connection.
    elsewhere.do("say", text="and I stay too", session=visitor.session)
    assert texts(log(desk.back(visitor).heard, visitor.session)) == [
        "the later one stays",
        "and I stay too",
    ]


@pytest.mark.rule("P-5.16")
def test_an_operator_who_signs_in_late_on_a_lost_connection_is_replaced(desk: Desk) -> None:
    run = f"o-{new_key()}"
    visitor, _ = desk.pair()
    older = desk.guest(role="operator", run=run)
    newer = desk.operator(run=run)
    older.raw(
        line("login", ticket=newer.ticket, ref=1)
        + line("say", text="late", session=visitor.session, ref=2)
    )
    assert older.bye(reason="replaced")["message"]
    newer.do("say", text="the later one stays", session=visitor.session)
    assert texts(log(desk.back(visitor).heard, visitor.session)) == ["the later one stays"]
