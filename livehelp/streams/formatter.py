"""What a visitor without a screen reads: each message as plain lines of text.

Owns the words and the order of a line: who, what, the time. Who comes first, because the lines are
read aloud, too: whoever listens hears at once whether it concerns them. Pure. Must not know where
the lines go. Everything is cleaned here, whoever sent it ([P-2.12]).
"""

from datetime import datetime, tzinfo
from typing import Final

from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkUp
from livehelp.sentences import Reader, sentence_for
from livehelp.wire.events import Event, Line
from livehelp.wire.signals import Position, Presence
from livehelp.wire.text import clean_name, clean_text
from livehelp.words import place_in_queue

_VISITOR: Final = Reader()
# Further rows of one line stand back, so that none of them looks like somebody who speaks.
_INDENT: Final = " " * 4


class Formatter:
    """Turns messages into text, and says nothing twice.

    Args:
        zone: In which times are shown; None is the machine's own.
    """

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone
        self._lost = False
        self._place = ""

    def text_for(self, message: Incoming, now: datetime) -> str:
        """Return what to write for ``message``, whole lines; empty if it is nothing to read."""
        if isinstance(message, Line):
            words = f"{clean_name(message.name)}: {clean_text(message.text)}"
            return self._at(message.at, words)
        if isinstance(message, Event):
            words = sentence_for(message, _VISITOR)
            return self._at(message.at, f"* {words}") if words else ""
        words = self._state(message)
        return self._at(now, f"* {words}") if words else ""

    def _state(self, message: Incoming) -> str:
        match message:
            case LinkLost(why=why) if not self._lost:
                self._lost = True
                return f"Connection lost: {clean_name(why)}. You can go on typing."
            case LinkUp() if self._lost:
                self._lost, self._place = False, ""
                return "Connected again."
            case LinkEnded(why=why):
                return f"The connection has ended: {clean_name(why)}"
            case Position(position=position, waiting=waiting, operators=operators):
                before, self._place = (
                    self._place,
                    place_in_queue(position, waiting, operators),
                )
                return "" if self._place == before else self._place
            case Presence(by="operator", name=name, online=False):
                return f"{clean_name(name)} lost the connection. Please wait a moment."
            case Presence(by="operator", name=name):
                return f"{clean_name(name)} is back."
            case _:
                return ""

    def _at(self, moment: datetime, words: str) -> str:
        rows = words.replace("\n", f"\n{_INDENT}")
        return f"{rows} ({moment.astimezone(self._zone):%H:%M})\n"
