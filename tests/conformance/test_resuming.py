"""Chapter 5: resuming, and who gets what in which order, [P-5.14] to [P-5.22]."""

import pytest

from tests.conformance.desk import Desk, kinds, log, new_key, seqs, texts
from tests.conformance.wire import Client

FLOOR = {"opened", "host_found", "joined", "left", "transferred", "topic_set", "closed"}


def conversation(visitor: Client, operator: Client) -> None:
    """Say a few things, with something of each kind."""
    visitor.do("say", text="one")
    operator.do("say", text="two", session=visitor.session)
    operator.do("note", text="a note", session=visitor.session)
    operator.do("set_topic", topic="Benefits", session=visitor.session)
    visitor.do("say", text="three")


@pytest.mark.rule("P-5.14")
def test_every_event_after_the_one_named_comes_in_order_and_then_resumed(desk: Desk) -> None:
    visitor, operator = desk.pair()
    conversation(visitor, operator)
    whole = log(desk.back(visitor).heard, visitor.session)
    assert kinds(whole) == ["opened", "joined", "line", "line", "topic_set", "line"]
    back = visitor
    for event in whole:
        back = desk.guest()
        reply = back.do("resume", session=visitor.session, after=event["seq"], key=visitor.key)
        assert log(back.heard, visitor.session) == [e for e in whole if e["seq"] > event["seq"]]
        assert reply["seq"] == whole[-1]["seq"]
        assert reply["phase"] == "active"
    operator.do("say", text="live", session=visitor.session)
    back.wait("line", text="live")


@pytest.mark.rule("P-5.14", "P-5.20")
def test_an_operator_gets_the_notes_as_well(desk: Desk) -> None:
    visitor, operator = desk.pair()
    conversation(visitor, operator)
    again = desk.operator()
    again.do("resume", session=visitor.session, after=2)
    assert kinds(log(again.heard, visitor.session))[-4:] == ["line", "noted", "topic_set", "line"]


@pytest.mark.rule("P-5.15")
def test_a_visitor_shows_the_key_of_the_very_session(desk: Desk) -> None:
    pat, sam = desk.visitor(), desk.visitor("Sam")
    stranger = desk.guest()
    stranger.refused("not_yours", "resume", session=pat.session)
    stranger.refused("not_yours", "resume", session=pat.session, key=new_key())
    stranger.refused("not_yours", "resume", session=pat.session, key=sam.key)
    stranger.refused("not_yours", "resume", session="0000-0000-0000", key=pat.key)
    assert log(stranger.heard, pat.session) == []
    pat.do("say", text="nobody has taken my place")


@pytest.mark.rule("P-5.15")
def test_a_visitor_may_have_said_the_sessions_token_instead(desk: Desk) -> None:
    visitor = desk.guest()
    token = desk.start(visitor, remember=True)["token"]
    visitor.cut()
    back = desk.guest(token=token)
    assert back.do("resume", session=visitor.session)["phase"] == "waiting"
    back.do("say", text="here again")
    other = desk.visitor("Sam")
    desk.guest(token=token).refused("not_yours", "resume", session=other.session)


@pytest.mark.rule("P-5.15")
def test_an_operator_must_be_in_the_session(desk: Desk) -> None:
    visitor, _ = desk.pair()
    colleague = desk.colleague()
    colleague.refused("not_yours", "resume", session=visitor.session)
    colleague.refused("not_yours", "resume", session=visitor.session, key=visitor.key)


@pytest.mark.rule("P-5.17", "P-5.20")
def test_an_operator_who_signs_in_again_resumes_and_gets_only_floor_events_until_then(
    desk: Desk,
) -> None:
    visitor, operator = desk.pair()
    operator.cut()
    back = desk.operator()
    [visit] = back.all("visit", session=visitor.session)
    assert visit["operators"] == [operator.name]
    assert visit["phase"] == "active"
    visitor.do("say", text="are you there?")
    back.settle()
    assert not back.all("line", session=visitor.session)
    back.do("resume", session=visitor.session, after=visit["seq"])
    assert texts(log(back.heard, visitor.session)) == ["are you there?"]
    visitor.do("say", text="and now?")
    back.wait("line", text="and now?")


@pytest.mark.rule("P-5.18")
def test_the_log_so_far_comes_with_a_take(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("say", text="one")
    visitor.do("say", text="two")
    operator = desk.operator()
    before = len(operator.heard)
    ack = operator.do("take", session=visitor.session)
    resumed = operator.wait("resumed", session=visitor.session)
    assert "ref" not in resumed
    heard = operator.heard[before : operator.heard.index(resumed)]
    live, *replay = log(heard, visitor.session)
    assert (live["type"], live["seq"]) == ("joined", ack["seq"])
    assert kinds(replay) == ["opened", "line", "line", "joined"]
    assert (resumed["seq"], resumed["phase"]) == (ack["seq"], "active")
    visitor.do("say", text="three")
    assert operator.wait("line", text="three")["seq"] == ack["seq"] + 1


@pytest.mark.rule("P-5.18")
def test_the_log_so_far_comes_with_a_transfer(desk: Desk) -> None:
    visitor, operator = desk.pair()
    conversation(visitor, operator)
    colleague = desk.colleague()
    operator.do("transfer", session=visitor.session, to=colleague.name)
    resumed = colleague.wait("resumed", session=visitor.session)
    assert "ref" not in resumed
    replay = log(colleague.heard[: colleague.heard.index(resumed)], visitor.session)
    first = [n for n, event in enumerate(replay) if event["seq"] == 1]
    assert kinds(replay[first[-1] :]) == [
        *("opened", "joined", "line", "line", "noted", "topic_set", "line"),
        *("transferred", "left", "joined"),
    ]
    visitor.do("say", text="hello to you")
    colleague.wait("line", text="hello to you")
    operator.settle()
    assert not operator.all("line", text="hello to you")


@pytest.mark.rule("P-5.19")
def test_events_of_one_session_come_in_order_to_everybody(desk: Desk) -> None:
    visitor, operator = desk.pair()
    colleague = desk.colleague()
    for n in range(30):
        visitor.send("say", text=f"question {n}", ref=100 + n)
        operator.send("say", text=f"answer {n}")
        operator.send("set_topic", topic=f"Topic {n}")
    visitor.reply(129)
    ended = operator.do("end")
    for client in (visitor, operator, colleague):
        client.wait("closed", seq=ended["seq"])
        numbers = seqs(log(client.heard, visitor.session))
        # The operator has the log from 1 on once more, since the take.
        last_start = len(numbers) - numbers[::-1].index(1) - 1 if 1 in numbers else 0
        assert numbers[last_start:] == sorted(set(numbers[last_start:]))


@pytest.mark.rule("P-5.20")
def test_every_operator_sees_the_floor_events_of_every_session_and_no_more(desk: Desk) -> None:
    colleague = desk.colleague()
    visitor, operator = desk.pair()
    conversation(visitor, operator)
    operator.do("transfer", session=visitor.session)
    desk.take(operator, visitor)
    visitor.do("request_transcript", email="pat@example.org")
    ended = visitor.do("end")
    visitor.do("interview", answers=[{"question": "Why?", "answer": "So."}])
    colleague.wait("closed", seq=ended["seq"])
    colleague.settle()
    assert kinds(log(colleague.heard, visitor.session)) == [
        *("opened", "joined", "topic_set", "transferred", "left", "joined", "closed")
    ]
    assert set(kinds(log(colleague.heard, visitor.session))) < FLOOR


@pytest.mark.rule("P-5.21")
def test_what_a_visitor_adds_after_the_end_comes_with_resume_only(desk: Desk) -> None:
    visitor, operator = desk.pair()
    ended = visitor.do("end")
    operator.wait("closed")
    visitor.do("interview", answers=[{"question": "Why?", "answer": "So."}])
    visitor.do("request_transcript", email="pat@example.org")
    operator.settle()
    assert kinds(log(operator.heard, visitor.session))[-1] == "closed"
    operator.do("resume", session=visitor.session, after=ended["seq"])
    assert kinds(log(operator.heard, visitor.session))[-2:] == [
        "interview_answered",
        "transcript_requested",
    ]


@pytest.mark.rule("P-5.22")
def test_signals_are_never_stored(desk: Desk) -> None:
    visitor, operator = desk.pair()
    before = operator.do("say", text="before")["seq"]
    visitor.send("typing", on=True)
    operator.wait("typing")
    visitor.cut()
    operator.wait("presence", online=False)
    back = desk.back(visitor)
    operator.wait("presence", online=True)
    assert back.do("say", text="after")["seq"] == before + 1
    assert texts(log(desk.back(visitor).heard, visitor.session)) == ["before", "after"]
