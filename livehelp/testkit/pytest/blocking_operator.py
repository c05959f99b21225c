"""``OperatorClient`` without ``await``. Owns nothing: each method is that of the client."""

from livehelp.client import OperatorClient, Overview
from livehelp.testkit.pytest.blocking_client import BlockingClient
from livehelp.wire.events import AnyEvent
from livehelp.wire.replies import Ack, LoggedIn
from livehelp.wire.signals import Roster


class BlockingOperator(BlockingClient[OperatorClient]):
    """A day at the desk, for tests without an event loop; see ``OperatorClient``."""

    @property
    def overview(self) -> Overview:
        """All open sessions, as they are now; ask again for what has changed since."""
        return self._do(_copy, self._held.overview)

    @property
    def name(self) -> str | None:
        """The name one is signed in with."""
        return self._held.name

    def seq(self, session: str) -> int:
        """The number of the last event of ``session`` that is known here, 0 for none."""
        return self._held.seq(session)

    def login(self, name: str, password: str) -> LoggedIn:
        """Sign in."""
        return self._ask(self._held.login, name, password)

    def logout(self) -> None:
        """Sign out; one's sessions go back to the queue."""
        self._ask(self._held.logout)

    def take(self, session: str | None = None) -> Ack:
        """Take a waiting visitor: the one named, or who has waited longest."""
        return self._ask(self._held.take, session)

    def say(self, session: str, text: str) -> Ack:
        """Say a line."""
        return self._ask(self._held.say, session, text)

    def note(self, session: str, text: str) -> Ack:
        """Add a note that the visitor never sees."""
        return self._ask(self._held.note, session, text)

    def set_topic(self, session: str, topic: str) -> Ack:
        """Correct the topic."""
        return self._ask(self._held.set_topic, session, topic)

    def transfer(self, session: str, to: str | None = None) -> Ack:
        """Hand the session to another operator, or without ``to`` back to the queue."""
        return self._ask(self._held.transfer, session, to)

    def end(self, session: str) -> Ack:
        """End the session."""
        return self._ask(self._held.end, session)

    def typing(self, session: str, on: bool) -> None:
        """Tell that one began or stopped typing."""
        self._ask(self._held.typing, session, on)

    def recall(self, session: str) -> list[AnyEvent]:
        """Return the log of the visit before ``session``, in order."""
        return self._ask(self._held.recall, session)


def _copy(overview: Overview) -> Overview:
    """Return the overview as it is now: the other thread changes the one it has while we look."""
    copy = Overview()
    copy.begin(overview.me)
    copy.signal(Roster(operators=overview.roster))
    for visit in overview.visits.values():
        copy.signal(visit)
    return copy
