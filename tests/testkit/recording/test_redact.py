"""No secret is written: not in its field, not elsewhere, not in half a line."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp import TokenFile
from livehelp.testkit.recording.recorder import open_recorder
from livehelp.testkit.recording.recording_file import RecordingWriter
from livehelp.testkit.recording.redact import PASSWORDS, SECRETS, Redactor, is_stand_in
from livehelp.testkit.server import ServerProcess
from livehelp.wire.base import Secret
from tests.testkit.recording.talk import recorded, talk

KEY = "Zk3kq0Yx7m2Vt1bq9aTnEw"


def redacted(redactor: Redactor, **fields: Any) -> dict[str, Any]:
    line = json.dumps(fields, ensure_ascii=False).encode()
    return json.loads(redactor.line(line))


def test_the_fields_for_secrets_are_those_of_the_wire() -> None:
    assert {"key", "token", "ticket"} == SECRETS
    assert {"password"} == PASSWORDS


def test_a_password_becomes_three_stars() -> None:
    assert redacted(Redactor(), type="login", name="dana", password="hunter2")["password"] == "***"


def test_the_same_secret_has_the_same_stand_in_in_both_directions() -> None:
    redactor = Redactor()
    start = redacted(redactor, type="start", name="Pat", topic="Taxes", key=KEY)
    started = redacted(redactor, type="started", session="K7P4-MXQ2", seq=1, key=KEY)
    assert start["key"] == started["key"]
    assert (
        redacted(redactor, type="resume", session="K7P4-MXQ2", key=KEY + "x")["key"] != start["key"]
    )


def test_a_stand_in_is_a_secret_as_the_wire_wants_it() -> None:
    stand_in = redacted(Redactor(), key=KEY)["key"]
    assert msgspec.convert(stand_in, Secret) == stand_in
    assert is_stand_in(stand_in)


def test_a_line_without_a_secret_stays_as_it_was_typed() -> None:
    line = b'{ "type" : "say","text":"caf\\u00e9"}\r'
    assert Redactor().line(line) == line


def test_a_second_field_of_the_same_name_is_not_left_over() -> None:
    line = b'{"type":"login","password":"hunter2 hunter2","password":"other"}'
    assert b"hunter2" not in Redactor().line(line)


def test_an_escaped_name_hides_nothing_from_the_redactor() -> None:
    line = b'{"type":"login","pass\\u0077ord":"hunter2 hunter2"}'
    assert b"hunter2" not in Redactor().line(line)


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"login","name":"dana","password":"hunter2',
        b'{"type":"login","pass\\u0077ord":"hunter2 hunter2',
        b'{"type":"hello","TOKEN":hunter2}',
        b'["password","hunter2"]',
        b'{"password":"hunter2\xff"}',
    ],
)
def test_a_line_that_cannot_be_read_and_names_a_secret_is_withheld(line: bytes) -> None:
    assert Redactor().line(line) == b"***"


def test_a_broken_line_that_names_no_secret_is_kept() -> None:
    assert Redactor().line(b'{"type":"say","text":') == b'{"type":"say","text":'


def test_a_secret_that_was_seen_is_hidden_wherever_else_it_stands() -> None:
    redactor = Redactor()
    stand_in = redacted(redactor, key=KEY)["key"]
    assert (
        redacted(redactor, type="say", text=f"my key is {KEY}!")["text"] == f"my key is {stand_in}!"
    )


@pytest.mark.parametrize("text", ["\n{}", "see x-{}-y", "{0}{0}", "at {}, {} and {}"])
def test_a_secret_is_hidden_in_the_middle_of_other_letters(text: str) -> None:
    redactor = Redactor()
    stand_in = redacted(redactor, key=KEY)["key"]
    said = redacted(redactor, type="say", text=text.format(KEY, KEY, KEY))["text"]
    assert said == text.format(stand_in, stand_in, stand_in)
    assert KEY not in redactor.line(f"unfinished {KEY}".encode()).decode()


def test_a_password_under_a_name_in_another_case_is_hidden() -> None:
    assert redacted(Redactor(), type="login", Password="hunter2")["Password"] == "***"


@pytest.mark.parametrize("password", ['say "friend"', "back\\slash", "Grüße an alle", "a/b/c/d/e"])
def test_a_password_is_hidden_however_it_is_written(password: str) -> None:
    redactor = Redactor()
    redacted(redactor, type="login", password=password)
    assert redacted(redactor, text=f"it is {password}")["text"] == "it is ***"
    for written in (password, json.dumps(password), json.dumps(password, ensure_ascii=False)):
        hidden = redactor.line(f"unfinished {written}".encode()).decode()
        assert hidden in {"***", "unfinished ***", 'unfinished "***"'}
    slashes = json.dumps({"text": password}).replace("/", "\\/").encode()
    assert redactor.line(slashes) == b'{"text":"***"}'


def test_a_short_password_leaves_ordinary_words_alone() -> None:
    redactor = Redactor()
    redacted(redactor, type="login", password="cat")
    assert redacted(redactor, type="say", text="a cat")["text"] == "a cat"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside),
    max_leaves=8,
)
SECRET = st.from_regex(re.compile(r"[A-Za-z0-9_-]{22,43}", re.ASCII), fullmatch=True)


@given(SECRET, st.sampled_from(sorted(SECRETS | PASSWORDS)), JSON)
def test_no_secret_passes_at_any_depth(secret: str, name: str, around: Any) -> None:
    line = json.dumps({"around": around, "list": [{"inner": {name: secret}}]}).encode()
    assert secret.encode() not in Redactor().line(line)


@given(st.binary())
def test_any_bytes_at_all_are_taken(line: bytes) -> None:
    Redactor().line(line)


@pytest.mark.anyio
async def test_no_secret_of_a_talk_is_in_the_file(server: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "recording"
    tokens = TokenFile(tmp_path / "tokens")
    async with recorded(server.address, file) as recorder:
        secrets = await talk(recorder.address, tokens)
        secrets += await talk(recorder.address, tokens)
    assert len(secrets) == 10
    written = file.read_text()
    assert [secret for secret in secrets if secret in written] == []
    assert "I go on from here." in written


@pytest.mark.anyio
async def test_nobody_else_may_read_the_file(server: ServerProcess, tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "recording", server.address, force=False) as writer:
        async with open_recorder(server.address, writer):
            assert (tmp_path / "recording").stat().st_mode & 0o777 == 0o600
