"""Chapter 5, the first part: replies and acks, [P-5.1] to [P-5.8]. [P-5.5] is in test_refs.py."""

from functools import partial
from typing import Any, Final

import pytest

from tests.conformance.conftest import MakeDesk
from tests.conformance.desk import Desk, kinds, log, new_key, texts
from tests.conformance.wire import Client, line

# [P-5.6].
UNANSWERED: Final = 64
MAX_INTEGER: Final = 2**53 - 1
ANSWERS: Final = [{"question": "Why?", "answer": "So."}]


@pytest.mark.rule("P-5.1")
def test_a_reply_repeats_the_ref_of_its_command(desk: Desk) -> None:
    visitor = desk.guest()
    assert desk.start(visitor, ref=41)["ref"] == 41
    assert visitor.do("say", text="hello", ref=MAX_INTEGER)["ref"] == MAX_INTEGER
    assert visitor.do("resume", session=visitor.session, key=visitor.key, ref=3)["ref"] == 3
    assert visitor.refused("not_yours", "note", text="a note", ref=44)["ref"] == 44
    assert visitor.refused("bad_field", "say", ref=45)["ref"] == 45
    operator = desk.guest(role="operator")
    assert operator.refused("login_first", "take", ref=7)["ref"] == 7
    assert operator.refused("bad_field", "login", ref=8)["ref"] == 8


@pytest.mark.rule("P-5.1")
def test_a_command_without_ref_is_answered_without_ref(desk: Desk) -> None:
    visitor = desk.visitor()
    for command in (line("say", text="hello"), line("note", text="a note"), line("say")):
        visitor.raw(command)
        assert "ref" not in visitor.answer()
    visitor.send("resume", session=visitor.session, key=visitor.key)
    assert "ref" not in visitor.wait("resumed")


@pytest.mark.rule("P-5.1")
def test_a_ref_that_cannot_be_read_is_not_repeated(desk: Desk) -> None:
    visitor = desk.visitor()
    assert "ref" not in visitor.refused_raw("bad_json", b'{"type":"say","ref":5\n')
    assert "ref" not in visitor.refused_raw("bad_field", b'{"type":"say","text":"x","ref":"5"}\n')


@pytest.mark.rule("P-5.2")
def test_after_login_come_the_visits_that_were_announced_and_then_the_roster(desk: Desk) -> None:
    visitors = [desk.visitor(name) for name in ("Pat", "Sam", "Kit")]
    operator = desk.guest(role="operator")
    signed_in = desk.login(operator, desk.target.operators[0])
    operator.wait("roster")
    types = [message["type"] for message in operator.heard]
    block = types[types.index("logged_in") + 1 : types.index("roster")]
    assert block.count("visit") == signed_in["visits"] >= len(visitors)
    for visitor in visitors:
        [visit] = operator.all("visit", session=visitor.session)
        assert visit["phase"] == "waiting"


@pytest.mark.rule("P-5.2")
def test_the_missed_events_come_before_resumed(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("say", text="one")
    back = desk.back(visitor)
    types = [m["type"] for m in back.heard if m["type"] in {"opened", "line", "resumed"}]
    assert types == ["opened", "line", "resumed"]


@pytest.mark.rule("P-5.2", "P-5.8", "P-5.18")
def test_a_take_and_a_resume_in_one_go_are_both_answered(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("say", text="one")
    operator = desk.operator()
    fields = {"session": visitor.session}
    operator.raw(line("take", **fields, ref=50) + line("resume", **fields, after=1, ref=51))
    ack, answer = operator.reply(50), operator.reply(51)
    assert ack["type"] == "ack"
    # It may overtake the take, and is refused then.
    assert answer["type"] == "resumed" or answer["code"] == "not_yours", operator.exchange()
    operator.wait("resumed", session=visitor.session, seq=ack["seq"])
    visitor.do("say", text="two")
    operator.wait("line", text="two", seq=ack["seq"] + 1)
    operator.settle()
    assert len(operator.all("line", text="two")) == 1, operator.exchange()
    assert len([m for m in operator.heard if m.get("ref") in {50, 51}]) == 2


@pytest.mark.rule("P-5.3")
def test_an_ack_names_the_last_event_of_its_command(desk: Desk) -> None:
    visitor, operator = desk.pair()
    colleague = desk.colleague()
    ack = operator.do("transfer", session=visitor.session, to=colleague.name)
    events = log(operator.heard, visitor.session)
    assert kinds(events)[-3:] == ["transferred", "left", "joined"]
    assert ack["seq"] == events[-1]["seq"]


@pytest.mark.rule("P-5.3", "P-5.9")
def test_what_was_acked_is_there_when_the_server_was_killed(own: MakeDesk) -> None:
    desk = own()
    visitor = desk.visitor(run="pats-run")
    acks = [visitor.do("say", text=f"line {n}", ref=n) for n in range(1, 21)]
    desk.machine.kill()
    desk.machine.restart()
    back = desk.back(visitor, run="pats-run")
    lines = [event for event in log(back.heard, visitor.session) if event["type"] == "line"]
    assert texts(lines) == [f"line {n}" for n in range(1, 21)]
    assert [event["seq"] for event in lines] == [ack["seq"] for ack in acks]
    assert back.do("say", text="line 20", ref=20) == acks[-1]
    assert back.do("say", text="line 21", ref=21)["seq"] > acks[-1]["seq"]


@pytest.mark.rule("P-5.3", "P-5.5", "P-5.9")
def test_what_cannot_be_stored_is_refused_and_shown_to_nobody(own: MakeDesk) -> None:
    desk = own()
    visitor, operator = desk.pair()
    waiting = desk.guest()
    desk.machine.fill_disk()
    visitor.refused("not_stored", "say", text="lost", ref=1)
    operator.refused("not_stored", "end")
    waiting.refused("not_stored", "start", name="Ann", topic="Taxes", key=new_key())
    desk.machine.free_disk()
    assert visitor.do("say", text="said again", ref=1)["seq"] == 3
    assert operator.wait("line")["text"] == "said again"
    assert texts(log(desk.back(visitor).heard, visitor.session)) == ["said again"]


@pytest.mark.rule("P-5.4")
def test_the_sender_of_a_line_gets_the_ack_and_everybody_else_the_line(desk: Desk) -> None:
    visitor, operator = desk.pair()
    second = desk.operator()
    second.do("resume", session=visitor.session)
    for sender, text in ((visitor, "from the visitor"), (operator, "from the operator")):
        ack = sender.do("say", text=text, session=visitor.session)
        for other in (visitor, operator, second):
            if other is not sender:
                assert other.wait("line", text=text)["seq"] == ack["seq"]
        sender.settle()
        assert not sender.all("line", text=text)


@pytest.mark.rule("P-5.4")
def test_for_every_other_command_the_sender_gets_the_events_and_then_the_ack(desk: Desk) -> None:
    visitor = desk.visitor()
    operator = desk.operator()
    events_before_ack = partial(told_before_ack, visitor.session)
    assert events_before_ack(operator, "take") == ["joined"]
    operator.wait("resumed")
    assert events_before_ack(operator, "note", text="a note") == ["noted"]
    assert events_before_ack(operator, "set_topic", topic="Benefits") == ["topic_set"]
    assert events_before_ack(operator, "transfer") == ["transferred", "left"]
    assert events_before_ack(visitor, "request_transcript", email="pat@example.org")[-1:] == [
        "transcript_requested"
    ]
    assert events_before_ack(visitor, "end")[-1:] == ["closed"]
    assert events_before_ack(visitor, "interview", answers=ANSWERS) == ["interview_answered"]


@pytest.mark.rule("P-5.4", "P-5.21")
def test_after_the_end_a_note_is_acked_only_and_the_visitor_is_told_as_before(desk: Desk) -> None:
    visitor, operator = desk.pair()
    events_before_ack = partial(told_before_ack, visitor.session)
    assert events_before_ack(operator, "end") == ["closed"]
    assert events_before_ack(operator, "note", text="after the end") == []
    visitor.wait("closed")
    answered = events_before_ack(visitor, "interview", answers=ANSWERS)
    asked = events_before_ack(visitor, "request_transcript", email="pat@example.org")
    assert (answered, asked) == (["interview_answered"], ["transcript_requested"])
    operator.do("resume", session=visitor.session)
    assert operator.wait("noted")["text"] == "after the end"


@pytest.mark.rule("P-5.4", "P-5.17")
def test_before_resume_a_note_is_acked_only(desk: Desk) -> None:
    visitor, operator = desk.pair()
    operator.cut()
    back = desk.operator()
    assert told_before_ack(visitor.session, back, "note", text="not resumed yet") == []
    back.do("resume", session=visitor.session)
    assert back.wait("noted")["text"] == "not resumed yet"
    assert told_before_ack(visitor.session, back, "note", text="resumed") == ["noted"]


def told_before_ack(session: str, sender: Client, command: str, **fields: Any) -> list[str]:
    """Send a command; return the types of the session's events that came before its ack."""
    before = len(sender.heard)
    ack = sender.do(command, session=session, **fields)
    place = sender.heard.index(ack, before)
    return kinds(log(sender.heard[before:place], session))


@pytest.mark.rule("P-5.6", "P-5.8")
def test_64_commands_may_be_unanswered_and_each_is_answered_once_by_its_ref(desk: Desk) -> None:
    visitor = desk.visitor()
    refs = range(101, 101 + UNANSWERED)
    # Every fourth is refused at once, which may overtake the acks before it.
    visitor.raw(
        b"".join(
            line("note", text="not mine to write", ref=ref)
            if ref % 4 == 0
            else line("say", text=f"line {ref}", ref=ref)
            for ref in refs
        )
    )
    replies = {ref: visitor.reply(ref) for ref in refs}
    visitor.settle()
    assert len([m for m in visitor.heard if m.get("ref") in refs]) == UNANSWERED
    assert {ref for ref, reply in replies.items() if reply["type"] == "error"} == {
        ref for ref in refs if ref % 4 == 0
    }
    acked = [reply["seq"] for reply in replies.values() if reply["type"] == "ack"]
    assert acked == sorted(set(acked))


@pytest.mark.rule("P-5.7", "P-7.1")
def test_the_same_start_again_leads_into_the_same_session(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("say", text="before the link was lost")
    again = desk.guest()
    started = again.do("start", name="Pat", topic="Taxes", key=visitor.key)
    again.wait("resumed")
    assert (started["type"], started["session"]) == ("started", visitor.session)
    assert started["seq"] >= 2
    assert kinds(log(again.heard, visitor.session)) == ["opened", "line"]
    order = [m["type"] for m in again.heard if m["type"] in {"started", "opened", "resumed"}]
    assert order == ["started", "opened", "resumed"]
    visitor.bye(reason="replaced")
    assert again.do("say", text="and on")["session"] == visitor.session
