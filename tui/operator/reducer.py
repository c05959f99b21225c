"""What the client hears, folded into the operator's state.

Owns what is news: whose lines are unread, who is new, and when the bell is due. Pure. Must not know
how any of it is shown.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkState, LinkUp
from livehelp.sentences import Reader
from livehelp.wire.events import AnyEvent, Closed, Event, Joined, Left, Line, Opened
from livehelp.wire.signals import Bye, TypingSignal, Visit
from livehelp.wire.text import clean_name
from tui.event_entries import connection_after
from tui.operator.overview_state import FloorView
from tui.operator.state import OperatorState, Stage

# Several things at once (a resumed log, a rush) are one ring.
QUIET: Final = timedelta(seconds=1)
# Ended sessions stay on the desk until put away, but no more than a page of the list.
MAX_ENDED: Final = 10


def apply(
    state: OperatorState, message: Incoming, floor: FloorView, now: datetime
) -> OperatorState:
    """Return the state after ``message``, with the floor as it is now."""
    state = replace(state, floor=floor)
    match message:
        case LinkUp() | LinkLost() | LinkEnded():
            return _link(state, message, now)
        case Event():
            return _event(state, message, now)
        case Bye(reason="idle" | "expired", message=words):
            return replace(state, goodbye=clean_name(words))
        case Visit() if _came_while_away(state, message):
            return _entered(state, message.session, now)
        case TypingSignal(by="visitor", session=session, on=on):
            chat = state.chat(session).typing(now if on else None)
            return state.with_chat(session, chat)
        case _:
            return state


def _link(state: OperatorState, message: LinkState, now: datetime) -> OperatorState:
    state = replace(state, connection=connection_after(state.connection, message, now))
    if isinstance(message, LinkEnded):
        # The desk with its drafts stays as it is, for after signing in again.
        # What the server said of it last tells more than that a new try was refused.
        why = state.goodbye or state.connection.why
        return replace(state, stage=Stage.SIGN_IN, problem=why, goodbye="", taking=False)
    if isinstance(message, LinkLost):
        quiet = {session: chat.typing(None) for session, chat in state.chats.items()}
        return replace(state, chats=quiet)
    state = replace(state, goodbye="")
    return _caught_up(state) if state.stage is Stage.DESK else state


def _caught_up(state: OperatorState) -> OperatorState:
    """The link is back: sessions may have ended or gone to others meanwhile, untold."""
    visits = state.floor.visits
    for session in state.desk:
        visit = visits.get(session)
        if visit is None:
            state = state.with_chat(session, replace(state.chat(session), ended=True))
        elif state.me not in visit.operators:
            state = state.put_away(session)
    kept = {k: chat for k, chat in state.chats.items() if k in visits or k in state.desk}
    waiting = {visit.session for visit in state.floor.waiting}
    return replace(state, chats=kept, unseen=state.unseen & waiting)


def _came_while_away(state: OperatorState, visit: Visit) -> bool:
    return (
        state.stage is Stage.DESK and visit.phase == "waiting" and visit.session not in state.chats
    )


def _event(state: OperatorState, event: AnyEvent, now: datetime) -> OperatorState:
    session = event.session
    chat = state.chat(session)
    if event.seq in chat.talk.seen:
        return state
    visit = state.floor.visits.get(session)
    state = state.with_chat(session, chat.heard(event, Reader(state.me), visit))
    match event:
        case Opened() if session not in state.desk:
            return _entered(state, session, now)
        case Joined(operator=name):
            state = replace(state, unseen=state.unseen - {session})
            return _arrived(state, session, now) if name == state.me else state
        case Left(operator=name):
            return _left(state, session, name, now)
        case Line(by="visitor"):
            return _unread(state, session, now)
        case Closed():
            return _closed(state, session)
        case _:
            return state


def _entered(state: OperatorState, session: str, now: datetime) -> OperatorState:
    """A visitor waits: new until looked at."""
    chat = state.chat(session)
    visit = state.floor.visits.get(session) or chat.visit
    state = state.with_chat(session, replace(chat, visit=visit))
    if not state.in_view(session):
        state = replace(state, unseen=state.unseen | {session})
    return _ring(state, now)


def _arrived(state: OperatorState, session: str, now: datetime) -> OperatorState:
    """A session is the operator's own now: taken, or handed over by somebody."""
    if session in state.desk:
        return state
    state = replace(state, desk=(*state.desk, session))
    if state.taking:
        return state
    return _ring(_unread(state, session, now), now)


def _left(state: OperatorState, session: str, name: str, now: datetime) -> OperatorState:
    visit = state.floor.visits.get(session)
    if name == state.me and (visit is None or state.me not in visit.operators):
        return state.put_away(session)
    if session not in state.desk and visit is not None and visit.phase == "waiting":
        return _entered(state, session, now)
    return state


def _unread(state: OperatorState, session: str, now: datetime) -> OperatorState:
    if state.stage is not Stage.DESK or state.in_view(session):
        return state
    chat = state.chat(session)
    return _ring(state.with_chat(session, replace(chat, unread=chat.unread + 1)), now)


def _closed(state: OperatorState, session: str) -> OperatorState:
    state = replace(state, unseen=state.unseen - {session})
    if session not in state.desk:
        chats = {k: chat for k, chat in state.chats.items() if k != session}
        current = "" if state.current == session else state.current
        return replace(state, chats=chats, current=current)
    ended = [k for k in state.desk if state.chat(k).ended]
    for oldest in ended[:-MAX_ENDED]:
        state = state.put_away(oldest)
    return state


def _ring(state: OperatorState, now: datetime) -> OperatorState:
    """The bell is due, at the desk, and if it has not just rung."""
    if state.stage is not Stage.DESK:
        return state
    if state.rang_at is not None and timedelta() <= now - state.rang_at < QUIET:
        return state
    return replace(state, rings=state.rings + 1, rang_at=now)
