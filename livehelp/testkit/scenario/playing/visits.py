"""The visits of one scenario: the references that the server gave them, by visitor."""

from collections.abc import Collection, Iterator
from itertools import chain

from livehelp.testkit.scenario.playing.outcome import StepFailed


class Visits:
    """The sessions that the visitors of a scenario have started or gone on with."""

    def __init__(self) -> None:
        self._by_visitor: dict[str, list[str]] = {}

    def __contains__(self, session: object) -> bool:
        """Return whether ``session`` is one of them."""
        return any(session in sessions for sessions in self._by_visitor.values())

    def __iter__(self) -> Iterator[str]:
        """Return all of them."""
        return chain.from_iterable(self._by_visitor.values())

    @property
    def visitors(self) -> Collection[str]:
        """Who has had a visit."""
        return self._by_visitor.keys()

    @property
    def present(self) -> list[str]:
        """The last visit of each visitor."""
        return [sessions[-1] for sessions in self._by_visitor.values()]

    def begin(self, visitor: str, session: str) -> None:
        """Note that ``visitor`` is in ``session`` now."""
        sessions = self._by_visitor.setdefault(visitor, [])
        if session in sessions:
            sessions.remove(session)
        sessions.append(session)

    def of(self, visitor: str) -> str:
        """Return the last visit of ``visitor``; raises ``StepFailed``."""
        sessions = self._by_visitor.get(visitor)
        if not sessions:
            raise StepFailed(f"{visitor} has not started a visit yet.")
        return sessions[-1]
