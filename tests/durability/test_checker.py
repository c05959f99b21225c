"""The checker sees what is wrong: each way to break the promise, planted by hand, is found."""

import pytest

from livehelp.wire.commands import Resume
from livehelp.wire.events import AnyEvent, Noted, Transferred
from livehelp.wire.replies import Started
from tests.client.peer import AT
from tests.client.words import SESSION, closed, joined, left, line, opened, resumed
from tests.durability.checker import violations
from tests.durability.plan import Who, draw
from tests.durability.record import Handover, Outcome, Passed, Record, Said

NOTE = Noted(session=SESSION, seq=5, at=AT, operator="dana", text="a note")
ASKED, ANSWERED = line(3, "ann 0", name="Ann"), line(4, "dana 0", name="Dana")
LOG: list[AnyEvent] = [opened(), joined(2, "dana"), ASKED, ANSWERED, NOTE, closed(6)]


def said(
    text: str, ref: int | None, seq: int | None, *, outcome: Outcome = "acked", note: bool = False
) -> Said:
    return Said(Noted if note else type(ASKED), text, outcome, ref, seq)


def record(who: Who, own: list[Said], told: list[AnyEvent]) -> Record:
    return Record(who, 1, own, told=[(0.0, event) for event in told])


def visitor(*told: AnyEvent) -> Record:
    return record("visitor", [said("ann 0", 2, 3)], list(told))


def dana(*told: AnyEvent) -> Record:
    own = [said("dana 0", 2, 4), said("a note", 3, 5, note=True)]
    return record("dana", own, list(told))


GOOD = visitor(opened(), joined(2, "dana"), ANSWERED, closed(6))
GOOD_DANA = dana(opened(), joined(2, "dana"), ASKED, NOTE, closed(6))


def test_a_promise_that_was_kept_is_not_complained_of() -> None:
    assert violations(LOG, [GOOD, GOOD_DANA]) == []


@pytest.mark.parametrize(
    ("words", "log", "records"),
    [
        ("is numbered", [LOG[0], *LOG[2:]], []),
        ("in the log 2 times", [*LOG[:4], line(5, "ann 0"), closed(6)], []),
        ("end with its one end", LOG[:5], []),
        ("begin with the opening", [joined(1), closed(2)], []),
        ("there the log has", LOG, [record("visitor", [said("ann 1", 2, 3)], [])]),
        (
            "never answered",
            LOG,
            [record("visitor", [said("ann 9", None, None, outcome="open")], [])],
        ),
        (
            "but it is in the log",
            LOG,
            [record("visitor", [said("ann 0", None, None, outcome="refused")], [])],
        ),
        (
            "was stored in the order",
            LOG,
            [record("dana", [said("dana 0", 3, 4), said("a note", 2, 5, note=True)], [])],
        ),
        ("told in the order", LOG, [visitor(joined(2, "dana"), opened(), ANSWERED, closed(6))]),
        ("told 4 2 times", LOG, [visitor(opened(), joined(2, "dana"), ANSWERED, ANSWERED)]),
        ("was never told", LOG, [visitor(opened(), joined(2, "dana"), closed(6))]),
        ("was told the note", LOG, [visitor(opened(), NOTE, closed(6))]),
        ("told the own line", LOG, [visitor(opened(), ASKED, closed(6))]),
        ("but the log has", LOG, [visitor(opened(), line(4, "never said"), closed(6))]),
    ],
)
def test_each_way_to_break_the_promise_is_seen(
    words: str, log: list[AnyEvent], records: list[Record]
) -> None:
    assert words in " | ".join(violations(log, records))


def test_the_next_program_of_a_person_speaks_after_the_one_before() -> None:
    first, second = visitor(*LOG), visitor(*LOG)
    first.said[0].seq = 4

    assert "earlier program's 4" in " | ".join(violations(LOG, [first, second]))


def test_a_line_without_an_answer_may_be_stored_or_not() -> None:
    first = record("visitor", [said("ann 0", None, None, outcome="unknown")], [opened()])
    first.current = False
    lost = said("ann 1", None, None, outcome="unknown")
    last = record("visitor", [lost], [*LOG[:4], closed(6)])

    assert violations(LOG, [first, last, GOOD_DANA]) == []


def test_a_note_of_a_program_that_ended_may_come_after_the_end_of_the_visit() -> None:
    late = Noted(session=SESSION, seq=7, at=AT, operator="dana", text="a late note")
    first = record("dana", [said("a late note", None, None, outcome="unknown", note=True)], [])
    first.current = False
    assert violations([*LOG, late], [GOOD, first, GOOD_DANA]) == []

    first.said[0].outcome = "refused"
    assert "does not end with its one end" in " | ".join(violations([*LOG, late], [first]))


def test_a_handover_that_was_refused_is_not_in_the_log() -> None:
    handed = Transferred(session=SESSION, seq=2, at=AT, operator="kim")
    kim = Record("kim", 1, handovers=[Handover("refused", why="no_operator")])

    wrong = violations([opened(), handed, left(3, "kim"), closed(4)], [kim])

    assert "1 transfers are in the log" in " | ".join(wrong)


def test_who_gave_the_visit_away_has_no_gap_in_what_they_have() -> None:
    lines = [line(seq, f"ann {seq}") for seq in (3, 4)]
    log = [opened(), joined(2, "kim"), *lines, left(5, "kim"), line(6), closed(7)]
    whole = Record("kim", 1, told=[(0.0, event) for event in [*log[:5], log[6]]])
    assert violations(log, [whole]) == []

    del whole.told[2]
    assert "kim (1) was never told" in " | ".join(violations(log, [whole]))


STARTED = Started(session=SESSION, seq=1, key="k" * 43)


def asked(after: int = 0) -> Resume:
    return Resume(session=SESSION, after=after)


@pytest.mark.parametrize(
    ("who", "sent"),
    [
        pytest.param("visitor", [STARTED, opened(), line(2), line(2)], id="from the start"),
        pytest.param(
            "visitor",
            [STARTED, asked(), opened(), resumed(1), opened(), resumed(1), opened()],
            id="from the start, and asked for once",
        ),
        pytest.param("visitor", [asked(), line(3), line(2), resumed(3)], id="in the log"),
        pytest.param("visitor", [asked(), line(2), resumed(2), line(2)], id="after the log"),
        pytest.param("dana", [asked(1), resumed(2), line(4), line(3)], id="in the wrong order"),
        pytest.param("dana", [joined(2, "dana"), opened(), resumed(2), joined(2)], id="news again"),
        pytest.param(
            "dana",
            [asked(), opened(), line(2), resumed(2), asked(), opened(), resumed(2), opened()],
            id="a log that was asked for once more",
        ),
        pytest.param(
            "dana",
            [joined(3, "dana"), opened(), line(2), resumed(3), asked(2), line(2)],
            id="more of a log than was asked for",
        ),
        pytest.param("dana", [resumed(2)], id="a log that nobody asked for"),
    ],
)
def test_what_the_server_sends_too_often_is_seen_though_clients_pass_over_it(
    who: Who, sent: list[Passed]
) -> None:
    records = [Record(who, 1, sent=[[line(9)], sent])]

    assert "on connection 2" in " | ".join(violations(LOG, records))


@pytest.mark.parametrize(
    ("who", "sent"),
    [
        pytest.param("visitor", [STARTED, opened(), line(2), closed(3)], id="a visit"),
        pytest.param(
            "visitor",
            [STARTED, asked(), opened(), resumed(1), opened(), line(2), resumed(2), line(3)],
            id="a start that was sent again",
        ),
        pytest.param(
            "visitor",
            [STARTED, opened(), line(2), opened(), line(2), resumed(2), line(3)],
            id="a start that was sent again, for it had not come",
        ),
        pytest.param(
            "dana",
            [joined(3, "dana"), opened(), line(2), joined(3, "dana"), resumed(3), line(4)],
            id="a log that comes with a take",
        ),
        pytest.param(
            "dana",
            [
                *(asked(2), resumed(3), left(4, "dana")),
                *(joined(5, "dana"), opened(), line(2), joined(5, "dana")),
            ],
            id="a log that comes again",
        ),
        pytest.param(
            "dana",
            [
                *(asked(), joined(3, "dana"), opened(), line(2), resumed(3)),
                *(opened(), line(2), resumed(3)),
            ],
            id="a log that comes by itself and was asked for",
        ),
        pytest.param(
            "dana",
            [
                *(joined(3, "dana"), asked(1), opened(), line(2), joined(3, "dana"), resumed(3)),
                *(line(2), joined(3, "dana"), resumed(3), line(4)),
            ],
            id="a log that comes by itself, and then from where it was asked for",
        ),
        pytest.param(
            "dana",
            [
                *(asked(), opened(), line(2), resumed(2)),
                *(asked(), opened(), line(2), resumed(2), line(3)),
            ],
            id="a log that was asked for again",
        ),
    ],
)
def test_what_the_server_may_send_is_not_complained_of(who: Who, sent: list[Passed]) -> None:
    assert "connection" not in " | ".join(violations(LOG, [Record(who, 1, sent=[sent])]))


def test_the_same_seed_is_the_same_plan() -> None:
    assert draw(7) == draw(7)
    assert draw(7) != draw(8)
    assert len({draw(seed).backend for seed in range(20)}) == 2


@pytest.mark.parametrize("refusable", [(), ("dana",), ("visitor",)])
def test_a_line_is_refused_only_to_whom_there_may_be_a_reason(refusable: tuple[Who, ...]) -> None:
    refused = record("visitor", [said("ann 9", None, None, outcome="refused")], [])

    wrong = " | ".join(violations(LOG, [refused], refusable))

    assert ("without a reason" in wrong) == ("visitor" not in refusable)
