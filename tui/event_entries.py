"""What the client tells, as the screens keep it.

Owns the step from the client's values to our own: an event becomes an entry of a conversation, the
link's state a ``Connection``. Pure. Must not know which screen shows them.
"""

from datetime import datetime, timedelta

from livehelp.client.states import LinkEnded, LinkLost, LinkState, LinkUp
from livehelp.sentences import Reader, sentence_for
from livehelp.wire.events import AnyEvent, Line, Noted
from livehelp.wire.text import clean_name, clean_text
from tui.conversation import Conversation, Entry, Kind
from tui.link_status import Link, LinkStatus


def add_event(talk: Conversation, event: AnyEvent, reader: Reader) -> Conversation:
    """Return the conversation after ``event``, as ``reader`` sees it."""
    return talk.told(event.seq, _entry_of(event, reader))


def connection_after(before: LinkStatus, message: LinkState, now: datetime) -> LinkStatus:
    """Return how the link stands after ``message``."""
    match message:
        case LinkUp():
            return LinkStatus(Link.UP, ever_up=True)
        case LinkLost(why=why, retry_in=seconds):
            retry_at = now + timedelta(seconds=seconds)
            return LinkStatus(Link.LOST, clean_name(why), retry_at, before.ever_up)
        case LinkEnded(why=why):
            return LinkStatus(Link.ENDED, clean_name(why), None, before.ever_up)


def _entry_of(event: AnyEvent, reader: Reader) -> Entry | None:
    if isinstance(event, Line):
        return Entry(
            Kind.LINE,
            event.at,
            clean_name(event.name),
            clean_text(event.text),
            event.seq,
            mine=reader.wrote(event),
        )
    if isinstance(event, Noted):
        return Entry(
            Kind.NOTE,
            event.at,
            clean_name(event.operator),
            clean_text(event.text),
            event.seq,
            mine=event.operator == reader.operator,
        )
    words = sentence_for(event, reader)
    return Entry(Kind.EVENT, event.at, "", words, event.seq) if words else None
