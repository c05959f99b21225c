"""Events as sentences for the person who reads them.

Owns the words for everything in a session that is no line and no note. Must not know how they are
shown. Names and texts inside are cleaned here, whoever sent them.
"""

from dataclasses import dataclass
from typing import Final

from livehelp.wire.events import (
    AnyEvent,
    Closed,
    InterviewAnswered,
    Joined,
    Left,
    Line,
    Opened,
    TopicSet,
    TranscriptRequested,
    Transferred,
)
from livehelp.wire.replies import Earlier
from livehelp.wire.text import clean_name, clean_text


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the visitor (no ``operator``), or the operator of that name."""

    operator: str | None = None

    def wrote(self, line: Line) -> bool:
        """Tell whether the reader wrote ``line``."""
        if self.operator is None:
            return line.by == "visitor"
        return line.by == "operator" and line.name == self.operator

    def call(self, operator: str) -> str:
        """Return what to call an operator at the start of a sentence."""
        return "You" if operator == self.operator else clean_name(operator)


_LEFT: Final = {
    "transferred": "left the conversation",
    "logged_out": "signed out",
}


def sentence_for(event: AnyEvent, reader: Reader) -> str:
    """Return what happened, in words for ``reader``; empty if it is nothing to read."""
    match event:
        case Opened():
            return _opened(event, reader)
        case Joined() | Left() | Transferred() | TopicSet():
            return _by_operator(event, reader)
        case Closed():
            return _closed(event, reader)
        case InterviewAnswered(answers=answers):
            told = (f"{clean_name(a.question)}\n{clean_text(a.answer)}" for a in answers)
            return "\n".join(("Exit interview", *told))
        case TranscriptRequested(email=email):
            return f"The transcript will be sent to {clean_name(email)}"
        case _:
            return ""


def still_open(earlier: Earlier, when: str) -> str:
    """Return that the visit before can be gone on with; ``when`` it was, in the reader's words."""
    return (
        f"Your conversation {clean_name(earlier.session)} of {when} about "
        f"{clean_name(earlier.topic)} is still open."
    )


def _by_operator(event: Joined | Left | Transferred | TopicSet, reader: Reader) -> str:
    who, mine = reader.call(event.operator), event.operator == reader.operator
    match event:
        case Joined():
            whom = "you" if reader.operator is None else "the visitor"
            return f"{who} {'are' if mine else 'is'} helping {whom} now"
        case Left(reason="gone"):
            # With the link lost, or signed out by the server: no key pressed, or the time was over.
            return f"{who} {'were' if mine else 'was'} away for too long"
        case Left(reason=reason):
            return f"{who} {_LEFT[reason]}"
        case Transferred() if event.to is None:
            return f"{who} put the conversation back in the queue"
        case Transferred():
            to = event.to or ""
            receiver = "you" if to == reader.operator else clean_name(to)
            return f"{who} handed the conversation to {receiver}"
        case TopicSet(topic=topic):
            return f"{who} set the topic to {clean_name(topic)}"


def _opened(event: Opened, reader: Reader) -> str:
    topic = clean_name(event.topic)
    if reader.operator is None:
        return f"You asked for help: {topic}"
    return f"{clean_name(event.name)} asked for help: {topic}"


def _closed(event: Closed, reader: Reader) -> str:
    if event.reason == "idle":
        if reader.operator is None:
            return "The conversation ended: you were away for too long"
        return "The conversation ended: the visitor did not come back"
    if event.by == "visitor":
        return "You ended the conversation" if reader.operator is None else "The visitor ended it"
    if event.by == "operator" and event.name:
        return f"{reader.call(event.name)} ended the conversation"
    return "The conversation has ended"
