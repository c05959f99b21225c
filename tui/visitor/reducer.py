"""What the client hears, folded into the visitor's state.

Owns what each event and signal means to a visitor. Pure. Must not know how any of it is shown.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkState, LinkUp
from livehelp.sentences import Reader
from livehelp.wire.events import AnyEvent, Closed, Event, Joined, Left, Line, Opened, TopicSet
from livehelp.wire.signals import Position, Presence, TypingSignal
from livehelp.wire.text import clean_name
from tui.event_entries import add_event, connection_after
from tui.visitor.state import Stage, VisitorState

VISITOR: Final = Reader()


def apply(state: VisitorState, message: Incoming, now: datetime) -> VisitorState:
    """Return the state after ``message``; what concerns no screen changes nothing."""
    match message:
        case LinkUp() | LinkLost() | LinkEnded():
            return _link(state, message, now)
        case Event():
            return _event(state, message)
        case Position():
            return replace(state, position=message)
        case TypingSignal(by="operator", on=True, name=name):
            return replace(state, typing=clean_name(name), typing_at=now)
        case TypingSignal(by="operator"):
            return replace(state, typing="", typing_at=None)
        case Presence(by="operator", online=online, name=name):
            away = state.away - {name} if online else state.away | {name}
            return replace(state, away=away)
        case _:
            return state


def _link(state: VisitorState, message: LinkState, now: datetime) -> VisitorState:
    # What went wrong before matters less than how the link stands now.
    state = replace(state, connection=connection_after(state.connection, message, now), problem="")
    if state.connection.up:
        return state
    # Nobody knows now who is typing or away, or which place in the queue this is.
    return replace(state, typing="", typing_at=None, position=None, away=frozenset())


def _event(state: VisitorState, event: AnyEvent) -> VisitorState:
    state = replace(state, talk=add_event(state.talk, event, VISITOR))
    match event:
        case Opened(name=name, topic=topic):
            return replace(
                state,
                reference=event.session,
                name=clean_name(name),
                topic=clean_name(topic),
                stage=Stage.TALKING,
                problem="",
            )
        case TopicSet(topic=topic):
            return replace(state, topic=clean_name(topic))
        case Joined(operator=name):
            operators = (*(o for o in state.operators if o != name), name)
            return replace(state, operators=operators, position=None, away=state.away - {name})
        case Left(operator=name):
            operators = tuple(o for o in state.operators if o != name)
            return replace(state, operators=operators, away=state.away - {name})
        case Line(by="operator", name=name) if clean_name(name) == state.typing:
            return replace(state, typing="", typing_at=None)
        case Closed():
            return _closed(state, event)
        case _:
            return state


def _closed(state: VisitorState, event: Closed) -> VisitorState:
    """An end the visitor asked for goes on at once; another leaves the last lines to be read."""
    why = "You were away for too long." if event.reason == "idle" else ""
    state = replace(state, ended_why=why, typing="", typing_at=None)
    return state.go_on() if state.ending else replace(state, stage=Stage.ENDED)
