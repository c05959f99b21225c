"""Who may do what, when: one row for each command and role, one column for each phase.

Owns the table and the words of every no that it says. Must not know what a command then does;
``decide`` asks here before it does anything. A role without a row for a command may never send it.

The phase is looked at before who is in the session, so that an operator who writes to a visitor
still waiting is told to take them, and not just that the session is somebody else's.
"""

from enum import Enum, auto
from typing import Final, NamedTuple, TypeAlias

from livehelp.wire.commands import (
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
from livehelp.wire.replies import ErrorCode, Phase
from server.rules.actors import Actor, Operator, System, Visitor
from server.rules.refused import Refused
from server.rules.session import Session
from server.rules.system_commands import (
    CloseAbandoned,
    HostResolved,
    OperatorLoggedOut,
    OperatorTimedOut,
    SystemCommand,
)


class Refusal(NamedTuple):
    """A refusal. In ``words``, ``{helpers}`` is who is in the session: "Dana is", "You are"."""

    code: ErrorCode
    words: str


class MembersOnly(NamedTuple):
    """Yes for an operator who is in the session, for others ``otherwise``."""

    otherwise: Refusal


class Verdict(Enum):
    """The answers that need no words."""

    YES = auto()
    # Nobody waits for an answer, and there is nothing left to do: no events, no refusal.
    IGNORE = auto()


Answer: TypeAlias = Verdict | MembersOnly | Refusal


class Row(NamedTuple):
    """What one role is answered when it sends one command, by the session's phase."""

    command: type[SessionCommand | SystemCommand]
    role: type[Actor]
    waiting: Answer
    active: Answer
    closed: Answer


YES: Final = Verdict.YES
IGNORE: Final = Verdict.IGNORE
IN_IT: Final = MembersOnly(
    Refusal(
        ErrorCode.NOT_YOURS,
        "You are not in this session: {helpers} helping this visitor. "
        "Ask for a transfer to go on with it.",
    )
)
WAS_IN_IT: Final = MembersOnly(
    Refusal(
        ErrorCode.NOT_YOURS,
        "You were not in this session when it ended; only operators who were can do that.",
    )
)
OVER: Final = Refusal(ErrorCode.OUT_OF_TURN, "This visit has ended. Start a new one to talk again.")
ENDED: Final = Refusal(
    ErrorCode.OUT_OF_TURN, "This visit has ended; nothing more can be done in it."
)
ENDED_ALREADY: Final = Refusal(ErrorCode.OUT_OF_TURN, "This visit has ended already.")
LEFT_DESK: Final = Refusal(
    ErrorCode.OUT_OF_TURN, "This visit has ended; the visitor waits no more."
)
TAKE_FIRST: Final = Refusal(
    ErrorCode.OUT_OF_TURN, "This visitor is still waiting. Take them first."
)
TAKEN: Final = Refusal(ErrorCode.ALREADY_TAKEN, "{helpers} helping this visitor already.")
END_FIRST: Final = Refusal(
    ErrorCode.OUT_OF_TURN, "The exit interview comes after the end of the visit. End it first."
)

# fmt: off
TABLE: Final = (
    #   command            role      waiting     active  closed
    Row(Say,               Visitor,  YES,        YES,    OVER),
    Row(Say,               Operator, TAKE_FIRST, IN_IT,  ENDED),
    Row(End,               Visitor,  YES,        YES,    ENDED_ALREADY),
    Row(End,               Operator, TAKE_FIRST, IN_IT,  ENDED_ALREADY),
    Row(Interview,         Visitor,  END_FIRST,  END_FIRST, YES),
    Row(RequestTranscript, Visitor,  YES,        YES,    YES),
    Row(Take,              Operator, YES,        TAKEN,  LEFT_DESK),
    Row(Note,              Operator, TAKE_FIRST, IN_IT,  WAS_IN_IT),
    Row(SetTopic,          Operator, TAKE_FIRST, IN_IT,  ENDED),
    Row(Transfer,          Operator, TAKE_FIRST, IN_IT,  ENDED),
    Row(HostResolved,         System,   YES,        YES,    YES),
    Row(CloseAbandoned,    System,   YES,        YES,    IGNORE),
    Row(OperatorTimedOut,      System,   IGNORE,       YES,    IGNORE),
    Row(OperatorLoggedOut, System,   IGNORE,       YES,    IGNORE),
)
# fmt: on

# "Only an operator may ...": what a role without a row is told that it cannot do.
DESCRIPTIONS: Final[dict[type[SessionCommand | SystemCommand], str]] = {
    Say: "speak in a session",
    End: "end a session",
    Interview: "answer the exit interview",
    RequestTranscript: "ask for the transcript by e-mail",
    Take: "take a visitor",
    Note: "add a note",
    SetTopic: "correct the topic",
    Transfer: "hand a visitor over",
    HostResolved: "tell a host address",
    CloseAbandoned: "close an abandoned session",
    OperatorTimedOut: "tell that an operator is gone",
    OperatorLoggedOut: "tell that an operator signed out",
}
_ROLES: Final[dict[type[Actor], str]] = {
    Visitor: "the visitor",
    Operator: "an operator",
    System: "the server itself",
}
_PHASES: Final[tuple[Phase, ...]] = ("waiting", "active", "closed")
# The same table for the hot path: one look-up a command.
_ANSWERS: Final[dict[tuple[type[SessionCommand | SystemCommand], type[Actor], Phase], Answer]] = {
    (row.command, row.role, phase): getattr(row, phase) for row in TABLE for phase in _PHASES
}


def permit(session: Session, command: SessionCommand | SystemCommand, actor: Actor) -> bool:
    """Return True when ``command`` is to be carried out, False when an order comes too late.

    Raises:
        Refused: the table says no. ``NOT_YOURS``: this role never may, or the operator is not in
            the session. ``ALREADY_TAKEN``: a second operator would take. Else ``OUT_OF_TURN``.
    """
    answer = _ANSWERS.get((type(command), type(actor), session.phase))
    if answer is YES:
        return True
    if answer is IGNORE:
        return False
    if isinstance(answer, MembersOnly):
        if isinstance(actor, Operator) and actor.name in session.operators:
            return True
        answer = answer.otherwise
    if isinstance(answer, Refusal):
        raise Refused(answer.code, answer.words.format(helpers=_helpers(session, actor)))
    raise Refused(ErrorCode.NOT_YOURS, _never(type(command)))


def _never(command: type[SessionCommand | SystemCommand]) -> str:
    who = " or ".join(_ROLES[row.role] for row in TABLE if row.command is command)
    return f"Only {who} may {DESCRIPTIONS[command]}."


def _helpers(session: Session, actor: Actor) -> str:
    if isinstance(actor, Operator) and actor.name in session.operators:
        return "You are"
    return f"{' and '.join(session.operators)} {'is' if len(session.operators) == 1 else 'are'}"
