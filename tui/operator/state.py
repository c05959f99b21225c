"""The help desk as one operator's screens show it.

Owns the one frozen value of it, what becomes of it by what the operator does, and what the screens
ask of it; what the client hears is folded in by ``fold``. Pure: no screen, no socket, and the time
and the floor come in as arguments. Serves the full screens and the demo.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto

from livehelp.wire.signals import Visit
from livehelp.wire.text import clean_name
from livehelp.words import count, names
from tui.link_status import Link, LinkStatus
from tui.operator.chat import Chat
from tui.operator.overview_state import FloorView


class Stage(Enum):
    """Signing in, or at the desk."""

    SIGN_IN = auto()
    SIGNING_IN = auto()
    DESK = auto()


@dataclass(frozen=True, slots=True)
class OperatorState:
    """Everything the operator's screens show.

    ``desk`` is the operator's own sessions in the order they came, the ended ones too until they
    are put away; ``unseen`` is who entered and has not been looked at. ``current`` is in view.
    ``problem`` is why one is not signed in; ``goodbye`` is what the server said when it signed the
    operator out, until it is clear that this was the end.
    ``rings`` counts the bells that were due. ``taking`` is true while a take is on its way, so
    that what it brings is no news.
    """

    stage: Stage = Stage.SIGN_IN
    connection: LinkStatus = field(default_factory=LinkStatus)
    me: str = ""
    problem: str = ""
    goodbye: str = ""
    floor: FloorView = field(default_factory=FloorView)
    chats: Mapping[str, Chat] = field(default_factory=dict[str, Chat])
    desk: tuple[str, ...] = ()
    unseen: frozenset[str] = field(default_factory=frozenset[str])
    current: str = ""
    watching: bool = True
    taking: bool = False
    rings: int = 0
    rang_at: datetime | None = None

    # What the operator does.

    def signing_in(self, name: str) -> "OperatorState":
        """Return the state while the server looks at name and password."""
        return replace(
            self, stage=Stage.SIGNING_IN, me=name, problem="", connection=self.connection.again()
        )

    def not_signed_in(self, why: str) -> "OperatorState":
        """Return the state with why signing in failed."""
        return replace(self, stage=Stage.SIGN_IN, problem=clean_name(why))

    def signed_in(self, name: str, floor: FloorView) -> "OperatorState":
        """Return the state at the desk, with the sessions one is in already."""
        mine = tuple(v.session for v in floor.mine if v.session not in self.desk)
        gone = {k for k in self.desk if k not in floor.visits and not self.chat(k).ended}
        desk = tuple(k for k in (*self.desk, *mine) if k not in gone)
        state = replace(self, stage=Stage.DESK, me=name, floor=floor, desk=desk, problem="")
        for session, visit in floor.visits.items():
            state = state.with_chat(session, replace(state.chat(session), visit=visit))
        if state.current in floor.visits:
            return state
        return state.look_at(desk[0] if desk else "")

    def look_at(self, session: str) -> "OperatorState":
        """Return the state with ``session`` in view; what was new in it is seen."""
        return replace(self, current=session).seen()

    def watch(self, *, watching: bool) -> "OperatorState":
        """Return the state with the terminal in front of the operator, or not."""
        state = replace(self, watching=watching)
        return state.seen() if watching else state

    def seen(self) -> "OperatorState":
        """Return the state with nothing new in the session in view."""
        session = self.current
        if session in self.unseen:
            return replace(self, unseen=self.unseen - {session}).seen()
        chat = self.chats.get(session)
        if chat is not None and chat.unread:
            return self.with_chat(session, replace(chat, unread=0))
        return self

    def take_asked(self) -> "OperatorState":
        """Return the state while a take is on its way."""
        return replace(self, taking=True)

    def take_answered(self, floor: FloorView, session: str = "") -> "OperatorState":
        """Return the state after the take: ``session`` comes into view, if it was one.

        The answer may overtake the events of it, so that the floor is told here too.
        """
        state = replace(self, taking=False, floor=floor)
        if not session:
            return state
        if session not in state.desk:
            state = replace(state, desk=(*state.desk, session))
        return state.look_at(session)

    def put_away(self, session: str) -> "OperatorState":
        """Return the state without ``session`` on the desk."""
        if session not in self.desk:
            return self
        at = self.desk.index(session)
        desk = tuple(k for k in self.desk if k != session)
        chats = self.chats
        if session not in self.floor.visits:
            chats = {k: chat for k, chat in chats.items() if k != session}
        state = replace(self, desk=desk, chats=chats)
        if self.current != session:
            return state
        return state.look_at(desk[min(at, len(desk) - 1)] if desk else "")

    def noting(self, *, noting: bool) -> "OperatorState":
        """Return the state with a note being written in the session in view, or a line again."""
        if not self.may_write:
            return self
        chat = replace(self.chat(self.current), noting=noting)
        return self.with_chat(self.current, chat)

    def acked(self, session: str, number: int, seq: int | None) -> "OperatorState":
        """Return the state with the own line ``number`` stored."""
        chat = self.chat(session)
        return self.with_chat(session, replace(chat, talk=chat.talk.acked(number, seq)))

    def refused(self, session: str, number: int, why: str) -> "OperatorState":
        """Return the state with the own line ``number`` marked as not sent."""
        chat = self.chat(session)
        return self.with_chat(
            session, replace(chat, talk=chat.talk.refused(number, clean_name(why)))
        )

    def with_chat(self, session: str, chat: Chat) -> "OperatorState":
        """Return the state with ``chat`` as the session's."""
        return replace(self, chats={**self.chats, session: chat})

    # What the screens ask.

    def chat(self, session: str) -> Chat:
        """Return what is known of a session here; an empty one if nothing is."""
        return self.chats.get(session) or Chat()

    def visit(self, session: str) -> Visit | None:
        """Return who ``session`` is, also after the end."""
        return self.floor.visits.get(session) or self.chat(session).visit

    def in_view(self, session: str) -> bool:
        """Tell whether the operator sees ``session`` now."""
        return self.current == session and self.watching

    @property
    def may_write(self) -> bool:
        """True if the session in view is one the operator can write in."""
        return self.current in self.desk and not self.chat(self.current).ended

    @property
    def waits(self) -> bool:
        """True if the session in view waits to be taken."""
        visit = self.floor.visits.get(self.current)
        return visit is not None and visit.phase == "waiting" and self.current not in self.desk

    @property
    def visitor(self) -> str:
        """The name of the visitor in view; the reference while the name is not known."""
        visit = self.visit(self.current)
        return clean_name(visit.name) if visit else self.current

    @property
    def loss(self) -> str:
        """Return what leaving now would leave behind, as a question's first words."""
        unsent = sum(chat.talk.unsent for chat in self.chats.values())
        if unsent:
            return f"{count(unsent, 'line is', 'lines are')} not sent yet."
        helping = sum(not self.chat(session).ended for session in self.desk)
        if self.stage is Stage.DESK and helping:
            visitors = count(helping, "visitor goes", "visitors go")
            return f"Your {visitors} back in the queue."
        return ""

    @property
    def news(self) -> tuple[str, ...]:
        """The sessions with something unseen: one's own first, then who is new."""
        mine = tuple(k for k in self.desk if self.chat(k).unread)
        return (*mine, *(v.session for v in self.floor.waiting if v.session in self.unseen))

    @property
    def troubled(self) -> bool:
        """True while the link is lost."""
        return self.connection.link in {Link.LOST, Link.ENDED}

    def status(self, now: datetime) -> str:
        """Return the one sentence that matters most about the session in view, or the link."""
        if not self.connection.up:
            return self.connection.words(now)
        visit, chat, name = self.visit(self.current), self.chat(self.current), self.visitor
        if visit is None:
            return ""
        if chat.ended:
            return f"The conversation with {name} has ended. F10 puts it away."
        if self.current not in self.desk:
            return _elsewhere(visit, name)
        if not visit.online:
            return f"{name} lost the connection. What you write is kept for the return."
        if chat.noting:
            return f"NOTE: {name} will not see what you write now."
        return f"You are talking with {name}"

    def summary(self) -> str:
        """Return the figures of the top bar."""
        operators = count(len(self.floor.roster), "operator", "operators")
        waiting = f"{len(self.floor.waiting)} waiting"
        return f"{operators}  {waiting}"


def _elsewhere(visit: Visit, name: str) -> str:
    if visit.phase == "waiting":
        lost = "" if visit.online else ", and lost the connection"
        return f"{name} waits{lost}. Enter takes the visit, and shows what was written."
    return f"{name} is talking with {names(visit.operators)}"
