"""When two messages say the same."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.recording.compare import FREE, Names, differences, learn, played, read, write
from livehelp.testkit.recording.redact import PASSWORDS, SECRETS

NAMED = {"session", "previous", "run", "ref"} | SECRETS
FIELD = st.text(min_size=1, max_size=8).filter(
    lambda name: name not in NAMED | FREE | PASSWORDS | {"type"}
)
VALUE = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=10),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(FIELD, inside, max_size=3),
    max_leaves=6,
)
MESSAGE = st.dictionaries(FIELD, VALUE, max_size=5)
NAME = st.text(min_size=1, max_size=12)


def line(session: str, seq: int = 1) -> dict[str, Any]:
    return {"type": "line", "session": session, "seq": seq, "text": "hello"}


@given(MESSAGE)
def test_a_message_is_like_itself(message: dict[str, Any]) -> None:
    assert differences(Names(), message, message) == []


@given(MESSAGE, st.sampled_from(sorted(FREE)), VALUE, VALUE)
def test_what_must_differ_may_differ(
    message: dict[str, Any], field: str, before: Any, now: Any
) -> None:
    assert differences(Names(), {**message, field: before}, {**message, field: now}) == []


@given(MESSAGE, FIELD, VALUE, VALUE)
def test_any_other_field_that_differs_is_named(
    message: dict[str, Any], field: str, before: Any, now: Any
) -> None:
    found = differences(Names(), {**message, field: before}, {**message, field: now})
    same = before == now and type(before) is type(now)
    assert bool(found) == (not same)
    assert all(path.split(".")[0] == field or path.startswith(field) for path in found)


@given(MESSAGE, FIELD, VALUE)
def test_a_field_that_is_missing_on_either_side_is_named(
    message: dict[str, Any], field: str, value: Any
) -> None:
    message.pop(field, None)
    assert differences(Names(), {**message, field: value}, message) == [field]
    assert differences(Names(), message, {**message, field: value}) == [field]


@given(st.lists(st.tuples(NAME, NAME), max_size=12))
def test_names_stand_for_each_other_one_for_one(pairs: list[tuple[str, str]]) -> None:
    names = Names()
    for recorded, now in pairs:
        names.learn("session", recorded, now)
    for recorded, _ in pairs:
        now = names.now("session", recorded)
        assert now is None or names.recorded("session", now) == recorded


def test_another_reference_is_alike_until_it_was_learned() -> None:
    names = Names()
    assert differences(names, line("AAAA"), line("BBBB")) == []
    learn(names, line("AAAA"), line("BBBB"))
    assert differences(names, line("AAAA"), line("BBBB")) == []
    assert differences(names, line("AAAA"), line("CCCC")) == ["session"]
    assert differences(names, line("DDDD"), line("BBBB")) == ["session"]


def test_a_reference_never_stands_for_a_key() -> None:
    names = Names()
    learn(names, {"session": "AAAA"}, {"session": "BBBB"})
    assert differences(names, {"key": "AAAA"}, {"key": "CCCC"}) == []


def test_a_ref_is_known_on_its_connection_only() -> None:
    names = Names()
    learn(names, {"ref": 1}, {"ref": 7}, 1)
    assert differences(names, {"ref": 1}, {"ref": 8}, 1) == ["ref"]
    assert differences(names, {"ref": 1}, {"ref": 8}, 2) == []


def test_the_words_of_an_error_may_be_put_better_but_not_its_code() -> None:
    before = {"type": "error", "code": "full", "message": "No."}
    assert differences(Names(), before, {**before, "message": "Sorry, no."}) == []
    assert differences(Names(), before, {**before, "code": "slow_down"}) == ["code"]
    said = {"type": "other", "message": "No."}
    assert differences(Names(), said, {**said, "message": "Yes."}) == ["message"]


def test_a_name_inside_an_object_is_learned_too() -> None:
    names = Names()
    learn(names, {"earlier": {"session": "AAAA"}}, {"earlier": {"session": "BBBB"}})
    assert names.now("session", "AAAA") == "BBBB"


def test_what_is_played_has_the_names_of_now() -> None:
    names = Names()
    learn(names, line("AAAA"), line("BBBB"))
    assert played(names, line("AAAA", 3)) == line("BBBB", 3)
    assert played(names, line("CCCC")) == line("CCCC")


def test_a_stand_in_that_nobody_told_is_made_up_once() -> None:
    names = Names()
    start = {"type": "start", "key": "key-1-stands-in-for-a-secret"}
    first = played(names, start)
    assert first != start
    assert played(names, start) == first
    assert differences(names, start, first) == []


def test_null_is_the_same_as_nothing() -> None:
    assert read(b'{"type":"hello","token":null,"a":[{"b":null}]}') == {"type": "hello", "a": [{}]}


def test_a_line_that_is_no_object_is_none() -> None:
    assert read(b"[1]") is None
    assert read(b"\xff") is None
    assert read(b"[" * 100_000) is None


@given(MESSAGE)
def test_a_message_that_is_written_is_read_back(message: dict[str, Any]) -> None:
    assert read(write(message)) == message
