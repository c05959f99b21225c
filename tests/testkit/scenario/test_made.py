"""Scenarios made of stored sessions: they can be played, and hold; anonymized ones tell nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.scenario.making.anonymize import anonymized_log
from livehelp.testkit.scenario.making.writer import scenario_of
from livehelp.testkit.scenario.matcher import Same
from livehelp.testkit.scenario.model import Act, Expect
from livehelp.testkit.scenario.reading.reader import read_text
from tests.cli.command import Command
from tests.cli.conftest import open_archive
from tests.storage.given import add, closed, joined, line, start

NAMES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
TEXTS = st.text(
    st.characters(exclude_categories=["C", "Zl", "Zp"]) | st.just("\n"), max_size=60
).map(lambda text: text.strip() or "-")


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A session with one or two operators, as ``livehelp transcript --json`` shows its log."""
    visitor, text = draw(NAMES), TEXTS
    dana, kim = draw(st.lists(NAMES, min_size=2, max_size=2, unique=True))
    opened = {"event": "opened", "by": "visitor", "name": visitor, "topic": draw(text)}
    log: list[dict[str, Any]] = [{**opened, "client": "livehelp", "place": draw(text)}]
    log.append({"event": "joined", "by": "operator", "operator": dana})
    inside = dana
    for kind in draw(st.lists(st.sampled_from(["said", "answered", "noted", "given"]), max_size=6)):
        match kind:
            case "said":
                said = {"event": "line", "by": "visitor", "name": visitor, "text": draw(text)}
                log.append(said)
            case "answered":
                said = {"event": "line", "by": "operator", "name": inside, "text": draw(text)}
                log.append(said)
            case "noted":
                noted = {"event": "noted", "by": "operator", "name": inside, "text": draw(text)}
                log.append(noted)
            case _:
                to = kim if inside == dana else dana
                gone = {"by": "operator", "operator": inside}
                log.append({"event": "transferred", **gone, "to": to})
                log.append({"event": "left", **gone, "reason": "transferred"})
                log.append({"event": "joined", "by": "operator", "operator": to})
                inside = to
    log.append({"event": "closed", "by": "visitor", "name": visitor, "reason": "ended"})
    answers = [{"question": draw(text), "answer": draw(text)}]
    log.append({"event": "interview_answered", "by": "visitor", "answers": answers})
    email = {"event": "transcript_requested", "by": "visitor", "email": "zoe@example.net"}
    return [*log, email]


def words(value: object) -> set[str]:
    return set(re.findall(r"\w+", json.dumps(value, ensure_ascii=False).casefold()))


@given(logs())
def test_what_is_made_can_be_read_and_says_the_same(log: list[dict[str, Any]]) -> None:
    scenario = read_text(scenario_of(log), "made.yaml")
    acts = [step for step in scenario.steps if isinstance(step, Act)]
    said = [act.values["text"] for act in acts if act.action.name == "say"]
    assert said == [event["text"] for event in log if event["event"] == "line"]


@given(logs())
def test_nothing_of_what_people_wrote_is_left_in_an_anonymized_one(
    log: list[dict[str, Any]],
) -> None:
    anonymized = anonymized_log(log)
    kept = {"event", "by", "reason", "name", "operator", "topic", "text", "place", "to", "answers"}
    kept |= {"question", "answer", "email", "example", "org"}
    values = {word for event in log for word in words(list(event.values()))}
    kept |= words([[each["event"], each["by"], each.get("reason", "")] for each in log])
    assert not (values - kept) & words([list(event.values()) for event in anonymized])
    assert anonymized == anonymized_log(log)
    read_text(scenario_of(anonymized), "made.yaml")


def test_the_same_person_keeps_the_same_name_and_a_text_its_shape() -> None:
    log = [
        {"event": "opened", "by": "visitor", "name": "Zoë Walker", "topic": "Licences"},
        {"event": "line", "by": "visitor", "name": "Zoë Walker", "text": "Where, please?\nMy car!"},
        {"event": "line", "by": "operator", "name": "kim", "text": "Your car?"},
    ]
    opened, first, second = anonymized_log(log)
    assert (opened["name"], first["name"], second["name"]) == ("Pat", "Pat", "dana")
    assert first["text"] == "Stone, apple?\nWindow garden!"
    assert second["text"] == "Candle garden?"


@pytest.fixture
def stored(livehelp: Command, tmp_path: Path) -> Path:
    """A database with one talk."""
    database = tmp_path / "help.db"
    livehelp(
        "operators", "add", "Bo", "--password-stdin", "-d", database, stdin=b"long enough pw\n"
    )
    archive = open_archive(database)
    session = start(archive, "K7P4-MXQ2", name="Zoë: {Walker}", location="Kiosk #4")
    texts = ("Where do I:\n- pat: lie?", "/regular/", 'say "hello" #1', "none")
    lines = [line(seq, text) for seq, text in enumerate(texts, 3)]
    add(archive, session, joined(2, "Bo"), *lines, closed(7))
    archive.close()
    return database


@pytest.mark.parametrize("anonymized", [[], ["--anonymize"]])
def test_a_stored_session_becomes_a_scenario_that_passes(
    livehelp: Command, stored: Path, tmp_path: Path, anonymized: list[str]
) -> None:
    made = tmp_path / "made.yaml"
    result = livehelp("scenario", "from", "k7p4 mxq2", "-d", stored, "-o", made, *anonymized)
    assert (result.code, result.out) == (0, "")
    assert ("holds what people wrote" in result.err) is not bool(anonymized)
    assert ("Walker" in made.read_text()) is not bool(anonymized)
    played = livehelp("scenario", "run", made)
    assert played.code == 0, (made.read_text(), played)


@pytest.mark.parametrize("name", ["System", "visitor", "Operator", "Ωmega"])
def test_anybody_may_be_called_anything(name: str) -> None:
    closed = _by("system", "closed", reason="idle")
    log = [{**_OPENED, "name": name}, {**_JOINED, "operator": name}, closed]
    scenario = read_text(scenario_of(log), "made.yaml")
    assert sorted(actor.side for actor in scenario.actors.values()) == ["operator", "visitor"]
    last = [step for step in scenario.steps if isinstance(step, Expect)][-1]
    assert last.fields["by"] == Same("system")


def test_what_people_wrote_is_for_its_owner_only_and_replaces_nothing(
    livehelp: Command, stored: Path, tmp_path: Path
) -> None:
    made = tmp_path / "made.yaml"
    make = ("scenario", "from", "K7P4-MXQ2", "-d", stored, "-o", made)
    assert livehelp(*make).code == 0
    assert made.stat().st_mode & 0o777 == 0o600
    assert livehelp(*make).told("made.yaml is there already").code == 2
    assert livehelp(*make, "--anonymize").code == 0


def test_reading_a_session_for_a_scenario_is_written_down(livehelp: Command, stored: Path) -> None:
    assert livehelp("scenario", "from", "K7P4-MXQ2", "-d", stored, "--anonymize").code == 0
    archive = open_archive(stored)
    last = archive.audit_entries()[-1]
    archive.close()
    assert (last.action, last.subject) == ("transcript_read", "K7P4-MXQ2")
    assert last.detail == {"with": "cli", "scenario": True, "anonymized": True}


def test_a_session_that_is_not_there_is_told_in_words(livehelp: Command, stored: Path) -> None:
    livehelp("scenario", "from", "22CC-33DD", "-d", stored).told("there is no session 22CC-33DD")
    assert livehelp("scenario", "from", "x", "-d", stored).code == 2


@pytest.mark.parametrize(
    "name", ["operator-lost", "operator-signs-out", "visitor-gone", "transfer", "exit-interview"]
)
def test_what_ends_a_part_of_a_session_is_played_again(
    livehelp: Command, write: Any, name: str
) -> None:
    log = _ENDINGS[name]
    played = livehelp("scenario", "run", write(text=scenario_of(anonymized_log(log))))
    assert played.code == 0, (scenario_of(log), played.out)


def _by(who: str, event: str, **more: object) -> dict[str, Any]:
    return {"event": event, "by": who, **more}


_OPENED = _by("visitor", "opened", name="Zoë", topic="Boats")
_JOINED = _by("operator", "joined", operator="dana")
_CLOSED = _by("visitor", "closed", name="Zoë", reason="ended")
_ENDINGS: dict[str, list[dict[str, Any]]] = {
    "operator-lost": [
        *(_OPENED, _JOINED),
        _by("system", "left", operator="dana", reason="gone"),
        *(_JOINED, _CLOSED),
    ],
    "operator-signs-out": [
        *(_OPENED, _JOINED),
        _by("operator", "left", operator="dana", reason="logged_out"),
        *(_JOINED, _CLOSED),
    ],
    "visitor-gone": [
        *(_OPENED, _JOINED),
        _by("system", "closed", reason="idle"),
        _by("operator", "noted", name="dana", text="Gone"),
    ],
    "transfer": [
        *(_OPENED, _JOINED),
        _by("operator", "transferred", operator="dana", to="kim"),
        _by("operator", "left", operator="dana", reason="transferred"),
        _by("operator", "joined", operator="kim"),
        _by("operator", "topic_set", operator="kim", topic="Big boats"),
        _by("operator", "transferred", operator="kim"),
        _by("operator", "left", operator="kim", reason="transferred"),
        *(_JOINED, _CLOSED),
    ],
    "exit-interview": [
        *(_OPENED, _JOINED, _by("operator", "closed", name="dana", reason="ended")),
        _by("visitor", "interview_answered", answers=[{"question": "So?", "answer": "Fine."}]),
        _by("visitor", "transcript_requested", email="zoe@example.net"),
    ],
}
