"""``VisitorClient`` without ``await``. Owns nothing: each method is that of the client."""

from collections.abc import Mapping, Sequence

from livehelp.client import VisitorClient
from livehelp.testkit.pytest.blocking_client import BlockingClient
from livehelp.wire.commands import Answer
from livehelp.wire.replies import Ack, Resumed, Started


class BlockingVisitor(BlockingClient[VisitorClient]):
    """A visit to the help desk, for tests without an event loop; see ``VisitorClient``."""

    @property
    def session(self) -> str | None:
        """The session's reference, None before ``start``."""
        return self._held.session

    @property
    def seq(self) -> int:
        """The number of the session's last event that is known here."""
        return self._held.seq

    def start(self, *, name: str, topic: str) -> Started:
        """Open a session and wait in the queue."""
        return self._ask(self._held.start, name=name, topic=topic)

    def resume_earlier(self) -> Resumed:
        """Go on with the visit that the token knows."""
        return self._ask(self._held.resume_earlier)

    def say(self, text: str) -> Ack:
        """Say a line."""
        return self._ask(self._held.say, text)

    def typing(self, on: bool) -> None:
        """Tell that the visitor began or stopped typing."""
        self._ask(self._held.typing, on)

    def end(self) -> Ack:
        """End the session."""
        return self._ask(self._held.end)

    def interview(self, answers: Mapping[str, str] | Sequence[Answer]) -> Ack:
        """Answer the exit interview, once, after the end."""
        return self._ask(self._held.interview, answers)

    def request_transcript(self, email: str) -> Ack:
        """Ask for the transcript by e-mail."""
        return self._ask(self._held.request_transcript, email)
