"""[P-4.2]: every cell of the table of who may do what, as the document has it."""

from typing import Any, Final, NamedTuple

import pytest

from tests.conformance import document
from tests.conformance.desk import Desk
from tests.conformance.wire import REPLIES, Client

PHASES: Final = ("waiting", "active", "closed")
FIELDS: Final[dict[str, dict[str, Any]]] = {
    "say": {"text": "hello"},
    "end": {},
    "interview": {"answers": [{"question": "Why?", "answer": "So."}]},
    "request_transcript": {"email": "pat@example.org"},
    "take": {},
    "note": {"text": "a note"},
    "set_topic": {"topic": "Benefits"},
    "transfer": {},
    "recall": {},
    "resume": {},
}
VISITOR, INSIDER, OUTSIDER = "visitor", "operator in the session", "other operator"
# Nobody is in a session that waits.
PLACES: Final = [
    (who, phase)
    for who in (VISITOR, INSIDER, OUTSIDER)
    for phase in PHASES
    if (who, phase) != (INSIDER, "waiting")
]
TABLE: Final = {
    (command, who): cell
    for command, *cells in document.who_may()
    for who, cell in zip((VISITOR, INSIDER, OUTSIDER), cells, strict=True)
}
CELLS: Final = [
    pytest.param(command, who, phase, phase in cell or cell.startswith("any"))
    for (command, who), cell in TABLE.items()
    for place, phase in PLACES
    if place == who
]


class Scene(NamedTuple):
    """A session in some phase: its visitor, who is to send the command, and who else is in it."""

    visitor: Client
    sender: Client
    other: Client | None


@pytest.mark.rule("P-4.2", "P-4.3", "P-5.2", "P-3.5")
@pytest.mark.parametrize(
    ("command", "who", "phase", "allowed"), [cell for cell in CELLS if cell.values[0] != "typing"]
)
def test_the_table_of_who_may_do_what_holds(
    desk: Desk, command: str, who: str, phase: str, allowed: bool
) -> None:
    visitor, sender, _ = scene(desk, who, phase)
    key = visitor.key if command == "resume" and who == VISITOR else None

    reply = sender.ask(command, session=visitor.session, key=key, **FIELDS[command])

    sender.settle()
    assert [m for m in sender.heard if m["type"] in REPLIES and m.get("ref") == reply["ref"]] == [
        reply
    ], f"one reply, and no other\n{sender.exchange()}"
    if allowed:
        # A visit without a token has none before it: that is an answer, not a refusal of the table.
        assert reply.get("code") == "no_earlier" or reply["type"] == (
            "resumed" if command == "resume" else "ack"
        ), sender.exchange()
    else:
        assert reply.get("code") in refusals(command, who, phase), sender.exchange()


@pytest.mark.rule("P-4.2", "P-5.2")
@pytest.mark.parametrize(
    ("command", "who", "phase", "allowed"), [cell for cell in CELLS if cell.values[0] == "typing"]
)
def test_typing_is_never_answered_and_shown_only_where_one_may(
    desk: Desk, command: str, who: str, phase: str, allowed: bool
) -> None:
    visitor, sender, other = scene(desk, who, phase)

    sender.send(command, on=True, session=visitor.session)

    sender.settle()
    assert not sender.all("error"), sender.exchange()
    assert not sender.all("typing"), sender.exchange()
    if other is not None and allowed:
        other.wait("typing", session=visitor.session, on=True)
    elif other is not None:
        other.settle()
        assert not other.all("typing"), other.exchange()


def scene(desk: Desk, who: str, phase: str) -> Scene:
    """Make a session in this phase, and the one who is to send the command."""
    visitor = desk.visitor()
    sender = visitor if who == VISITOR else desk.operator()
    other = None if who == VISITOR else visitor
    if who == INSIDER:
        desk.take(sender, visitor)
    elif phase == "active":
        other = desk.colleague()
        desk.take(other, visitor)
    if phase == "closed":
        visitor.do("end")
        if who == INSIDER:
            sender.wait("closed", session=visitor.session)
    return Scene(visitor, sender, other)


def refusals(command: str, who: str, phase: str) -> set[str]:
    """Return the codes with which a command may be refused, [P-3.5] and [P-4.3]."""
    sides = [VISITOR] if who == VISITOR else [INSIDER, OUTSIDER]
    if all(TABLE[command, side] == "no" for side in sides) or command == "resume":
        return {"not_yours"}
    if command == "take" and phase == "active":
        return {"already_taken"}
    if who == OUTSIDER:
        # It may be both: somebody else's session, and the wrong phase.
        return {"not_yours"} if phase == "active" else {"not_yours", "out_of_turn"}
    return {"out_of_turn"}
