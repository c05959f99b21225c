"""Who may do what, when: the whole table again, written out by hand from the rules.

``insider`` is Dana, who is in the session once it is active; ``outsider`` is Lee, who never is.
``yes``: there are events. ``nothing``: no events, no refusal. What is not listed is ``not_yours``.
"""

from typing import get_args

import pytest

from livehelp.wire.commands import (
    Answer,
    End,
    Interview,
    Note,
    RequestTranscript,
    Say,
    SessionCommand,
    SetTopic,
    Take,
    Transfer,
)
from livehelp.wire.replies import ErrorCode
from server.rules.actors import Actor
from server.rules.decide import HANDLERS, decide
from server.rules.refused import Refused
from server.rules.system_commands import (
    CloseAbandoned,
    HostResolved,
    OperatorLoggedOut,
    OperatorTimedOut,
    SystemCommand,
)
from server.rules.table import DESCRIPTIONS, TABLE
from tests.rules.harness import ANN, DANA, LEE, NOON, SYSTEM, closes, enters, given, joins

RULES = """
    command              actor     waiting      active         closed
    say                  visitor   yes          yes            out_of_turn
    say                  insider   out_of_turn  yes            out_of_turn
    say                  outsider  out_of_turn  not_yours      out_of_turn
    end                  visitor   yes          yes            out_of_turn
    end                  insider   out_of_turn  yes            out_of_turn
    end                  outsider  out_of_turn  not_yours      out_of_turn
    interview            visitor   out_of_turn  out_of_turn    yes
    request_transcript   visitor   yes          yes            yes
    take                 insider   yes          already_taken  out_of_turn
    take                 outsider  yes          already_taken  out_of_turn
    note                 insider   out_of_turn  yes            yes
    note                 outsider  out_of_turn  not_yours      not_yours
    set_topic            insider   out_of_turn  yes            out_of_turn
    set_topic            outsider  out_of_turn  not_yours      out_of_turn
    transfer             insider   out_of_turn  yes            out_of_turn
    transfer             outsider  out_of_turn  not_yours      out_of_turn
    found_host           system    yes          yes            yes
    close_abandoned      system    yes          yes            nothing
    operator_gone        system    nothing      yes            nothing
    operator_logged_out  system    nothing      yes            nothing
"""
COMMANDS: dict[str, SessionCommand | SystemCommand] = {
    "say": Say(text="Hello"),
    "end": End(),
    "interview": Interview(answers=(Answer(question="Were you helped?", answer="Yes"),)),
    "request_transcript": RequestTranscript(email="ann@example.org"),
    "take": Take(),
    "note": Note(text="Called before"),
    "set_topic": SetTopic(topic="Car tax"),
    "transfer": Transfer(),
    "found_host": HostResolved("h.example.org"),
    "close_abandoned": CloseAbandoned(),
    "operator_gone": OperatorTimedOut("Dana"),
    "operator_logged_out": OperatorLoggedOut("Dana"),
}
ACTORS: dict[str, Actor] = {"visitor": ANN, "insider": DANA, "outsider": LEE, "system": SYSTEM}
SESSIONS = {
    "waiting": given(enters()).session,
    "active": given(enters(), joins("Dana")).session,
    "closed": given(enters(), joins("Dana"), closes("visitor", "Ann")).session,
}


def _expected() -> dict[tuple[str, str, str], str]:
    head, *rows = [row.split() for row in RULES.strip().splitlines()]
    listed = {
        (row[0], row[1], phase): answer
        for row in rows
        for phase, answer in zip(head[2:], row[2:], strict=True)
    }
    return {
        (command, actor, phase): listed.get((command, actor, phase), "not_yours")
        for command in COMMANDS
        for actor in ACTORS
        for phase in SESSIONS
    }


def _answer(command: str, actor: str, phase: str) -> str:
    try:
        events = decide(SESSIONS[phase], COMMANDS[command], ACTORS[actor], NOON)
    except Refused as refusal:
        return refusal.code
    return "yes" if events else "nothing"


@pytest.mark.parametrize(("cell", "expected"), _expected().items(), ids=str)
def test_the_desk_answers_as_the_rules_say(cell: tuple[str, str, str], expected: str):
    assert _answer(*cell) == expected


@pytest.mark.parametrize(
    ("command", "actor", "words"),
    [
        ("take", ANN, "Only an operator may take a visitor."),
        ("note", ANN, "Only an operator may add a note."),
        ("set_topic", ANN, "Only an operator may correct the topic."),
        ("transfer", ANN, "Only an operator may hand a visitor over."),
        ("interview", DANA, "Only the visitor may answer the exit interview."),
        ("request_transcript", DANA, "Only the visitor may ask for the transcript by e-mail."),
        ("say", SYSTEM, "Only the visitor or an operator may speak in a session."),
    ],
)
def test_a_role_that_never_may_is_told_who_may(command: str, actor: Actor, words: str):
    given(enters()).when(COMMANDS[command], actor).refused(ErrorCode.NOT_YOURS, words)


def test_every_command_and_order_is_in_the_table_once_a_role_and_has_a_handler():
    known = set(get_args(SessionCommand)) | set(get_args(SystemCommand))
    pairs = [(row.command, row.role) for row in TABLE]
    assert len(pairs) == len(set(pairs))
    assert {command for command, _ in pairs} == known
    assert set(HANDLERS) == known
    assert set(DESCRIPTIONS) == known
    assert {type(command) for command in COMMANDS.values()} == known
