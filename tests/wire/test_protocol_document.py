"""docs/protocol.md is true: every message, field, limit, code and example in it is the code's."""

import re
from typing import Any, Final, Literal, get_args

import msgspec
import pytest
from msgspec import Struct

from livehelp.wire import base, commands
from livehelp.wire.base import Message
from livehelp.wire.codec import decode_command, decode_server_message, encode
from livehelp.wire.commands import Answer, Command, SessionCommand
from livehelp.wire.connection import MAX_ERRORS
from livehelp.wire.events import FLOOR_EVENTS, AnyEvent, By, Event
from livehelp.wire.frames import MAX_CLIENT_LINE, MAX_SERVER_LINE
from livehelp.wire.replies import Earlier, ErrorCode, Phase, Reply
from livehelp.wire.signals import ServerMessage, Signal
from server.rules.actors import Operator, Visitor
from server.rules.table import TABLE, YES, MembersOnly
from tests.conformance.document import CHAPTERS, FIELD_HEADER, TEXT, limits, rows
from tests.wire.strategies import classes_of, tag_on_wire

MESSAGE_CHAPTERS: Final[dict[int, list[type[Message]]]] = {
    7: classes_of(Command),
    8: classes_of(Reply),
    9: classes_of(AnyEvent),
    10: classes_of(Signal),
}
# What the tables call the type of a field.
KINDS: Final[list[tuple[Any, str]]] = [
    (base.Name, "name"),
    (base.Topic, "topic"),
    (base.Place, "place"),
    (base.Text, "text"),
    (base.Email, "email"),
    (base.Password, "password"),
    (base.Secret, "secret"),
    (base.Reference, "reference"),
    (base.Ref, "ref"),
    (base.Seq, "seq"),
    (base.Moment, "moment"),
    (commands.Run, "run"),
    (commands.Heartbeat, "heartbeat"),
    (commands.Protocol, "protocol"),
    (Literal["visitor", "operator"], "role"),
    (Literal["transferred", "logged_out", "gone"], "leaving"),
    (Literal["ended", "idle"], "closing"),
    (By, "by"),
    (Phase, "phase"),
    (ErrorCode, "code"),
    (Earlier, "earlier"),
    (bool, "flag"),
    (int, "integer"),
    (str, "string"),
    (tuple[str, ...], "strings"),
    (tuple[Answer, ...], "answers"),
]
EXAMPLES: Final = [
    pytest.param(side, line, id=f"{side}-{number}-{msgspec.json.decode(line)['type']}")
    for number, (side, line) in enumerate(
        (side, line)
        for side, block in re.findall(r"^```json (\w+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    )
]


def section(chapter: int, message: type[Message]) -> str:
    """Return the part of a chapter under the heading of ``message``."""
    names = "|".join(
        re.escape(f"`{tag_on_wire(message)}`{side}") for side in ("", " (client)", " (server)")
    )
    found = re.search(
        rf"^### (?:{names})\n(.*?)(?=^### |\Z)", CHAPTERS[chapter], re.MULTILINE | re.DOTALL
    )
    assert found, f"chapter {chapter} says nothing of {message.__name__}"
    return found[1]


def documented(message: type[Message]) -> list[list[str]]:
    """Return what the document must say of each field: its name, kind, and default."""
    shared = Event.__struct_fields__ if issubclass(message, Event) and message is not Event else ()
    return [
        [f"`{field.name}`", kind_of(field.type), needed(field)]
        for field in msgspec.structs.fields(message)
        if field.name not in shared
    ]


def kind_of(field_type: Any) -> str:
    for known, kind in KINDS:
        if field_type in (known, known | None if not isinstance(known, str) else known):
            return kind
    assert field_type == msgspec.structs.fields(commands.Interview)[0].type, field_type
    return "answers"


def needed(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "yes"
    if field.default is None:
        return "-"
    if field.default == ():
        return "none"
    value = field.default
    return f"`{value}`" if isinstance(value, str) else f"`{msgspec.json.encode(value).decode()}`"


# --- messages ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chapter", "message"),
    [
        pytest.param(chapter, message, id=f"{chapter}-{message.__name__}")
        for chapter, messages in MESSAGE_CHAPTERS.items()
        for message in messages
    ],
)
def test_every_message_has_its_section_with_every_field_its_kind_and_its_default(
    chapter: int, message: type[Message]
) -> None:
    table = rows(section(chapter, message), FIELD_HEADER)
    assert [row[:3] for row in table] == documented(message)


@pytest.mark.parametrize("chapter", MESSAGE_CHAPTERS)
def test_a_chapter_has_no_section_of_a_message_that_is_gone(chapter: int) -> None:
    headings = re.findall(r"^### `(\w+)`", CHAPTERS[chapter], re.MULTILINE)
    assert headings == [tag_on_wire(message) for message in MESSAGE_CHAPTERS[chapter]]


def test_the_fields_of_every_event_are_told_once_at_the_head_of_their_chapter() -> None:
    head = CHAPTERS[9].partition("###")[0]
    assert [row[:3] for row in rows(head, FIELD_HEADER)] == [
        [f"`{field.name}`", kind_of(field.type), needed(field)]
        for field in msgspec.structs.fields(Event)
    ]


@pytest.mark.parametrize("nested", [Answer, Earlier])
def test_the_fields_of_objects_in_fields_are_named(nested: type[Struct]) -> None:
    told = CHAPTERS[6] if nested is Answer else section(8, classes_of(Reply)[0])
    for name in nested.__struct_fields__:
        assert f"`{name}`" in told


# --- examples ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "line"), EXAMPLES)
def test_every_example_line_decodes_and_is_written_as_we_write_it(side: str, line: str) -> None:
    decode = {"client": decode_command, "server": decode_server_message}[side]
    message = decode(line.encode())
    assert encode(message).decode() == line + "\n"


def test_every_message_has_an_example_in_its_own_section() -> None:
    for chapter, messages in MESSAGE_CHAPTERS.items():
        for message in messages:
            side = "client" if chapter == 7 else "server"
            start = f'```json {side}\n{{"type":"{tag_on_wire(message)}"'
            assert start in section(chapter, message), message.__name__


def test_no_json_block_escapes_the_check_by_its_name() -> None:
    blocks = re.findall(r"^```json(.*)$", TEXT, re.MULTILINE)
    assert set(blocks) == {" client", " server"}


# --- limits and codes -------------------------------------------------------------------------


def test_the_kinds_of_value_are_told_with_their_limits() -> None:
    table = limits()
    assert set(table) == {kind for _, kind in KINDS} | {"question"}
    bounded: dict[str, Any] = {kind: known for known, kind in KINDS if get_args(known)}
    bounded["question"] = base.Question
    for kind, known in bounded.items():
        bounds = getattr(known, "__metadata__", [None])[0]
        if bounds is None:  # a choice or a list
            continue
        low = bounds.min_length if bounds.ge is None else bounds.ge
        high = bounds.max_length if bounds.le is None else bounds.le
        if high is not None:
            assert table[kind] == f"{low or 0:,} to {high:,}", kind
    assert table["answers"] == f"1 to {base.MAX_ANSWERS}"


def test_the_limits_of_a_connection_are_the_ones_that_are_enforced() -> None:
    table = {row[0]: row[1] for row in rows(CHAPTERS[6], ("limit", "value", "why"))}
    assert table["line of a client"] == f"{MAX_CLIENT_LINE:,} bytes"
    assert table["line of a server"] == f"{MAX_SERVER_LINE:,} bytes"
    assert table["errors"] == str(MAX_ERRORS)


def test_every_error_code_is_explained_and_no_other() -> None:
    table = rows(CHAPTERS[11], ("code", "when", "ends", "what to do"))
    assert [row[0] for row in table] == [f"`{code}`" for code in ErrorCode]
    assert all(row[1] and row[3] for row in table)


def test_the_codes_that_end_a_connection_are_marked() -> None:
    table = rows(CHAPTERS[11], ("code", "when", "ends", "what to do"))
    assert {row[0].strip("`") for row in table if row[2] == "yes"} == {
        ErrorCode.LINE_TOO_LONG,
        ErrorCode.TOO_MANY_ERRORS,
        ErrorCode.PROTOCOL,
    }


# --- rules ------------------------------------------------------------------------------------


def test_every_command_has_its_reply_in_the_table() -> None:
    table = rows(CHAPTERS[5], ("command", "reply"))
    named = {row[0].strip("`"): row[1] for row in table}
    own = {"hello", "start", "resume", "login", "ping", "typing"}
    assert set(named) == own | {"all others", "any that is not carried out"}


def test_the_floor_events_are_listed() -> None:
    rule = re.search(r"\*\*\[P-5\.20\]\*\*(.*?)\n\n", TEXT, re.DOTALL)
    assert rule
    listed = rule[1].partition("of every session:")[2]
    assert re.findall(r"`(\w+)`", listed) == [tag_on_wire(event) for event in FLOOR_EVENTS]


@pytest.mark.parametrize("command", classes_of(SessionCommand), ids=tag_on_wire)
def test_who_may_do_what_is_the_desks_table(command: type[Message]) -> None:
    table = rows(CHAPTERS[4], ("command", "visitor", "operator in the session", "other operator"))
    [told] = [row[1:] for row in table if row[0] == f"`{tag_on_wire(command)}`"]
    visitor, insider, outsider = (phases(cell) for cell in told)
    assert visitor == allowed(command, Visitor, insiders=False)
    # Nobody is in a session that waits.
    assert insider == allowed(command, Operator, insiders=True) - {"waiting"}
    assert outsider == allowed(command, Operator, insiders=False)


def phases(cell: str) -> set[str]:
    if cell.startswith("any phase"):
        return {"waiting", "active", "closed"}
    return {phase for phase in ("waiting", "active", "closed") if phase in cell}


def allowed(command: type[Message], role: type[Any], *, insiders: bool) -> set[str]:
    return {
        phase
        for row in TABLE
        if row.command is command and row.role is role
        for phase in ("waiting", "active", "closed")
        if (answer := getattr(row, phase)) is YES or (insiders and isinstance(answer, MembersOnly))
    }


def test_the_marks_of_the_rules_count_up_in_each_chapter_and_every_citation_leads_somewhere() -> (
    None
):
    marks: list[str] = []
    for number, body in CHAPTERS.items():
        found = re.findall(r"^\*\*\[P-(\d+)\.(\d+)\]\*\*", body, re.MULTILINE)
        assert found == [(str(number), str(place + 1)) for place in range(len(found))]
        marks += [f"P-{chapter}.{place}" for chapter, place in found]
    assert set(re.findall(r"\[(P-\d+\.\d+)\]", TEXT)) <= set(marks)
    assert len(marks) > 50


def test_every_link_inside_the_document_leads_to_a_heading() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= headings


def test_every_server_message_is_in_one_chapter() -> None:
    told = [message for chapter in (8, 9, 10) for message in MESSAGE_CHAPTERS[chapter]]
    assert set(told) == set(classes_of(ServerMessage))
    assert len(told) == len(set(told))
