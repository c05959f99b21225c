"""Chapter 5: the token, which ties a visit to the one before, [P-5.23] to [P-5.25]."""

import pytest

from tests.conformance.desk import Desk, kinds, log, new_key
from tests.conformance.wire import Client


def remembered(desk: Desk, token: str | None = None) -> tuple[Client, str]:
    """Return a visitor in a session, with the token of the visit before, and the next token."""
    visitor = desk.guest(token=token)
    return visitor, desk.start(visitor, remember=True)["token"]


def earlier(desk: Desk, token: str) -> str | None:
    """Return the visit that the server knows this token by."""
    found = desk.greet(desk.connect(), token=token).get("earlier")
    return found and found["session"]


@pytest.mark.rule("P-5.23")
def test_who_does_not_ask_for_a_token_gets_none(desk: Desk) -> None:
    assert "token" not in desk.start(desk.guest())


@pytest.mark.rule("P-5.23")
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "cut off"])
def test_the_next_visit_is_told_of_the_one_before_and_tied_to_it(desk: Desk, ended: bool) -> None:
    first, token = remembered(desk)
    if ended:
        first.do("end")
    first.leave()
    second = desk.connect()
    told = desk.greet(second, token=token)["earlier"]
    assert (told["session"], told["name"], told["topic"]) == (first.session, "Pat", "Taxes")
    assert told["open"] is not ended
    assert told["at"] == first.all("opened")[0]["at"]
    desk.start(second, remember=True)
    assert second.all("opened")[0]["previous"] == first.session


@pytest.mark.rule("P-5.24")
def test_each_visit_brings_a_new_token_and_the_old_one_lives_until_the_new_one_is_used(
    desk: Desk,
) -> None:
    _, old = remembered(desk)
    second, new = remembered(desk, token=old)
    assert new != old
    assert earlier(desk, old) is not None
    assert earlier(desk, new) == second.session


@pytest.mark.rule("P-5.24")
def test_a_dead_token_that_is_used_again_revokes_the_whole_chain(desk: Desk) -> None:
    _, old = remembered(desk)
    _, new = remembered(desk, token=old)
    assert earlier(desk, new) is not None
    assert earlier(desk, old) is None
    assert earlier(desk, new) is None


@pytest.mark.rule("P-5.25")
@pytest.mark.parametrize("how", ["unknown", "dead", "revoked"])
def test_a_token_that_is_no_good_is_no_error(desk: Desk, how: str) -> None:
    token = new_key()
    if how != "unknown":
        _, token = remembered(desk)
        _, new = remembered(desk, token=token)
        earlier(desk, new)
    if how == "revoked":
        earlier(desk, token)
    visitor, fresh = remembered(desk, token=token)
    assert "earlier" not in visitor.all("hello")[0]
    assert "previous" not in visitor.all("opened")[0]
    assert fresh
    visitor.do("say", text="everything works")


@pytest.mark.rule("P-5.25")
def test_everything_works_without_a_token(desk: Desk) -> None:
    visitor, operator = desk.pair()
    visitor.do("say", text="hello")
    operator.wait("line", text="hello")
    operator.refused("no_earlier", "recall")


@pytest.mark.rule("P-5.23")
def test_an_operator_recalls_the_visit_before_with_its_notes(desk: Desk) -> None:
    first, token = remembered(desk)
    operator = desk.operator()
    desk.take(operator, first)
    first.do("say", text="My number is 42.")
    operator.do("note", text="knows the form")
    first.do("end")
    second, _ = remembered(desk, token=token)
    colleague = desk.colleague()
    desk.take(colleague, second)
    before = len(colleague.heard)
    ack = colleague.do("recall", session=second.session)
    recalled = log(colleague.heard[before:], first.session)
    assert kinds(recalled) == ["opened", "joined", "line", "noted", "closed"]
    assert (ack["session"], ack["seq"]) == (first.session, recalled[-1]["seq"])
