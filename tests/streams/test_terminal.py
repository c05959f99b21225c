"""``livehelp visit`` at a terminal that is only a line: it is ``--plain`` without being told."""

from collections.abc import Callable, Iterator

import pexpect
import pytest

from livehelp.testkit.server import environment
from tests.streams.program import PATIENCE, PROGRAM, Programs

CTRL_C, CTRL_D = "\x03", "\x04"


@pytest.fixture
def visit(programs: Programs) -> Iterator[Callable[..., "pexpect.spawn[str]"]]:
    """Starts a visit at a terminal that can do nothing."""
    terminals: list[pexpect.spawn[str]] = []

    def start(*options: str, command: str = "visit") -> "pexpect.spawn[str]":
        terminal: pexpect.spawn[str] = pexpect.spawn(
            PROGRAM[0],
            [*PROGRAM[1:], command, *options],
            env={**environment(), **programs.environment, "TERM": "dumb"},  # pyright: ignore[reportArgumentType]  its stub wants os.environ's type
            encoding="utf-8",
            timeout=PATIENCE,
        )
        terminals.append(terminal)
        return terminal

    yield start
    for terminal in terminals:
        terminal.close(force=True)


def ended(terminal: "pexpect.spawn[str]") -> tuple[int | None, str]:
    """Wait for the end; return the exit code, and what was written since the last look."""
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus, str(terminal.before)


def test_an_operator_is_told_what_is_needed(visit: Callable[..., "pexpect.spawn[str]"]) -> None:
    code, words = ended(visit(command="operate"))
    assert code == 2
    assert "with a TERM that is not dumb" in " ".join(words.split())


def test_it_asks_what_it_has_to_know_and_the_questions_at_the_end(
    programs: Programs, visit: Callable[..., "pexpect.spawn[str]"]
) -> None:
    operator = programs.operator()
    terminal = visit()
    terminal.expect_exact("confidential")
    terminal.expect_exact("1 operator is here.")
    terminal.expect_exact("Your name, or leave it empty: ")
    terminal.sendline("Pat")
    terminal.expect_exact("1 Vehicles and licences")
    terminal.expect_exact("It is about (a number, or a few words): ")
    terminal.sendline("")
    terminal.expect_exact("Please choose a topic")
    terminal.expect_exact("It is about (a number, or a few words): ")
    terminal.sendline("2")
    terminal.expect_exact("You asked for help: Taxes")
    session = operator.heard("opened", name="Pat", topic="Taxes")["session"]
    operator.tell("take")
    terminal.expect_exact("* dana is helping you now")
    terminal.sendline("Hello")
    operator.heard("line", text="Hello")
    operator.tell("say", text="Good morning")
    terminal.expect(r"dana: Good morning \(\d\d:\d\d\)\r\n")
    terminal.sendline("/end")
    terminal.expect_exact("* You ended the conversation")
    terminal.expect_exact("Was your question answered? ")
    terminal.sendline("Yes")
    terminal.expect_exact("How could we have helped better? ")
    terminal.sendline("")
    terminal.expect_exact("give your address: ")
    terminal.sendline("pat at home")
    terminal.expect_exact("That is no e-mail address. Correct it, or leave it empty: ")
    terminal.sendline("")
    terminal.expect_exact("Your answers were saved.")
    assert ended(terminal) == (
        0,
        f"\r\nThank you, Pat. The reference of this conversation is {session}.\r\n",
    )


def test_what_is_half_typed_when_an_operator_ends_it_answers_no_question(
    programs: Programs, visit: Callable[..., "pexpect.spawn[str]"]
) -> None:
    operator = programs.operator()
    terminal = visit("--name", "Pat", "--topic", "plates")
    operator.heard("opened")
    operator.tell("take")
    operator.heard("ack")
    terminal.send("and what abo")
    operator.tell("end")
    terminal.expect_exact("* dana ended the conversation")
    terminal.expect_exact("Press Enter to go on: ")
    terminal.sendline("")
    terminal.expect_exact("Was your question answered? ")
    terminal.send(CTRL_D)
    code, rest = ended(terminal)
    assert code == 0
    assert "Thank you, Pat." in rest
    assert "saved" not in rest


def test_ctrl_d_ends_the_visit_and_asks_nothing(
    programs: Programs, visit: Callable[..., "pexpect.spawn[str]"]
) -> None:
    operator = programs.operator()
    terminal = visit("--name", "Pat", "--topic", "plates")
    terminal.expect_exact("You are next.")
    terminal.send(CTRL_D)
    operator.heard("closed", by="visitor")
    code, rest = ended(terminal)
    assert code == 0
    assert "answered?" not in rest


def test_ctrl_d_before_it_began_leaves_without_a_visit(
    programs: Programs, visit: Callable[..., "pexpect.spawn[str]"]
) -> None:
    terminal = visit()
    terminal.expect_exact("Your name, or leave it empty: ")
    terminal.send(CTRL_D)
    assert ended(terminal) == (0, "\r\n")


def test_ctrl_c_at_a_question_leaves(
    programs: Programs, visit: Callable[..., "pexpect.spawn[str]"]
) -> None:
    terminal = visit()
    terminal.expect_exact("Your name, or leave it empty: ")
    terminal.send(CTRL_C)
    code, rest = ended(terminal)
    assert code == 130
    assert "Traceback" not in rest


def test_a_visit_that_was_cut_off_is_gone_on_with(
    programs: Programs, visit: Callable[..., "pexpect.spawn[str]"]
) -> None:
    cut_off = programs.visitor()
    cut_off.type("Hello")
    operator = programs.operator()
    operator.heard("visit", seq=2)
    cut_off.close()
    terminal = visit()
    terminal.expect_exact("about plates is still open.")
    terminal.expect_exact("Go on with it? Enter is yes, n begins a new one: ")
    terminal.sendline("")
    terminal.expect(r"Pat: Hello \(\d\d:\d\d\)\r\n")
    terminal.send(CTRL_D)
    assert ended(terminal)[0] == 0


def test_a_new_visit_is_begun_beside_one_that_was_cut_off(
    programs: Programs, visit: Callable[..., "pexpect.spawn[str]"]
) -> None:
    cut_off = programs.visitor()
    cut_off.close()
    terminal = visit("--name", "Pat", "--topic", "Taxes")
    terminal.expect_exact("n begins a new one: ")
    terminal.sendline("n")
    terminal.expect_exact("You asked for help: Taxes")
    terminal.send(CTRL_D)
    assert ended(terminal)[0] == 0
