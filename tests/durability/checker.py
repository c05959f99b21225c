"""Checks a stored log and the participants' records for lines lost, repeated or reordered."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final, get_args

from livehelp.wire.events import (
    AnyEvent,
    Closed,
    Joined,
    Left,
    Line,
    Noted,
    Opened,
    Transferred,
)
from tests.durability.plan import Who
from tests.durability.record import Record, Said
from tests.durability.sending import Sending

EVERYBODY: Final[tuple[Who, ...]] = get_args(Who)


def violations(
    log: Sequence[AnyEvent], records: Sequence[Record], refusable: Collection[Who] = EVERYBODY
) -> list[str]:
    """Return everything that is wrong, in words; nothing when the promise was kept.

    Args:
        log: The session's stored events, as the database gives them.
        records: One for each program that took part, in the order in which they began.
        refusable: Whose lines there may be a reason to refuse.
    """
    return [
        *_of_the_log(log, records),
        *(wrong for record in records for wrong in record.problems),
        *(wrong for record in records for wrong in _of_what_was_said(log, record)),
        *(wrong for r in records if r.who not in refusable for wrong in _of_refusals(r)),
        *_of_the_order(records),
        *_of_handovers(log, records),
        *(wrong for record in records for wrong in _of_what_was_sent(log, record)),
        *(wrong for record in records for wrong in _of_what_was_told(log, record)),
        *(wrong for record in records for wrong in _of_what_is_missing(log, record)),
    ]


def _of_the_log(log: Sequence[AnyEvent], records: Sequence[Record]) -> Iterator[str]:
    """The log is numbered 1, 2, 3, ..., begins and ends, and holds no line twice.

    The visit is ended when nobody waits for an answer any more. A note of a program that ended
    may come still later, and is in time [P-4.2].
    """
    if [event.seq for event in log] != list(range(1, len(log) + 1)):
        yield f"the log is numbered {[event.seq for event in log]}"
    if not log or not isinstance(log[0], Opened):
        yield "the log does not begin with the opening"
    unsure = {s.text for r in records for s in r.said if s.outcome == "unknown"}
    ended = [e for e in log if not (isinstance(e, Noted) and e.text in unsure)]
    if [e for e in log if isinstance(e, Closed)] != ended[-1:]:
        yield "the log does not end with its one end"
    texts = Counter(event.text for event in log if isinstance(event, Line | Noted))
    for text, count in texts.items():
        if count > 1:
            yield f"{text!r} is in the log {count} times"


def _of_what_was_said(log: Sequence[AnyEvent], record: Record) -> Iterator[str]:
    """An acked line is stored where its ack says; a refused one is not; no other was said."""
    stored = {event.seq: event for event in log}
    texts = {event.text for event in log if isinstance(event, Line | Noted)}
    for said in record.said:
        if said.outcome == "open":
            yield f"{record.name}: {said} was never answered"
        elif said.outcome == "acked":
            if not _is(stored.get(said.seq or 0), said):
                yield f"{record.name}: {said}, but there the log has {stored.get(said.seq or 0)}"
        elif said.outcome == "refused" and said.text in texts:
            yield f"{record.name}: {said}, but it is in the log"
    numbers = [said.seq or 0 for said in record.acked()]
    if numbers != sorted(set(numbers)):
        yield f"{record.name}: what was sent in order was stored in the order {numbers}"


def _of_refusals(record: Record) -> Iterator[str]:
    """A line that nothing speaks against is taken, through however many connections."""
    for said in record.said:
        if said.outcome == "refused":
            yield f"{record.name} was refused without a reason: {said}"


def _of_the_order(records: Sequence[Record]) -> Iterator[str]:
    """What a person's next program says comes after what the one before had acked."""
    for who in {record.who for record in records}:
        last = 0
        for record in (r for r in records if r.who == who):
            numbers = [said.seq or 0 for said in record.acked()]
            if numbers and numbers[0] < last:
                yield f"{record.name}: {numbers[0]} was stored before its earlier program's {last}"
            last = max((last, *numbers))


def _of_handovers(log: Sequence[AnyEvent], records: Sequence[Record]) -> Iterator[str]:
    """As many transfers are in the log as were acked, or one more if its answer is not known."""
    for who in {record.who for record in records}:
        made = [h for record in records if record.who == who for h in record.handovers]
        acked = [h for h in made if h.outcome == "acked"]
        unknown = [h for h in made if h.outcome in {"unknown", "open"}]
        stored = sum(isinstance(e, Transferred) and e.operator == who for e in log)
        if not len(acked) <= stored <= len(acked) + len(unknown):
            yield f"{who}: {stored} transfers are in the log; {', '.join(map(str, made))}"


def _of_what_was_sent(log: Sequence[AnyEvent], record: Record) -> Iterator[str]:
    """On each connection everything came in order, once; a client would pass over the rest."""
    for number, sent in enumerate(record.sent, 1):
        sending = Sending(record.who, log[0].session if log else "")
        for message in sent:
            if wrong := sending.wrong(message):
                yield f"{record.name} was sent {wrong}, on connection {number}"


def _of_what_was_told(log: Sequence[AnyEvent], record: Record) -> Iterator[str]:
    """Only what is stored is told, once, in order, to a visitor no note, to nobody their own."""
    stored = {event.seq: event for event in log}
    told = record.events(log[0].session) if log else []
    own = {said.seq for said in record.said if said.kind is Line and said.outcome == "acked"}
    for event in told:
        if stored.get(event.seq) != event:
            yield f"{record.name} was told {event}, but the log has {stored.get(event.seq)}"
        if isinstance(event, Noted) and record.who == "visitor":
            yield f"{record.name} was told the note {event}"
        if event.seq in own and isinstance(event, Line):
            yield f"{record.name} was told the own line {event}, which was acked too"
    for seq, count in Counter(event.seq for event in told).items():
        if count > 1:
            yield f"{record.name} was told {seq} {count} times"
    # News of the floor come at once, the log of a session that is joined comes behind them.
    in_order = told if record.who == "visitor" else [e for e in told if isinstance(e, Line | Noted)]
    numbers = [event.seq for event in in_order]
    if numbers != sorted(numbers):
        yield f"{record.name} was told in the order {numbers}"


def _of_what_is_missing(log: Sequence[AnyEvent], record: Record) -> Iterator[str]:
    """Whoever stayed to the end has everything; who left early has no gap in what they have.

    A program that ended has left, and so has an operator who gave the visit away: what came after
    is somebody else's. What came after the end is nobody's [P-5.21].
    """
    told = {event.seq for event in record.events(log[0].session)} if log else set[int]()
    known = told | {said.seq for said in record.said if said.seq is not None}
    end = next((e.seq for e in log if isinstance(e, Closed)), len(log))
    due = [e for e in log[:end] if not (record.who == "visitor" and isinstance(e, Noted))]
    stayed = record.who == "visitor" or record.who in inside_at_the_end(log)
    if not (record.current and stayed):
        # A line whose answer was not there yet may be this program's own.
        unsure = {said.text for said in record.said if said.outcome == "unknown"}
        lines = [e for e in due if isinstance(e, Line) and e.text not in unsure]
        last = max((e.seq for e in lines if e.seq in told), default=0)
        due = [event for event in lines if event.seq <= last]
    for event in due:
        if event.seq not in known:
            yield f"{record.name} was never told {event}"


def inside_at_the_end(log: Sequence[AnyEvent]) -> set[str]:
    """Return the operators who were in the session when it was closed."""
    inside: set[str] = set()
    for event in log:
        if isinstance(event, Joined):
            inside.add(event.operator)
        elif isinstance(event, Left):
            inside.discard(event.operator)
    return inside


def _is(event: AnyEvent | None, said: Said) -> bool:
    return isinstance(event, Line | Noted) and type(event) is said.kind and event.text == said.text
