"""What is kept, as the records officer gets it, and that each reading of it is written down."""

import json
import os
import pwd
import re
import sqlite3
from pathlib import Path

import pytest

from livehelp.testkit.server import ServerProcess
from tests.cli.command import Command, in_a_process
from tests.cli.conftest import open_archive
from tests.cli.wire_visit import hold_a_visit
from tests.storage.given import add, closed, joined, line, start

ACCOUNT = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def visits(database: Path) -> Path:
    """An archive with one visit that ended, and one where somebody waits."""
    archive = open_archive(database)
    first = start(archive, "K7P4-MXQ2", place="Kiosk 4")
    add(archive, first, joined(2, "Bo"), line(3, "Where do I\n12:00:00  Bo: lie?"), closed(4))
    start(archive, "22CC-33DD", name="Zoë Walker", topic="Taxes")
    archive.close()
    return database


def audited(database: Path) -> list[tuple[str, str, str, object]]:
    archive = open_archive(database)
    entries = archive.audit_entries()
    archive.close()
    return [(each.actor, each.action, each.subject, each.detail) for each in entries]


def test_sessions_are_listed_newest_first(livehelp: Command, visits: Path) -> None:
    result = livehelp("sessions", "-d", visits)
    assert (result.code, result.err) == (0, "")
    newest, oldest = result.out.splitlines()
    assert newest.startswith("22CC-33DD  2005-12-19 ")
    assert newest.endswith("Zoë Walker with nobody yet: Taxes")
    assert oldest.startswith("K7P4-MXQ2  2005-12-19 ")
    assert oldest.endswith("Ann Visitor with Bo: Driver's licence")


def test_a_session_that_ended_before_anybody_came_waits_for_nobody(
    livehelp: Command, database: Path
) -> None:
    archive = open_archive(database)
    add(archive, start(archive, "K7P4-MXQ2"), closed(2))
    archive.close()
    assert livehelp("sessions", "-d", database).out.endswith("with nobody: Driver's licence\n")


def test_only_open_sessions_are_listed_when_asked(livehelp: Command, visits: Path) -> None:
    assert livehelp("sessions", "--open", "-d", visits).out.startswith("22CC-33DD")
    assert len(livehelp("sessions", "--open", "-d", visits).out.splitlines()) == 1


def test_a_list_that_is_cut_says_so_beside_the_list(livehelp: Command, visits: Path) -> None:
    result = livehelp("sessions", "--limit", 1, "-d", visits)
    assert len(result.out.splitlines()) == 1
    assert "There are more; --limit 10 shows more of them." in result.err
    assert not livehelp("sessions", "--limit", 2, "-d", visits).err


def test_sessions_are_json_for_programs(livehelp: Command, visits: Path) -> None:
    newest, oldest = json.loads(livehelp("sessions", "--json", "-d", visits).out)
    assert (newest["session"], newest["visitor_name"], newest["end_time"]) == (
        "22CC-33DD",
        "Zoë Walker",
        None,
    )
    assert oldest["operator_names"] == ["Bo"]


def test_no_sessions_are_an_empty_list_and_a_word_beside_it(
    livehelp: Command, database: Path
) -> None:
    result = livehelp("sessions", "-d", database)
    assert (result.code, result.out, result.err) == (0, "", "There are no sessions.\n")
    assert json.loads(livehelp("sessions", "--json", "-d", database).out) == []
    assert livehelp("sessions", "--open", "-d", database).err == "No session is open.\n"


def test_a_transcript_is_printed(livehelp: Command, visits: Path) -> None:
    result = livehelp("transcript", "K7P4-MXQ2", "-d", visits)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Live Help transcript K7P4-MXQ2\n")
    assert re.search(r"^Referring page +Kiosk 4$", result.out, re.MULTILINE)
    assert (
        "  visitor   Ann Visitor: Where do I\n                  | 12:00:00  Bo: lie?" in result.out
    )


def test_a_transcript_is_json_for_programs(livehelp: Command, visits: Path) -> None:
    shown = json.loads(livehelp("transcript", "K7P4-MXQ2", "--json", "-d", visits).out)
    assert shown["session"] == "K7P4-MXQ2"
    assert shown["start_time"] == "2005-12-19T12:00:00.250000Z"
    assert [event["event"] for event in shown["discussion"]] == [
        "opened",
        "joined",
        "line",
        "closed",
    ]


@pytest.mark.parametrize("typed", ["k7p4-mxq2", "K7P4MXQ2", "k7p4 mxq2", " K7P4\u2013MXQ2 "])
def test_a_reference_may_be_typed_as_it_was_heard(
    livehelp: Command, visits: Path, typed: str
) -> None:
    assert "transcript K7P4-MXQ2\n" in livehelp("transcript", typed, "-d", visits).out


def test_look_alikes_in_a_reference_are_read_as_what_they_mean(
    livehelp: Command, visits: Path
) -> None:
    assert "transcript 22CC-33DD\n" in livehelp("transcript", "zzcc33dd", "-d", visits).out


def test_a_transcript_of_an_open_session_says_that_it_is_open(
    livehelp: Command, visits: Path
) -> None:
    result = livehelp("transcript", "22CC-33DD", "-d", visits)
    assert "not ended yet" in result.out
    assert "nobody joined" in result.out


def test_an_unknown_reference_and_a_malformed_one_are_told_apart(
    livehelp: Command, visits: Path
) -> None:
    unknown = livehelp("transcript", "2222-2222", "-d", visits)
    assert unknown.told("no session 2222-2222; see `livehelp sessions`").code == 1
    look_alike = livehelp("transcript", "zzzz-zzzz", "-d", visits)
    look_alike.told("no session 2222-2222 (you wrote 'zzzz-zzzz'); see")
    malformed = livehelp("transcript", "K7P4", "-d", visits)
    assert malformed.told("such as K7P4-MXQ2; this has 4").code == 2
    assert not audited(visits)


def test_each_reading_is_in_the_audit_log(livehelp: Command, visits: Path) -> None:
    livehelp("transcript", "k7p4mxq2", "-d", visits)
    livehelp("transcript", "k7p4mxq2", "--json", "-d", visits, env={"SUDO_USER": "ann"})
    livehelp("sessions", "--open", "-d", visits)
    assert audited(visits) == [
        (ACCOUNT, "sessions_listed", "sessions", {"with": "cli", "count": 1, "open": True}),
        (ACCOUNT, "transcript_read", "K7P4-MXQ2", {"with": "cli", "sudo_user": "ann"}),
        (ACCOUNT, "transcript_read", "K7P4-MXQ2", {"with": "cli"}),
    ]


def test_nobody_can_read_under_another_name(livehelp: Command, visits: Path) -> None:
    livehelp("transcript", "k7p4mxq2", "-d", visits, env={"LOGNAME": "eve", "USER": "eve"})
    assert audited(visits)[0][0] == ACCOUNT


def test_an_account_without_a_name_is_written_down_by_its_number(
    livehelp: Command, visits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1_234_567)
    livehelp("transcript", "k7p4mxq2", "-d", visits)
    assert audited(visits)[0][0] == "uid 1234567"


def test_what_cannot_be_audited_is_not_shown(livehelp: Command, visits: Path) -> None:
    """A trigger stands in for a full disk: the read goes well, and the write does not."""
    with sqlite3.connect(visits) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END"
        )
    connection.close()
    livehelp("transcript", "k7p4mxq2", "-d", visits).told("disk full")
    livehelp("sessions", "-d", visits).told("disk full")


def test_a_live_visit_is_listed_and_read_while_the_server_runs(live_server: ServerProcess) -> None:
    reference = hold_a_visit(live_server, "Pat", "Taxes", ["Hello", "Is anybody there?"])
    where = ["--database", live_server.database]
    folder = live_server.database.parent
    listed = in_a_process(folder, "sessions", "--open", *where)
    assert listed.out.startswith(reference)
    shown = in_a_process(folder, "transcript", reference.lower(), *where)
    assert shown.code == 0, shown
    assert "  visitor   Pat: Is anybody there?\n" in shown.out
