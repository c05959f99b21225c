"""Chapter 5, the promise: an acked line is never lost, shown twice or out of order."""

import pytest

from tests.conformance.desk import Desk, kinds, log, new_key, seqs, texts
from tests.conformance.wire import Client, line


def resend(client: Client, lines: dict[int, str]) -> dict[int, int]:
    """Say lines by their refs, in order; return the numbers that they got."""
    client.raw(b"".join(line("say", text=text, ref=ref) for ref, text in lines.items()))
    return {ref: client.reply(ref)["seq"] for ref in lines}


@pytest.mark.rule("P-5.9", "P-5.12", "P-5.13")
@pytest.mark.parametrize("acks_read", [0, 1, 7, 30])
def test_what_a_visitor_said_when_the_link_was_lost_is_there_once_and_in_order(
    desk: Desk, acks_read: int
) -> None:
    run = f"v-{new_key()}"
    visitor = desk.visitor(run=run)
    lines = {ref: f"line {ref}" for ref in range(101, 131)}
    visitor.raw(b"".join(line("say", text=text, ref=ref) for ref, text in lines.items()))
    acked = {ref: visitor.reply(ref)["seq"] for ref in list(lines)[:acks_read]}
    visitor.cut()

    # The steps of [P-5.12], one by one.
    back = desk.guest(run=run)
    after = max(acked.values(), default=1)
    back.do("resume", session=visitor.session, after=after, key=visitor.key)
    missed = {e["text"]: e["seq"] for e in log(back.heard, visitor.session) if e["type"] == "line"}
    numbers = resend(back, {ref: text for ref, text in lines.items() if ref not in acked})

    for text, seq in missed.items():
        assert numbers[int(text.removeprefix("line "))] == seq
    whole = log(desk.back(visitor).heard, visitor.session)
    assert texts(whole) == list(lines.values())
    assert [e["seq"] for e in whole if e["type"] == "line"] == [*(acked | numbers).values()]


@pytest.mark.rule("P-5.9", "P-5.12", "P-5.17")
def test_what_an_operator_said_when_the_link_was_lost_is_there_once_and_in_order(
    desk: Desk,
) -> None:
    run = f"o-{new_key()}"
    visitor = desk.visitor()
    operator = desk.operator(run=run)
    desk.take(operator, visitor)
    lines = {ref: f"line {ref}" for ref in range(101, 131)}
    operator.raw(
        b"".join(
            line("say", text=text, ref=ref, session=visitor.session) for ref, text in lines.items()
        )
    )
    operator.reply(105)
    operator.cut()

    back = desk.operator(run=run)
    back.do("resume", session=visitor.session, after=1)
    numbers = resend(back, lines)
    visitor.do("say", text="the end")

    assert list(numbers.values()) == sorted(set(numbers.values()))
    heard = [e for e in log(visitor.heard, visitor.session) if e["type"] == "line"]
    assert texts(heard) == list(lines.values())
    assert seqs(heard) == list(numbers.values())


@pytest.mark.rule("P-5.9", "P-5.13")
def test_a_line_whose_ack_was_lost_comes_as_an_event_and_its_ack_names_the_same_number(
    desk: Desk,
) -> None:
    run = f"v-{new_key()}"
    visitor = desk.visitor(run=run)
    desk.take(operator := desk.operator(), visitor)
    visitor.send("say", text="did it arrive?", ref=77)
    stored = operator.wait("line", text="did it arrive?")
    visitor.cut()
    back = desk.back(visitor, after=1, run=run)
    assert back.wait("line", text="did it arrive?")["seq"] == stored["seq"]
    assert back.do("say", text="did it arrive?", ref=77)["seq"] == stored["seq"]
    back.do("say", text="next", ref=78)
    operator.wait("line", text="next")
    assert texts(log(operator.heard, visitor.session)) == ["did it arrive?", "next"]


@pytest.mark.rule("P-5.9")
def test_what_is_shown_is_there_for_who_asks_for_it_from_then_on(desk: Desk) -> None:
    visitor, operator = desk.pair()
    for n in range(20):
        visitor.send("say", text=f"line {n}")
        shown = operator.wait("line", text=f"line {n}")
        before = len(operator.heard)
        operator.do("resume", session=visitor.session, after=shown["seq"] - 1)
        assert texts(log(operator.heard[before:], visitor.session)) == [f"line {n}"]


@pytest.mark.rule("P-5.11")
def test_a_visitor_is_never_sent_a_note_and_has_a_gap_instead(desk: Desk) -> None:
    visitor, operator = desk.pair()
    note = operator.do("note", text="between us")
    operator.do("say", text="after the note")
    after = visitor.wait("line", text="after the note")
    assert after["seq"] == note["seq"] + 1
    back = desk.back(visitor)
    for connection in (visitor, back):
        assert "noted" not in kinds(log(connection.heard, visitor.session))
        assert note["seq"] not in seqs(log(connection.heard, visitor.session))
        assert "between us" not in str(connection.heard)
    ended = operator.do("end")
    back.wait("closed", seq=ended["seq"])
    assert "noted" not in kinds(log(desk.back(visitor).heard, visitor.session))


@pytest.mark.rule("P-5.14", "P-5.19", "P-5.9")
def test_nothing_is_missing_and_nothing_twice_between_the_log_and_what_comes_live(
    desk: Desk,
) -> None:
    visitor, operator = desk.pair()
    visitor.cut()
    said = [f"line {n}" for n in range(400)]
    back = desk.guest()
    for n, text in enumerate(said):
        operator.send("say", text=text, ref=1_000 + n)
        if n == len(said) // 2:
            back.send("resume", session=visitor.session, after=0, key=visitor.key)
    operator.reply(1_000 + len(said) - 1)
    back.wait("line", text=said[-1])
    events = log(back.heard, visitor.session)
    assert texts(events) == said
    assert seqs(events) == sorted(set(seqs(events)))
