"""The table of actions: their arguments, who may use them, and which wire commands they send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from livehelp.wire.commands import (
    ClientHello,
    Command,
    End,
    Interview,
    Login,
    Logout,
    Note,
    Recall,
    RequestTranscript,
    Resume,
    Say,
    SetTopic,
    Start,
    Take,
    Transfer,
    Typing,
)

VISITOR: Final = frozenset({"visitor"})
OPERATOR: Final = frozenset({"operator"})
BOTH: Final = VISITOR | OPERATOR


class Word(Enum):
    """What a word after an action is."""

    TEXT = auto()
    SWITCH = auto()  # on, off
    VISITOR = auto()  # an actor
    RECEIVER = auto()  # an operator of the scenario, or the queue
    ANSWERS = auto()  # a mapping, or `skip`


@dataclass(frozen=True, slots=True)
class Action:
    """One action.

    Attributes:
        name: One word or two.
        sides: Who may use it.
        example: How a step with it looks.
        fields: All its words by name, and what each is.
        order: Those that follow the action itself, in this order; the others follow their name, as
            in ``to kim``, or stand in braces.
        needed: Those that must be there.
        whole: The field that everything in braces is, if they do not hold just this field with
            braces of its own; None: braces hold fields by name.
        checks: It also takes what a transcript must be.
        sends: The commands of the wire that it makes the client send.
    """

    name: str
    sides: frozenset[str]
    example: str
    fields: Mapping[str, Word] = field(default_factory=dict[str, Word])
    order: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    whole: str | None = None
    checks: bool = False
    sends: tuple[type[Command], ...] = ()


_OF: Final[Mapping[str, Word]] = {"of": Word.VISITOR}
_TO: Final[Mapping[str, Word]] = {"to": Word.VISITOR}
_TEXT: Final[Mapping[str, Word]] = {"text": Word.TEXT}

# An action that both sides have stands here twice where its words differ.
_TABLE: Final = (
    Action(
        "start",
        VISITOR,
        "start {name: Pat, topic: plates}",
        {"name": Word.TEXT, "topic": Word.TEXT},
        sends=(ClientHello, Start),
    ),
    Action("say", VISITOR, 'say "hello"', _TEXT, ("text",), ("text",), sends=(Say,)),
    Action("end", VISITOR, "end", sends=(End,)),
    Action(
        "interview",
        VISITOR,
        'interview {1: "Yes, thank you."}',
        {"answers": Word.ANSWERS},
        ("answers",),
        ("answers",),
        whole="answers",
        sends=(Interview,),
    ),
    Action(
        "request transcript",
        VISITOR,
        "request transcript pat@example.org",
        {"email": Word.TEXT},
        ("email",),
        ("email",),
        sends=(RequestTranscript,),
    ),
    Action("go on", VISITOR, "go on", sends=(Resume,)),
    Action("typing", VISITOR, "typing on", {"on": Word.SWITCH}, ("on",), ("on",), sends=(Typing,)),
    Action("leave", BOTH, "leave"),
    Action("come back", BOTH, "come back", sends=(ClientHello,)),
    Action("sign in", OPERATOR, "sign in", {"password": Word.TEXT}, sends=(Login,)),
    Action("sign out", OPERATOR, "sign out", sends=(Logout,)),
    Action("take", OPERATOR, "take pat", _OF, ("of",), sends=(Take,)),
    Action(
        "say",
        OPERATOR,
        'say "hello" to pat',
        {**_TEXT, **_TO},
        ("text",),
        ("text",),
        sends=(Say,),
    ),
    Action(
        "note",
        OPERATOR,
        'note "sent the form" of pat',
        {**_TEXT, **_OF},
        ("text",),
        ("text",),
        sends=(Note,),
    ),
    Action(
        "topic",
        OPERATOR,
        "topic Taxes of pat",
        {**_TEXT, **_OF},
        ("text",),
        ("text",),
        sends=(SetTopic,),
    ),
    Action(
        "transfer",
        OPERATOR,
        "transfer pat to kim",
        {**_OF, "to": Word.RECEIVER},
        ("of",),
        ("to",),
        sends=(Transfer,),
    ),
    Action(
        "recall",
        OPERATOR,
        "recall pat {lines: 2}",
        _OF,
        ("of",),
        checks=True,
        sends=(Recall,),
    ),
    Action("end", OPERATOR, "end pat", _OF, ("of",), sends=(End,)),
    Action(
        "typing",
        OPERATOR,
        "typing on to pat",
        {"on": Word.SWITCH, **_TO},
        ("on",),
        ("on",),
        sends=(Typing,),
    ),
)


def actions_of(side: str) -> Mapping[str, Action]:
    """Return the verbs of a side of the desk, by name."""
    return {action.name: action for action in _TABLE if side in action.sides}
