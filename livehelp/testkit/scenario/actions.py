"""What actors can do: the table of verbs.

Owns which words a verb takes, who may use it, and which commands of the wire it sends. Must not
know how it is carried out (``playing``) nor how files are read (``reading``).
"""

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
    """What a word after a verb is."""

    TEXT = auto()
    SWITCH = auto()  # on, off
    VISITOR = auto()  # an actor
    RECEIVER = auto()  # an operator of the scenario, or the queue
    ANSWERS = auto()  # a mapping, or `skip`


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    Attributes:
        name: One word or two.
        sides: Who may use it.
        example: How a step with it looks.
        fields: All its words by name, and what each is.
        order: Those that follow the verb itself, in this order; the others follow their name, as
            in ``to kim``, or stand in braces.
        needed: Those that must be there.
        whole: The field that everything in braces is, if they do not hold just this field with
            braces of its own; None: braces hold fields by name.
        facts: It also takes what a transcript must be.
        sends: The commands of the wire that it makes the client send.
    """

    name: str
    sides: frozenset[str]
    example: str
    fields: Mapping[str, Word] = field(default_factory=dict[str, Word])
    order: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    whole: str | None = None
    facts: bool = False
    sends: tuple[type[Command], ...] = ()


_OF: Final[Mapping[str, Word]] = {"of": Word.VISITOR}
_TO: Final[Mapping[str, Word]] = {"to": Word.VISITOR}
_TEXT: Final[Mapping[str, Word]] = {"text": Word.TEXT}

# A verb that both sides have stands here twice where its words differ.
_TABLE: Final = (
    Verb(
        "start",
        VISITOR,
        "start {name: Pat, topic: plates}",
        {"name": Word.TEXT, "topic": Word.TEXT},
        sends=(ClientHello, Start),
    ),
    Verb("say", VISITOR, 'say "hello"', _TEXT, ("text",), ("text",), sends=(Say,)),
    Verb("end", VISITOR, "end", sends=(End,)),
    Verb(
        "interview",
        VISITOR,
        'interview {1: "Yes, thank you."}',
        {"answers": Word.ANSWERS},
        ("answers",),
        ("answers",),
        whole="answers",
        sends=(Interview,),
    ),
    Verb(
        "request transcript",
        VISITOR,
        "request transcript pat@example.org",
        {"email": Word.TEXT},
        ("email",),
        ("email",),
        sends=(RequestTranscript,),
    ),
    Verb("go on", VISITOR, "go on", sends=(Resume,)),
    Verb("typing", VISITOR, "typing on", {"on": Word.SWITCH}, ("on",), ("on",), sends=(Typing,)),
    Verb("leave", BOTH, "leave"),
    Verb("come back", BOTH, "come back", sends=(ClientHello,)),
    Verb("sign in", OPERATOR, "sign in", {"password": Word.TEXT}, sends=(Login,)),
    Verb("sign out", OPERATOR, "sign out", sends=(Logout,)),
    Verb("take", OPERATOR, "take pat", _OF, ("of",), sends=(Take,)),
    Verb(
        "say",
        OPERATOR,
        'say "hello" to pat',
        {**_TEXT, **_TO},
        ("text",),
        ("text",),
        sends=(Say,),
    ),
    Verb(
        "note",
        OPERATOR,
        'note "sent the form" of pat',
        {**_TEXT, **_OF},
        ("text",),
        ("text",),
        sends=(Note,),
    ),
    Verb(
        "topic",
        OPERATOR,
        "topic Taxes of pat",
        {**_TEXT, **_OF},
        ("text",),
        ("text",),
        sends=(SetTopic,),
    ),
    Verb(
        "transfer",
        OPERATOR,
        "transfer pat to kim",
        {**_OF, "to": Word.RECEIVER},
        ("of",),
        ("to",),
        sends=(Transfer,),
    ),
    Verb(
        "recall",
        OPERATOR,
        "recall pat {lines: 2}",
        _OF,
        ("of",),
        facts=True,
        sends=(Recall,),
    ),
    Verb("end", OPERATOR, "end pat", _OF, ("of",), sends=(End,)),
    Verb(
        "typing",
        OPERATOR,
        "typing on to pat",
        {"on": Word.SWITCH, **_TO},
        ("on",),
        ("on",),
        sends=(Typing,),
    ),
)


def verbs_of(side: str) -> Mapping[str, Verb]:
    """Return the verbs of a side of the desk, by name."""
    return {verb.name: verb for verb in _TABLE if side in verb.sides}
