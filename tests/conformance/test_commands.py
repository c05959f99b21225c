"""Chapter 7: what each command does, beyond its fields."""

import pytest

from tests.conformance.desk import Desk, kinds, log, new_key
from tests.conformance.wire import Client

WHY, HOW = "Was your question answered?", "How could we have helped better?"


@pytest.mark.rule("chapter 7")
def test_hello_tells_operators_who_is_calling_and_from_where(desk: Desk) -> None:
    operator = desk.operator()
    visitor = desk.visitor(
        name="Pat Doe", topic="Plates", client="kiosk", version="2.1", place="Kiosk 7, Frankfort"
    )
    opened = operator.wait("opened", session=visitor.session)
    told = [opened[name] for name in ("name", "topic", "client", "version", "place")]
    assert told == ["Pat Doe", "Plates", "kiosk", "2.1", "Kiosk 7, Frankfort"]
    assert opened == visitor.all("opened")[0]


@pytest.mark.rule("chapter 7")
def test_who_does_not_tell_its_client_and_version_is_unknown(desk: Desk) -> None:
    opened = desk.visitor().all("opened")[0]
    assert (opened["client"], opened["version"]) == ("unknown", "unknown")
    assert "place" not in opened


@pytest.mark.rule("P-7.1")
def test_without_a_key_the_server_makes_one_up_that_resumes(desk: Desk) -> None:
    first, second = desk.guest(), desk.guest()
    keys = {desk.start(guest, key=None)["key"] for guest in (first, second)}
    assert len(keys) == 2
    assert first.session != second.session
    assert desk.back(first).all("resumed")[0]["phase"] == "waiting"


@pytest.mark.rule("P-7.2")
def test_a_visitor_whose_session_is_open_may_not_start_another(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.refused("already_started", "start", name="Pat", topic="Taxes", key=new_key())
    visitor.refused("already_started", "start", name="Pat", topic="Taxes")
    visitor.do("say", text="still in the first")


@pytest.mark.rule("chapter 7")
def test_a_line_may_have_several_rows(desk: Desk) -> None:
    visitor, operator = desk.pair()
    visitor.do("say", text="one\n\ntwo")
    line = operator.wait("line")
    assert (line["by"], line["name"], line["text"]) == ("visitor", "Pat", "one\n\ntwo")
    operator.do("say", text="three")
    line = visitor.wait("line")
    assert (line["by"], line["name"]) == ("operator", operator.name)


@pytest.mark.rule("chapter 7")
@pytest.mark.parametrize("by", ["visitor", "operator"])
def test_both_sides_may_end_the_session(desk: Desk, by: str) -> None:
    visitor, operator = desk.pair()
    (visitor if by == "visitor" else operator).do("end", session=visitor.session)
    for client in (visitor, operator):
        closed = client.wait("closed", session=visitor.session)
        assert (closed["by"], closed.get("reason", "ended")) == (by, "ended")
        assert closed["name"] == ("Pat" if by == "visitor" else operator.name)


@pytest.mark.rule("chapter 7")
def test_blank_answers_are_left_out_of_the_interview(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("end")
    answers = [{"question": WHY, "answer": " \n "}, {"question": HOW, "answer": " Faster. "}]
    visitor.do("interview", answers=answers)
    kept = visitor.wait("interview_answered")["answers"]
    assert kept == [{"question": HOW, "answer": "Faster."}]


@pytest.mark.rule("chapter 7", "P-2.11")
def test_an_interview_of_blank_answers_is_empty_and_may_be_answered_later(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("end")
    visitor.refused("empty_text", "interview", answers=[{"question": WHY, "answer": "\u200b"}])
    visitor.do("interview", answers=[{"question": WHY, "answer": "Yes."}])


@pytest.mark.rule("P-4.2", "chapter 7")
def test_the_interview_is_answered_once(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("end")
    visitor.do("interview", answers=[{"question": WHY, "answer": "Yes."}])
    visitor.refused("out_of_turn", "interview", answers=[{"question": WHY, "answer": "No."}])


@pytest.mark.rule("P-4.2", "chapter 7")
def test_the_transcript_may_be_asked_for_again_with_another_address(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("request_transcript", email="wrong@example.org")
    visitor.do("end")
    visitor.do("request_transcript", email="right@example.org")
    requests = [e for e in log(visitor.heard, visitor.session) if "email" in e]
    assert [event["email"] for event in requests] == ["wrong@example.org", "right@example.org"]


@pytest.mark.rule("chapter 7")
@pytest.mark.parametrize("missing", ["name", "password", "both"])
def test_half_a_sign_in_is_refused(desk: Desk, missing: str) -> None:
    name = desk.target.operators[0]
    whole = {"name": name, "password": desk.target.passwords[name]}
    half = {} if missing == "both" else {key: whole[key] for key in whole if key != missing}
    desk.guest(role="operator").refused("bad_field", "login", **half)


@pytest.mark.rule("chapter 7")
def test_a_ticket_signs_the_same_operator_in_until_they_sign_out(desk: Desk) -> None:
    name = desk.target.operators[1]
    first = desk.guest(role="operator")
    desk.login(first, name)
    first.cut()
    second = desk.guest(role="operator")
    assert second.do("login", ticket=first.ticket)["name"] == name
    ack = second.do("logout")
    assert ack["type"] == "ack"
    assert ack.keys() & {"session", "seq"} == set()
    second.refused("login_first", "take")
    desk.guest(role="operator").refused("login_failed", "login", ticket=first.ticket)
    desk.login(second, name)


@pytest.mark.rule("P-7.3")
def test_a_wrong_name_and_a_wrong_password_are_the_same_error(desk: Desk) -> None:
    name, wrong = desk.target.operators[0], f"wrong-{new_key()}"
    errors = [
        desk.guest(role="operator").refused("login_failed", "login", name=who, password=wrong)
        for who in (name, f"nobody-{new_key()}")
    ]
    assert errors[0] == errors[1]
    # A success ends the count of this name's failures.
    desk.login(desk.guest(role="operator"), name)


@pytest.mark.rule("P-7.3")
def test_after_three_failures_each_further_try_has_to_wait(desk: Desk) -> None:
    guest = desk.guest(role="operator")
    # A name of nobody's, so that nobody is kept out.
    name = f"nobody-{new_key()}"
    for _ in range(3):
        guest.refused("login_failed", "login", name=name, password="a guess")
    error = guest.refused("slow_down", "login", name=name, password="another guess")
    assert any(character.isdigit() for character in error["message"])


@pytest.mark.rule("P-7.4")
def test_one_operator_may_be_signed_in_on_several_connections_and_each_gets_everything(
    desk: Desk,
) -> None:
    first, second = desk.operator(), desk.operator()
    visitor = desk.visitor()
    for operator in (first, second):
        operator.wait("opened", session=visitor.session)
    first.do("take", session=visitor.session)
    for operator in (first, second):
        operator.wait("resumed", session=visitor.session)
    visitor.do("say", text="hello to both")
    for operator in (first, second):
        operator.wait("line", text="hello to both")
    second.do("note", text="from the other screen", session=visitor.session)
    first.wait("noted")


@pytest.mark.rule("chapter 7")
def test_set_topic_is_told_to_both_sides_and_to_who_signs_in_later(desk: Desk) -> None:
    visitor, operator = desk.pair()
    operator.do("set_topic", topic="Vehicles and licences")
    topic = visitor.wait("topic_set")
    assert (topic["operator"], topic["topic"]) == (operator.name, "Vehicles and licences")
    [visit] = desk.colleague().all("visit", session=visitor.session)
    assert visit["topic"] == "Vehicles and licences"


@pytest.mark.rule("chapter 7")
def test_a_transfer_is_three_events_and_two_without_a_successor(desk: Desk) -> None:
    visitor, operator = desk.pair()
    colleague = desk.colleague()
    operator.do("transfer", session=visitor.session, to=colleague.name)
    transferred, left, joined = visitor_sees(visitor, 3)
    assert (transferred["operator"], transferred["to"]) == (operator.name, colleague.name)
    assert (left["operator"], left["reason"]) == (operator.name, "transferred")
    assert joined["operator"] == colleague.name
    colleague.do("transfer", session=visitor.session)
    transferred, left = visitor_sees(visitor, 2)
    assert "to" not in transferred
    assert left["operator"] == colleague.name


def visitor_sees(visitor: Client, count: int) -> list[dict[str, str]]:
    """Return the last events that a visitor has seen, when a transfer has told them all."""
    visitor.wait("transferred")
    visitor.wait("left")
    if count == 3:
        visitor.wait("joined")
    events = log(visitor.heard, visitor.session)[-count:]
    assert kinds(events) == ["transferred", "left", "joined"][:count]
    return events


@pytest.mark.rule("chapter 7")
def test_a_transfer_to_who_is_not_signed_in_is_refused(desk: Desk) -> None:
    visitor, operator = desk.pair()
    operator.refused("no_operator", "transfer", to=f"nobody-{new_key()}")
    operator.do("say", text="then I go on")
    visitor.wait("line", text="then I go on")


@pytest.mark.rule("chapter 7")
def test_a_ping_needs_no_field_and_has_one_answer_each(desk: Desk) -> None:
    guest = desk.guest()
    for _ in range(3):
        guest.send("ping")
    for _ in range(3):
        assert guest.wait("pong") == {"type": "pong"}
    guest.settle()
    assert len(guest.all("pong")) == 4
