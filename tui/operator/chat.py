"""One session as an operator's screen keeps it.

Owns what belongs to one session alone: its conversation, the two drafts, what is unread, and what
was recalled of the visit before. Pure. Must not know the other sessions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from livehelp.sentences import Reader
from livehelp.wire.events import AnyEvent, Closed, Line
from livehelp.wire.signals import Visit
from livehelp.wire.text import clean_name
from tui.conversation import Conversation, Kind
from tui.event_entries import add_event

# "Is typing" is believed this long: the signal that takes it back may get lost.
TYPING_BELIEVED: Final = timedelta(seconds=12)


@dataclass(frozen=True, slots=True)
class Chat:
    """A session. ``noting`` tells which of the two drafts is being written.

    ``visit`` is who it is, as last seen: the floor forgets a session when it ends. ``earlier`` is
    None until the visit before was recalled; ``earlier_words`` tells how that goes.
    """

    talk: Conversation = field(default_factory=Conversation)
    visit: Visit | None = None
    unread: int = 0
    draft: str = ""
    note_draft: str = ""
    noting: bool = False
    typing_at: datetime | None = None
    ended: bool = False
    earlier: Conversation | None = None
    earlier_words: str = ""

    def heard(self, event: AnyEvent, reader: Reader, visit: Visit | None) -> "Chat":
        """Return the session after ``event``; ``visit`` is what the floor knows of it now."""
        said = isinstance(event, Line) and event.by == "visitor"
        ended = self.ended or isinstance(event, Closed)
        return replace(
            self,
            talk=add_event(self.talk, event, reader),
            visit=visit or self.visit,
            typing_at=None if said or ended else self.typing_at,
            ended=ended,
        )

    def typing(self, at: datetime | None) -> "Chat":
        """Return the session with the visitor typing since ``at``, or not."""
        return replace(self, typing_at=at)

    def typed(self, number: int, text: str, who: str, now: datetime) -> "Chat":
        """Return the session with an own line or note on its way, and its draft empty."""
        kind = Kind.NOTE if self.noting else Kind.LINE
        talk = self.talk.typed(number, text, who, now, kind)
        if self.noting:
            # One note, then back to talking: a note said aloud is worse than a line noted.
            return replace(self, talk=talk, note_draft="", noting=False)
        return replace(self, talk=talk, draft="")

    def drafted(self, text: str, *, noting: bool) -> "Chat":
        """Return the session with ``text`` as the draft of a note or of a line."""
        return replace(self, note_draft=text) if noting else replace(self, draft=text)

    def recalling(self) -> "Chat":
        """Return the session while the visit before is asked for."""
        return replace(self, earlier_words="Fetching the earlier visit ...")

    def recalled(self, events: Iterable[AnyEvent], reader: Reader) -> "Chat":
        """Return the session with the events of the visit before."""
        talk = Conversation()
        for event in events:
            talk = add_event(talk, event, reader)
        return replace(self, earlier=talk, earlier_words="")

    def not_recalled(self, why: str) -> "Chat":
        """Return the session with why the visit before cannot be shown."""
        return replace(self, earlier_words=clean_name(why))

    @property
    def begun(self) -> bool:
        """True if one of the drafts holds something."""
        return bool(self.draft.strip() or self.note_draft.strip())

    @property
    def written(self) -> str:
        """The draft that is being written."""
        return self.note_draft if self.noting else self.draft

    def typist(self, now: datetime) -> str:
        """Return that the visitor is typing, in words; empty if not."""
        if self.typing_at is None or now - self.typing_at > TYPING_BELIEVED:
            return ""
        name = clean_name(self.visit.name) if self.visit else "The visitor"
        return f"{name} is typing ..."
