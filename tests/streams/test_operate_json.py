"""``livehelp operate --json`` in pipes, against a real server."""

import json
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from livehelp.testkit.server import ServerProcess
from livehelp.wire.codec import decode_server_message
from tests.streams.program import PATIENCE, Programs


def test_commands_from_a_pipe_are_answered_in_order_and_then_it_signs_out(
    programs: Programs,
) -> None:
    visitor = programs.visitor()
    visitor.type("Hello")
    other = programs.operator()
    other.heard("visit", name="Pat", seq=2)  # the line is stored
    done = programs.shell(
        """printf '%s\\n' '{"type":"take","ref":101}' '{"type":"say","text":"Hi","ref":7}' \
        '{"type":"end","ref":1}' | livehelp operate --json --name dana"""
    )
    assert (done.returncode, done.stderr) == (0, "")
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    answers = [m for m in messages if m["type"] in {"ack", "error"}]
    session = answers[0]["session"]
    assert answers == [
        {"type": "ack", "ref": ref, "session": session, "seq": seq}
        for ref, seq in ((101, 3), (7, 4), (1, 5))
    ]
    assert "Hi" in visitor.until("dana: ")
    assert visitor.ended() == 0


def test_it_begins_with_the_server_the_link_the_sign_in_and_the_floor(programs: Programs) -> None:
    programs.visitor()
    operator = programs.operator()
    operator.heard("roster")
    kinds = [message["type"] for message in operator.messages()]
    assert kinds == ["hello", "link", "logged_in", "visit", "roster"]
    link = operator.messages()[1]
    assert link == {"type": "link", "state": "up", "resumed": False}


def test_every_line_has_the_shape_of_the_protocol_and_its_type_stands_first(
    programs: Programs,
) -> None:
    operator = programs.operator()
    visitor = programs.visitor()
    operator.heard("opened")
    operator.tell("take", ref=1)
    visitor.type("Hello", "/end")
    visitor.end_input()
    operator.heard("closed")
    operator.end_input()
    assert operator.ended() == 0
    for line in operator.lines:
        kind = json.loads(line)["type"]
        assert line.startswith(f'{{"type":"{kind}"')
        if kind not in {"link", "logged_in"}:
            decode_server_message(line.encode())


def test_no_secret_is_written(programs: Programs) -> None:
    operator = programs.operator()
    operator.end_input()
    assert operator.ended() == 0
    assert set(operator.messages()[2]) == {"type", "name", "expires"}
    assert programs.server.password not in "".join(operator.lines)


BAD_LINES: list[tuple[str, dict[str, Any] | None]] = [
    ("", None),
    ("  ", None),
    ("no JSON", {"code": "bad_json"}),
    ("[1]", {"code": "bad_field"}),
    ('{"type":"dance","ref":4}', {"code": "unknown_type", "ref": 4}),
    ('{"type":"say","ref":5}', {"code": "bad_field", "ref": 5}),
    ('{"type":"say","text":"Hi","ref":6}', {"code": "no_session", "ref": 6}),
    ('{"type":"say","text":"Hi","session":"NONE","ref":6}', {"code": "no_session", "ref": 6}),
    ('{"type":"take","ref":7}', {"code": "nobody_waits", "ref": 7}),
    ('{"type":"recall","session":"NONE"}', {"code": "no_earlier"}),
    ('{"type":"interview","answers":[{"question":"a","answer":"b"}]}', {"code": "not_yours"}),
    ('{"type":"hello","protocol":1,"role":"visitor"}', {"code": "out_of_turn"}),
    ('{"type":"login","name":"kim","password":"x"}', {"code": "out_of_turn"}),
    ('{"type":"say","text":"' + "x" * 17_000 + '","ref":8}', {"code": "line_too_long"}),
]


def test_a_bad_line_is_answered_with_what_is_wrong_and_nothing_ends(programs: Programs) -> None:
    operator = programs.operator()
    operator.type(*(line for line, _ in BAD_LINES), '{"type":"ping"}')
    operator.heard("pong")
    errors = [message for message in operator.messages() if message["type"] == "error"]
    for error in errors:
        assert error.pop("message")
    assert errors == [{"type": "error", **answer} for _, answer in BAD_LINES if answer]


def test_the_session_may_be_left_out_by_whoever_is_in_just_one(programs: Programs) -> None:
    operator = programs.operator()
    for name in ("Ann", "Ben"):
        programs.visitor(name=name)
        operator.heard("opened", name=name)
    operator.tell("take")
    first = operator.heard("ack")["session"]
    operator.tell("note", text="regular")
    assert operator.heard("ack")["session"] == first
    operator.tell("take")
    second = operator.heard("ack")["session"]
    operator.tell("say", text="Hello", ref=3)
    error = operator.heard("error", ref=3)
    assert error["code"] == "which_session"
    assert first in error["message"]
    assert second in error["message"]
    operator.tell("say", text="Hello", session=second, ref=4)
    assert operator.heard("ack", ref=4)["session"] == second


def test_every_command_of_an_operator_is_carried_out(programs: Programs) -> None:
    programs.server.add_operator("kim")
    visitor = programs.visitor()
    kim = programs.operator(name="kim")
    dana = programs.operator()
    dana.heard("roster")
    dana.tell("take", ref=1)
    session = dana.heard("ack", ref=1)["session"]
    for ref, (command, fields) in enumerate(
        [
            ("note", {"text": "a regular"}),
            ("set_topic", {"topic": "Taxes"}),
            ("say", {"text": "Good morning"}),
            ("transfer", {"to": "kim"}),
        ],
        start=2,
    ):
        dana.tell(command, ref=ref, **fields)
        assert dana.heard("ack", ref=ref)["session"] == session
    dana.tell("typing", on=True, session=session)
    kim.heard("joined", operator="kim")
    kim.tell("end", ref=1)
    kim.heard("closed", by="operator")
    visitor.until("kim ended the conversation")
    kinds = [m["type"] for m in kim.messages() if m.get("session") == session and "seq" in m]
    assert {"line", "noted", "topic_set", "transferred"} <= set(kinds)
    kim.tell("logout", ref=9)
    assert kim.heard("ack", ref=9) == {"type": "ack", "ref": 9}
    assert kim.ended() == 0
    dana.heard("roster", operators=["dana"])


def test_the_visit_before_is_recalled_with_an_ack_that_names_it(programs: Programs) -> None:
    first = programs.visitor()
    first.type("My plates are worn", "/end")
    first.end_input()
    assert first.ended() == 0
    programs.visitor()
    operator = programs.operator()
    now = operator.heard("visit")
    operator.tell("take")
    operator.heard("ack")
    operator.tell("recall", session=now["session"], ref=5)
    line = operator.heard("line", session=now["previous"])
    assert line["text"] == "My plates are worn"
    ack = operator.heard("ack", ref=5)
    assert (ack["session"], ack["seq"]) == (now["previous"], 3)


def test_a_lost_link_is_told_and_what_was_asked_meanwhile_is_answered_after_it(
    programs: Programs,
) -> None:
    visitor = programs.visitor()
    operator = programs.operator()
    operator.tell("take", ref=1)
    operator.heard("ack", ref=1)
    operator.heard("joined")
    programs.server.kill()
    lost = operator.heard("link", state="lost")
    assert lost["why"]
    assert lost["retry_in"] >= 0
    operator.tell("say", text="Are you there?", ref=2)
    programs.server.start()
    operator.heard("link", state="up", resumed=True)
    operator.heard("ack", ref=2)
    visitor.until("dana: Are you there?")
    visitor.type("Yes")
    assert operator.heard("line", by="visitor")["text"] == "Yes"
    said = [m["text"] for m in operator.messages() if m["type"] == "line"]
    assert said == ["Yes"]


def test_a_link_that_ends_for_good_is_exit_code_1(programs: Programs) -> None:
    programs.server.close()
    operator = programs.run("operate", "--json", "--name", "dana")
    assert operator.ended() == 1
    assert "cannot connect" in operator.errors()
    assert operator.lines == []


def test_a_wrong_password_is_exit_code_1(programs: Programs) -> None:
    operator = programs.run(
        "operate", "--json", "--name", "dana", env={"LIVEHELP_PASSWORD": "wrong"}
    )
    assert operator.ended() == 1
    assert "password" in operator.errors()
    assert "Traceback" not in operator.errors()


def test_being_signed_out_by_the_server_ends_it_with_exit_code_1(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, options=("--operator-idle-timeout", "0.2")) as server:
        programs = Programs(server, tmp_path)
        try:
            operator = programs.operator()
            assert operator.heard("bye")["reason"] == "idle"
            assert "ign in again" in operator.heard("link", state="ended")["why"]
            assert operator.ended() == 1
        finally:
            programs.close()


def test_with_nothing_to_say_it_ends_at_once_but_stays_when_asked(programs: Programs) -> None:
    short = programs.run("operate", "--json", "--name", "dana", stdin=subprocess.DEVNULL)
    assert short.ended() == 0
    dashboard = programs.run(
        "operate", "--json", "--name", "dana", "--stay", stdin=subprocess.DEVNULL
    )
    dashboard.heard("roster")
    programs.visitor()
    assert dashboard.heard("opened")["name"] == "Pat"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_signs_out_and_is_told_by_the_exit_code(
    programs: Programs, number: signal.Signals, code: int
) -> None:
    programs.server.add_operator("kim")
    kim = programs.operator(name="kim")
    visitor = programs.visitor()
    dana = programs.operator()
    dana.tell("take")
    dana.heard("ack")
    dana.signal(number)
    assert dana.ended() == code
    assert dana.errors() == ""
    assert kim.heard("left")["reason"] == "logged_out"
    visitor.until("dana signed out")


def test_ctrl_c_while_the_link_is_lost_does_not_wait_for_it(programs: Programs) -> None:
    operator = programs.operator()
    programs.server.kill()
    operator.heard("link", state="lost")
    operator.tell("take")
    operator.signal(signal.SIGINT)
    assert operator.ended() == 130


def test_ctrl_c_while_it_connects_ends_at_once(programs: Programs) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        operator = programs.run(
            "operate", "--json", "--name", "dana", env={"LIVEHELP_ADDRESS": address}
        )
        connection, _ = silent.accept()
        with connection:
            operator.signal(signal.SIGINT)
            assert operator.ended() == 130
    assert operator.errors() == ""


def test_a_reader_who_has_had_enough_ends_it_quietly(programs: Programs) -> None:
    done = programs.shell("livehelp operate --json --name dana --stay </dev/null | head -3")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 3


def test_a_reader_who_goes_away_is_noticed_though_nothing_happens(programs: Programs) -> None:
    programs.server.add_operator("kim")
    kim = programs.operator(name="kim")
    kim.heard("roster")
    dana = programs.operator()
    dana.heard("roster")
    kim.heard("roster", operators=["dana", "kim"])
    dana.close_output()
    kim.heard("roster", operators=["kim"])
    assert dana.ended() == 0
    assert dana.errors() == ""


def test_a_full_disk_is_said(programs: Programs) -> None:
    done = programs.shell("livehelp operate --json --name dana </dev/null >/dev/full")
    assert done.returncode == 1
    assert "standard output: No space left on device" in done.stderr


def test_files_serve_as_input_and_output(programs: Programs) -> None:
    done = programs.shell(
        """printf '{"type":"ping"}' >in; livehelp operate --json --name dana <in >out; cat out"""
    )
    assert done.returncode == 0
    assert '{"type":"pong"}' in done.stdout.splitlines()


def test_a_closed_input_or_output_is_asked_wrongly(programs: Programs) -> None:
    for redirection in ("<&-", ">&-"):
        done = programs.shell(f"livehelp operate --json --name dana {redirection}")
        assert done.returncode == 2
        assert "/dev/null" in done.stderr


def test_the_password_may_be_in_a_file_that_nobody_else_can_read(programs: Programs) -> None:
    words = ("operate", "--json", "--name", "dana", "--password-file", "secret")
    secret = programs.folder / "secret"
    secret.write_text(f"{programs.server.password}\nnot this\n")
    secret.chmod(0o644)
    command = "LIVEHELP_PASSWORD= livehelp " + " ".join(words) + " </dev/null"
    refused = programs.shell(command)
    assert refused.returncode == 2
    assert "open to others" in refused.stderr
    assert "chmod 600 secret" in refused.stderr
    secret.chmod(0o600)
    assert programs.shell(command).returncode == 0
    for content, words_of_it in ((b"\n", "is empty"), (b"\xff\n", "is not UTF-8")):
        secret.write_bytes(content)
        refused = programs.shell(command)
        assert (refused.returncode, words_of_it in refused.stderr) == (2, True)
    secret.unlink()
    assert "secret: No such file" in programs.shell(command).stderr


def test_the_password_of_one_operator_comes_before_that_of_all(programs: Programs) -> None:
    own = {"LIVEHELP_PASSWORD_DANA": programs.server.password, "LIVEHELP_PASSWORD": "another"}
    operator = programs.run("operate", "--json", "--name", "dana", env=own)
    operator.heard("logged_in")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("operate --json", "--name"),
        ("operate --json --name dana", "LIVEHELP_PASSWORD"),
        (f"operate --json --name {'x' * 61}", "60 characters"),
        ("operate --json --name dana 'no address'", "is no address"),
        ("operate --stay", "together with --json only"),
        ("operate", "livehelp operate --json"),
    ],
)
def test_what_is_asked_wrongly_is_exit_code_2(
    programs: Programs, arguments: str, words: str
) -> None:
    done = programs.shell(f"LIVEHELP_PASSWORD= livehelp {arguments} </dev/null")
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""
