"""``livehelp visit --plain`` in pipes, against a real server."""

import re
import signal
from typing import Any

import pytest

from tests.streams.program import Program, Programs

VISIT = "livehelp visit --plain --name Pat --topic plates"


def take(operator: Program) -> str:
    """Take who waits; return the session."""
    operator.tell("take", ref=1)
    return operator.heard("ack", ref=1)["session"]


def transcript(programs: Programs, session: str) -> Any:
    return programs.server.command("transcript", session)


def test_the_notice_comes_first_and_nothing_is_drawn(programs: Programs) -> None:
    operator = programs.operator()
    visitor = programs.visitor()
    visitor.type("Hello")
    session = take(operator)
    operator.heard("line", text="Hello")
    operator.tell("say", text="Good morning\nPat")
    operator.tell("end")
    assert visitor.ended() == 0
    assert visitor.errors() == ""
    notice, here, *talk, thanks = visitor.lines
    assert "confidential" in notice
    assert here == "1 operator is here."
    assert [re.sub(r" \(\d\d:\d\d\)$", " (HH:MM)", line) for line in talk] == [
        "* You asked for help: plates (HH:MM)",
        "* You are next. 1 operator is here. (HH:MM)",
        "* dana is helping you now (HH:MM)",
        "dana: Good morning",
        "    Pat (HH:MM)",
        "* dana ended the conversation (HH:MM)",
    ]
    assert thanks == f"Thank you, Pat. The reference of this conversation is {session}."
    assert all(line.isprintable() for line in visitor.lines)


def test_after_the_end_of_the_input_it_stays_for_the_answers(programs: Programs) -> None:
    operator = programs.operator()
    visitor = programs.visitor()
    visitor.type("Hello")
    visitor.end_input()
    operator.heard("opened")
    take(operator)
    operator.heard("line", text="Hello")
    operator.tell("say", text="Good morning")
    visitor.until("dana: Good morning")
    operator.tell("end")
    visitor.until("dana ended the conversation")
    assert visitor.ended() == 0


def test_it_leaves_when_it_has_been_answered_if_that_is_all_it_wants(programs: Programs) -> None:
    operator = programs.operator()
    visitor = programs.visitor("--until-answered")
    visitor.type("Hello")
    visitor.end_input()
    operator.heard("opened")
    take(operator)
    operator.heard("line", text="Hello")
    operator.tell("say", text="Good morning")
    assert visitor.ended() == 0
    assert operator.heard("closed")["by"] == "visitor"


def test_what_was_said_before_the_last_line_is_no_answer_to_it(programs: Programs) -> None:
    operator = programs.operator()
    visitor = programs.visitor("--until-answered")
    operator.heard("opened")
    take(operator)
    operator.tell("say", text="Good morning")
    visitor.until("dana: Good morning")
    visitor.type("Where do I renew?")
    visitor.end_input()
    operator.heard("line", text="Where do I renew?")
    operator.tell("say", text="At your clerk's")
    visitor.until("dana: At your clerk's")
    assert visitor.ended() == 0


def test_it_leaves_after_a_time_and_tells_whether_there_was_an_answer(programs: Programs) -> None:
    said = f"echo Hello | {VISIT} --for 0.1s"
    assert programs.shell(said).returncode == 0
    done = programs.shell(f"{said} --until-answered")
    assert done.returncode == 1
    assert "You ended the conversation" in done.stdout
    assert "\n* Nobody answered in time.\nThank you, Pat." in done.stdout


def test_an_end_without_an_answer_is_told_if_an_answer_was_wished_for(programs: Programs) -> None:
    done = programs.shell(f"(echo Hello; echo /end) | {VISIT} --until-answered")
    assert done.returncode == 1
    assert "\n* Nobody answered.\nThank you, Pat." in done.stdout


def test_a_word_ends_the_visit_and_what_follows_answers_the_questions(programs: Programs) -> None:
    done = programs.shell(rf"printf 'Hello\n/end\nYes\n\nno address\npat@example.org\n' | {VISIT}")
    assert done.returncode == 0
    assert "Was your question answered?\nHow could we have helped better?\n" in done.stdout
    assert "That is no e-mail address." in done.stdout
    assert "Your answers were saved." in done.stdout
    session = done.stdout.split()[-1].removesuffix(".")
    stored = transcript(programs, session)
    for each in ("Hello", "Was your question answered?", "Yes", "pat@example.org"):
        assert each in stored
    assert "/end" not in stored
    assert "helped better" not in stored


def test_questions_need_no_answer(programs: Programs) -> None:
    done = programs.shell(f"echo /end | {VISIT}")
    assert done.returncode == 0
    *_, intro, question, thanks = done.stdout.splitlines()
    assert intro.endswith("Leave empty what you want.")
    assert question == "Was your question answered?"
    assert thanks.startswith("Thank you, Pat.")


def test_what_cannot_be_said_is_told_and_the_rest_is_said(programs: Programs) -> None:
    lines = r"'%02100d\n\xff\n   \nHello\n' 0"
    long = "head -c 20000 /dev/zero | tr '\\0' x; echo"
    done = programs.shell(f"({long}; printf {lines}; echo /end) | {VISIT}")
    assert done.returncode == 1
    assert done.stdout.count("* Not sent: ") == 3
    assert "too long to be sent at once" in done.stdout
    assert "2,100 characters" in done.stdout
    assert "no text in utf-8" in done.stdout
    session = done.stdout.split()[-1].removesuffix(".")
    assert "Hello" in transcript(programs, session)


def test_a_lost_link_is_told_once_and_what_is_typed_meanwhile_arrives(programs: Programs) -> None:
    operator = programs.operator()
    visitor = programs.visitor()
    operator.heard("opened")
    take(operator)
    visitor.until("dana is helping you now")
    programs.server.kill()
    visitor.until("* Connection lost: ")
    visitor.type("Are you there?")
    programs.server.start()
    visitor.until("* Connected again.")
    operator.heard("line", text="Are you there?")
    operator.tell("end")
    assert visitor.ended() == 0
    assert len([line for line in visitor.lines if "Connection lost" in line]) == 1


def test_an_operator_whose_link_is_lost_is_told(programs: Programs) -> None:
    operator = programs.operator()
    visitor = programs.visitor()
    operator.heard("opened")
    take(operator)
    visitor.until("dana is helping you now")
    operator.close()
    visitor.until("* dana lost the connection. Please wait a moment.")
    programs.operator()
    visitor.until("* dana is back.")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_visit_so_that_nobody_waits_for_it(
    programs: Programs, number: signal.Signals, code: int
) -> None:
    operator = programs.operator()
    visitor = programs.visitor()
    visitor.signal(number)
    assert visitor.ended() == code
    assert visitor.errors() == ""
    assert operator.heard("closed")["by"] == "visitor"


def test_a_reader_who_goes_away_ends_the_visit_quietly(programs: Programs) -> None:
    operator = programs.operator()
    visitor = programs.visitor()
    visitor.close_output()
    assert operator.heard("closed")["by"] == "visitor"
    assert visitor.ended() == 0
    assert visitor.errors() == ""


def test_a_visit_that_the_server_does_not_know_any_more_is_exit_code_1(programs: Programs) -> None:
    visitor = programs.visitor()
    programs.server.stop()
    visitor.until("Connection lost")
    for suffix in ("", "-wal", "-shm"):
        programs.server.database.with_name(f"livehelp.db{suffix}").unlink(missing_ok=True)
    programs.server.add_operator("kim")  # makes another database
    programs.server.start()
    visitor.until("* The connection has ended: ")
    assert visitor.ended() == 1


def test_without_a_token_nothing_is_kept(programs: Programs) -> None:
    state = programs.folder / "state"
    assert programs.shell(f"echo /end | {VISIT} --no-token").returncode == 0
    assert not state.exists()
    assert programs.shell(f"echo /end | {VISIT}").returncode == 0
    assert len(list(state.rglob("*.token"))) == 1


def test_operators_see_the_place_and_a_visitor_needs_no_name(programs: Programs) -> None:
    operator = programs.operator()
    programs.shell("echo /end | livehelp visit --plain --topic plates --place 'kiosk 7'")
    opened = operator.heard("opened")
    assert (opened["name"], opened["place"]) == ("Visitor", "kiosk 7")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("visit", "nobody is asked in a pipe: --topic"),
        ("visit --plain", "--topic"),
        ("visit --plain --topic plates 'no address'", "is no address"),
        (f"visit --plain --topic {'x' * 81}", "80 characters"),
        ("visit --plain --topic plates --for soon", "--for soon: write a time with its unit"),
        ("visit --name Pat --for 5s", "nobody is asked in a pipe: --topic"),
    ],
)
def test_what_is_asked_wrongly_is_exit_code_2(
    programs: Programs, arguments: str, words: str
) -> None:
    done = programs.shell(f"livehelp {arguments} </dev/null")
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""


def test_no_server_is_exit_code_1(programs: Programs) -> None:
    programs.server.close()
    done = programs.shell(f"echo Hello | {VISIT}")
    assert done.returncode == 1
    assert "cannot connect" in done.stderr
    assert "Traceback" not in done.stderr
