"""Who may sign in: accounts are added, listed, given a new password, and disabled."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from livehelp.testkit.server import ServerProcess, environment
from server.auth.passwords import verify_password
from tests.cli.command import PROGRAM, Command, in_a_process
from tests.cli.conftest import open_archive
from tests.cli.wire_visit import sign_in

GOOD = "seven green bicycles"
OTHER = "eleven quiet lighthouses"


def stored_hash(database: Path, name: str) -> str:
    archive = open_archive(database)
    account = archive.operator(name)
    archive.close()
    assert account is not None
    return account.password_hash


def actions(database: Path) -> list[tuple[str, str]]:
    archive = open_archive(database)
    entries = archive.audit_entries()
    archive.close()
    return [(entry.action, entry.subject) for entry in entries]


def heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Typist:
    """Somebody at a terminal, who sees what it shows."""

    def __init__(self, folder: Path, *words: object) -> None:
        self._terminal: pexpect.spawn[str] = pexpect.spawn(
            PROGRAM[0],
            [*PROGRAM[1:], *map(str, words)],
            env=environment(),
            cwd=str(folder),
            encoding="utf-8",
            timeout=20,
            # A shell's background job ignores Ctrl-C, and its children would inherit that.
            preexec_fn=heed_ctrl_c,
        )
        self.seen = ""

    def type(self, prompt: str, answer: str) -> None:
        """Wait for the prompt (and the terminal to hide what comes), then answer it."""
        self._terminal.expect_exact(prompt)
        self.seen += str(self._terminal.before)
        assert self._terminal.waitnoecho(20)
        self._terminal.sendline(answer)

    def press(self, prompt: str, key: str) -> None:
        self._terminal.expect_exact(prompt)
        assert self._terminal.waitnoecho(20)
        self._terminal.sendcontrol(key)

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        self._terminal.expect(pexpect.EOF)
        self.seen += str(self._terminal.before)
        self._terminal.close()
        code = self._terminal.exitstatus
        assert code is not None
        return code

    def leave(self) -> None:
        self._terminal.close(force=True)


@pytest.fixture
def adding(tmp_path: Path) -> Iterator[Typist]:
    """``livehelp operators add lee``, in a terminal."""
    typist = Typist(tmp_path, "operators", "add", "lee", "-d", "help.db")
    yield typist
    typist.leave()


def test_the_password_is_asked_for_twice_and_never_shown(adding: Typist, tmp_path: Path) -> None:
    adding.type("Password: ", GOOD)
    adding.type("Once more: ", GOOD)
    assert adding.end() == 0
    assert "lee can sign in now" in adding.seen
    assert GOOD not in adding.seen
    assert verify_password(stored_hash(tmp_path / "help.db", "lee"), GOOD)


def test_a_mismatch_and_a_weak_password_are_asked_for_again(adding: Typist, tmp_path: Path) -> None:
    adding.type("Password: ", GOOD)
    adding.type("Once more: ", OTHER)
    adding.type("Password: ", "short")
    adding.type("Password: ", OTHER)
    adding.type("Once more: ", OTHER)
    assert adding.end() == 0
    assert "The two were not the same." in adding.seen
    assert "The password has 5 characters and needs 15." in adding.seen
    assert verify_password(stored_hash(tmp_path / "help.db", "lee"), OTHER)


def test_after_three_mismatches_nothing_is_changed(adding: Typist, tmp_path: Path) -> None:
    for _ in range(3):
        adding.type("Password: ", GOOD)
        adding.type("Once more: ", OTHER)
    assert adding.end() == 1
    assert "nothing was changed" in adding.seen
    assert not actions(tmp_path / "help.db")


@pytest.mark.parametrize(("key", "code"), [("c", 130), ("d", 1)])
def test_whoever_gives_up_leaves_no_traceback_and_no_account(
    adding: Typist, tmp_path: Path, key: str, code: int
) -> None:
    adding.press("Password: ", key)
    assert adding.end() == code
    assert "Traceback" not in adding.seen
    assert not actions(tmp_path / "help.db")


def test_an_operator_is_added_from_a_pipe_into_a_database_that_is_made_private(
    livehelp: Command,
) -> None:
    result = livehelp(
        *("operators", "add", "Lee Ann", "--password-stdin", "-d", "new/help.db"),
        stdin=GOOD.encode() + b"\r\n",
    )
    assert (result.code, result.err) == (0, "")
    assert result.out == "Lee Ann can sign in now: livehelp operate --name 'Lee Ann'\n"
    made = livehelp.folder / "new" / "help.db"
    assert made.stat().st_mode & 0o777 == 0o600
    assert verify_password(stored_hash(made, "lee ann"), GOOD)
    assert actions(made) == [("operator_added", "Lee Ann")]


def test_without_the_option_the_database_is_in_the_data_folder(livehelp: Command) -> None:
    livehelp("operators", "add", "lee", "--password-stdin", stdin=GOOD.encode())
    assert (livehelp.folder / "data" / "livehelp" / "livehelp.db").exists()
    assert livehelp("operators", "list").out.startswith("lee ")


def test_without_a_terminal_the_password_must_come_from_a_pipe(
    livehelp: Command, database: Path
) -> None:
    result = livehelp("operators", "add", "lee", "-d", database, stdin=GOOD.encode())
    assert result.told("--password-stdin").code == 2


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (b"", "has 0 characters and needs 15"),
        (b"short\n", "has 5 characters and needs 15"),
        (b"leeleeleeleeleelee\n", "guessed first"),
        (b"passwordpassword\n", "guessed first"),
        (b"x" * 257, "at most 256"),
        (b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(
    livehelp: Command, database: Path, password: bytes, words: str
) -> None:
    for verb, name in (("add", "lee"), ("password", "dana")):
        arguments = ("operators", verb, name, "--password-stdin", "-d", database)
        if b"lee" in password and name != "lee":
            continue
        assert livehelp(*arguments, stdin=password).told(words).code == 1
    assert not actions(database)


@pytest.mark.parametrize("name", ["dana", "DANA", "Dana", " dana ", "\uff44ana"])
def test_a_name_that_is_there_in_other_capitals_is_taken(
    livehelp: Command, database: Path, name: str
) -> None:
    result = livehelp("operators", "add", name, "--password-stdin", "-d", database, stdin=b"")
    result.told("there is an operator 'dana' already", "capitals do not count")


@pytest.mark.parametrize("name", ["", "   ", "\u202e", "x" * 61])
def test_a_name_that_nobody_can_see_is_none(livehelp: Command, database: Path, name: str) -> None:
    result = livehelp("operators", "add", name, "--password-stdin", "-d", database, stdin=b"")
    assert result.told("1 to 60 characters").code == 2


def test_a_name_is_kept_as_the_server_would_clean_it(livehelp: Command, database: Path) -> None:
    livehelp(
        *("operators", "add", "  Lee \x1b[2J  Ann", "--password-stdin", "-d", database),
        stdin=GOOD.encode(),
    )
    assert "Lee Ann  added" in livehelp("operators", "list", "-d", database).out


def test_operators_are_listed_with_their_state(livehelp: Command, database: Path) -> None:
    livehelp("operators", "add", "Al", "--password-stdin", "-d", database, stdin=GOOD.encode())
    livehelp("operators", "disable", "al", "-d", database)
    al, dana = livehelp("operators", "list", "-d", database).out.splitlines()
    assert re.fullmatch(r"Al    added \d{4}-\d\d-\d\d  disabled \d{4}-\d\d-\d\d", al)
    assert re.fullmatch(r"dana  added \d{4}-\d\d-\d\d  active", dana)
    shown = json.loads(livehelp("operators", "list", "--json", "-d", database).out)
    assert [each["name"] for each in shown] == ["Al", "dana"]
    assert [each["disabled"] is None for each in shown] == [False, True]
    assert "hash" not in str(shown)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", each["added"]) for each in shown)
    assert shown[0]["disabled"].endswith("Z")


def test_an_empty_list_says_how_to_add_somebody(livehelp: Command) -> None:
    livehelp("operators", "add", "lee", "--password-stdin", "-d", "help.db")
    result = livehelp("operators", "list", "-d", "help.db")
    assert (result.code, result.out) == (0, "")
    assert f"livehelp operators add NAME --database {livehelp.folder}/help.db" in result.err


def test_a_disabled_operator_stays_disabled_and_keeps_the_name(
    livehelp: Command, database: Path
) -> None:
    where = ("-d", database)
    assert livehelp("operators", "disable", "DANA", *where).out == "dana can no longer sign in.\n"
    again = livehelp("operators", "disable", "dana", *where)
    assert again.code == 0
    assert re.fullmatch(r"dana is disabled since \d{4}-\d\d-\d\d\.\n", again.out)
    password = ("operators", "password", "dana", "--password-stdin", *where)
    livehelp(*password, stdin=GOOD.encode()).told("dana is disabled and cannot sign in")
    add = ("operators", "add", "dana", "--password-stdin", *where)
    livehelp(*add, stdin=GOOD.encode()).told("already, disabled")
    assert actions(database) == [("operator_disabled", "dana")]


def test_a_new_password_takes_the_place_of_the_old(livehelp: Command, database: Path) -> None:
    words = ("operators", "password", "Dana", "--password-stdin", "-d", database)
    assert livehelp(*words, stdin=OTHER.encode()).out == "dana has a new password.\n"
    assert verify_password(stored_hash(database, "dana"), OTHER)
    assert actions(database) == [("password_set", "dana")]


@pytest.mark.parametrize("verb", ["disable", "password"])
def test_nobody_of_that_name_is_told(livehelp: Command, database: Path, verb: str) -> None:
    result = livehelp("operators", verb, "bob", "-d", database)
    result.told("there is no operator 'bob'", "livehelp operators list")


def test_accounts_change_under_a_running_server(live_server: ServerProcess) -> None:
    folder, where = live_server.database.parent, ("-d", live_server.database)
    typist = Typist(folder, "operators", "add", "lee", *where)
    typist.type("Password: ", GOOD)
    typist.type("Once more: ", GOOD)
    assert typist.end() == 0
    assert sign_in(live_server, "lee", GOOD) == "logged_in"

    typist = Typist(folder, "operators", "password", "lee", *where)
    typist.type("Password: ", OTHER)
    typist.type("Once more: ", OTHER)
    assert typist.end() == 0
    assert sign_in(live_server, "LEE", GOOD) == "login_failed"
    assert sign_in(live_server, "LEE", OTHER) == "logged_in"

    assert in_a_process(folder, "operators", "disable", "lee", *where).code == 0
    assert sign_in(live_server, "lee", OTHER) == "login_failed"
    assert sign_in(live_server, live_server.operator, live_server.password) == "logged_in"
