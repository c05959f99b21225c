"""A visit as the visitor's screens show it.

Owns the one frozen value of it, what becomes of it by what the visitor does, and what the screens
ask of it; what the client hears is folded in by ``fold``. Pure: no screen, no socket, and the time
comes in as an argument. Loads no messages, for the first screen needs it. Serves the full screens
and the demo.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from livehelp.wire.text import clean_name, clean_text
from livehelp.words import count, names, place_in_queue
from tui.conversation import Conversation
from tui.link_status import Link, LinkStatus

if TYPE_CHECKING:
    from livehelp.wire.replies import Earlier, Resumed, ServerHello, Started
    from livehelp.wire.signals import Position

# Lines that wait for the link. A screenful or three; the client keeps at most this many unanswered.
MAX_UNSENT: Final = 64
_ENDS_LATER: Final = "The conversation ends when it is back"
# "Is typing" is believed this long: the signal that takes it back may get lost.
TYPING_BELIEVED: Final = timedelta(seconds=12)


class Stage(Enum):
    """Where in a visit the visitor is. Each has a screen."""

    WELCOME = auto()
    STARTING = auto()
    TALKING = auto()
    ENDED = auto()
    INTERVIEW = auto()
    THANKS = auto()


@dataclass(frozen=True, slots=True)
class VisitorState:
    """Everything the visitor's screens show.

    ``problem`` is why the last attempt to begin failed. ``closed_by_me`` tells the end that the
    visitor asked for from one that came: only the second leaves the last lines on the screen.
    """

    stage: Stage = Stage.WELCOME
    connection: LinkStatus = field(default_factory=LinkStatus)
    server: "ServerHello | None" = None
    reference: str = ""
    name: str = ""
    topic: str = ""
    talk: Conversation = field(default_factory=Conversation)
    operators: tuple[str, ...] = ()
    away: frozenset[str] = field(default_factory=frozenset[str])
    position: "Position | None" = None
    typing: str = ""
    typing_at: datetime | None = None
    problem: str = ""
    ending: bool = False
    ended_why: str = ""
    saving: int = 0
    saved: str = ""

    # What the visitor does, and the answers to it.

    def greeted(self, server: "ServerHello") -> "VisitorState":
        """Return the state with what the server says of itself."""
        return replace(self, server=server)

    def starting(self, name: str, topic: str) -> "VisitorState":
        """Return the state while the session is being opened."""
        return replace(self, stage=Stage.STARTING, name=name, topic=topic, problem="")

    def started(self, started: "Started | Resumed") -> "VisitorState":
        """Return the state with the session open."""
        stage = Stage.TALKING if self.stage in {Stage.WELCOME, Stage.STARTING} else self.stage
        return replace(self, stage=stage, reference=started.session, problem="")

    def not_started(self, why: str) -> "VisitorState":
        """Return the state back on the first screen, with what went wrong."""
        return replace(self, stage=Stage.WELCOME, problem=clean_text(why))

    def typed(self, number: int, text: str, now: datetime) -> "VisitorState":
        """Return the state with an own line on its way."""
        return replace(self, talk=self.talk.typed(number, text, self.name, now))

    def acked(self, number: int, seq: int | None) -> "VisitorState":
        """Return the state with the own line ``number`` stored."""
        return replace(self, talk=self.talk.acked(number, seq))

    def refused(self, number: int, why: str) -> "VisitorState":
        """Return the state with the own line ``number`` marked as not sent."""
        return replace(self, talk=self.talk.refused(number, clean_name(why)))

    def end_asked(self) -> "VisitorState":
        """Return the state after the visitor asked to end the conversation."""
        return replace(self, ending=True)

    def end_refused(self) -> "VisitorState":
        """Return the state after the end was refused: the conversation goes on."""
        return replace(self, ending=False)

    def go_on(self) -> "VisitorState":
        """Return the state on the next screen after the end."""
        asks = self.server is not None and bool(self.server.questions)
        to_interview = asks and self.stage in {Stage.TALKING, Stage.ENDED}
        return replace(self, stage=Stage.INTERVIEW if to_interview else Stage.THANKS)

    def saving_answers(self, requests: int) -> "VisitorState":
        """Return the state with so many things of the exit interview on their way."""
        return replace(self, saving=self.saving + requests)

    def answers_saved(self, outcome: str) -> "VisitorState":
        """Return the state with one of them stored, or refused; ``outcome`` says which."""
        saved = "\n".join(filter(None, (self.saved, clean_text(outcome))))
        return replace(self, saving=self.saving - 1, saved=saved)

    # What the screens ask.

    @property
    def earlier(self) -> "Earlier | None":
        """The visit that can be gone on with, if there is one."""
        earlier = self.server.earlier if self.server else None
        return earlier if earlier and earlier.open else None

    @property
    def kept(self) -> str:
        """Return what became of the answers; empty if none were given."""
        return "Your answers are being sent ..." if self.saving else self.saved

    def loss(self, *, returns: bool) -> str:
        """Return what leaving now would lose or leave open, as a question's first words.

        ``returns`` tells that a token lets the visitor come back to the conversation.
        """
        talking = self.stage is Stage.TALKING and self.connection.link is not Link.ENDED
        if unsent := self.talk.unsent:
            lost = f"{count(unsent, 'line is', 'lines are')} not sent yet."
        elif self.saving:
            lost = "Your answers are not saved yet."
        else:
            lost = "The conversation has not ended." if talking else ""
        # As long as servers keep a visit open that was cut off, unless they are told otherwise.
        later = "You can go on with the conversation for half an hour."
        left = later if returns else "Leaving ends the conversation."
        return f"{lost} {left}" if talking else lost

    @property
    def may_type(self) -> bool:
        """True if one more line may be sent or kept until the link is back."""
        return self.talk.unsent < MAX_UNSENT

    def status(self, now: datetime) -> str:
        """Return the one sentence that matters most now."""
        if self.stage in {Stage.ENDED, Stage.INTERVIEW, Stage.THANKS}:
            return " ".join(filter(None, ("The conversation has ended.", self.ended_why)))
        if not self.connection.up:
            words = self.connection.words
            return words(now, _ENDS_LATER) if self.ending else words(now)
        if self.stage is Stage.WELCOME:
            return "Connected."
        if self.stage is Stage.STARTING:
            return "Opening the conversation ..."
        if self.ending:
            return "Ending the conversation ..."
        if self.operators:
            return self._helped()
        return self._waiting()

    @property
    def troubled(self) -> bool:
        """True while the status tells of a problem."""
        if self.stage in {Stage.ENDED, Stage.INTERVIEW, Stage.THANKS}:
            return False
        if self.connection.link in {Link.LOST, Link.ENDED}:
            return True
        return bool(self.operators) and set(self.operators) <= self.away

    def typist(self, now: datetime) -> str:
        """Return who is typing, in words; empty if nobody is."""
        if self.typing_at is None or now - self.typing_at > TYPING_BELIEVED:
            return ""
        return f"{self.typing} is typing ..."

    def _helped(self) -> str:
        if self.troubled:
            return f"{names(self.operators)} lost the connection. Please wait a moment."
        verb = "is" if len(self.operators) == 1 else "are"
        return f"{names(self.operators)} {verb} helping you"

    def _waiting(self) -> str:
        place = self.position
        if place is None:
            return "You are in the queue. An operator will be with you soon."
        return place_in_queue(place.position, place.waiting, place.operators)
