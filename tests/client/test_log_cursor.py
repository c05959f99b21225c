"""How far a log has come: whatever the link does, each event is told once, in order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from livehelp.client.log_cursor import LogCursor
from livehelp.wire.events import AnyEvent
from tests.client.words import SESSION, joined, line, opened

LOG = [opened(), *(line(seq) for seq in range(2, 13))]
# A visitor is never sent notes: some numbers never come.
SEEN = [event for event in LOG if event.seq not in {4, 9}]


def test_events_are_told_as_they_come_and_once() -> None:
    progress = LogCursor(SESSION)
    assert progress.event(opened()) == [opened()]
    assert progress.event(opened()) == []
    assert progress.event(line(4)) == [line(4)]
    assert progress.seq == 4


def test_our_own_line_counts_as_told() -> None:
    progress = LogCursor(SESSION)
    progress.own(2)
    assert progress.event(line(2)) == []
    assert progress.seq == 2


def test_while_the_log_comes_everything_waits_and_is_then_told_in_order() -> None:
    progress = LogCursor(SESSION)
    progress.hold()
    assert progress.event(joined(3)) == []
    assert progress.event(opened()) == []
    assert progress.event(line(2)) == []
    assert progress.event(joined(3)) == []
    assert progress.resumed() == [opened(), line(2), joined(3)]
    assert progress.event(line(4)) == [line(4)]


def test_the_log_waits_for_the_answers_to_our_lines() -> None:
    progress = LogCursor(SESSION)
    progress.hold(at_risk=[7, 8])
    for event in (opened(), line(2), line(3)):
        progress.event(event)
    assert progress.resumed() == []
    progress.own(2)
    assert progress.answered(7) == []
    assert progress.event(line(4)) == []
    assert progress.answered(8) == [opened(), line(3), line(4)]
    assert progress.seq == 4


def test_news_of_a_session_we_do_not_follow_is_not_told_again_with_its_log() -> None:
    progress = LogCursor(SESSION)
    assert progress.news(opened()) == [opened()]
    assert progress.news(joined(3)) == [joined(3)]
    assert progress.news(joined(3)) == []
    assert progress.seq == 0
    progress.hold()
    for event in (opened(), line(2), joined(3), line(4)):
        progress.event(event)
    assert progress.resumed() == [line(2), line(4)]
    assert progress.seq == 4


def test_leaving_in_the_middle_of_a_log_tells_what_there_is_and_the_rest_the_next_time() -> None:
    progress = LogCursor(SESSION)
    progress.hold()
    progress.event(opened())
    progress.event(line(3))
    assert progress.leave() == [opened(), line(3)]
    progress.hold()
    for event in (opened(), line(2), line(3), line(4)):
        progress.event(event)
    assert progress.resumed() == [line(2), line(4)]


def test_nothing_at_all_is_a_log_too() -> None:
    progress = LogCursor(SESSION)
    progress.hold()
    assert progress.resumed() == []
    assert progress.seq == 0


class Story:
    """A server with a log, and a client that reads it over connections that break.

    Args:
        own: The numbers of our own lines; each is acked instead of told, if the ack arrives.
        steps: How many messages get through on each connection but the last, which holds.
    """

    def __init__(self, own: set[int], steps: list[int]) -> None:
        self.progress = LogCursor(SESSION)
        self.told: list[AnyEvent] = []
        self._unacked = sorted(own)
        self._own = own
        self._stored = 1
        self._left = 0
        for step in steps:
            self._connect(step)
        self._connect(10_000)

    def _arrives(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def _connect(self, messages: int) -> None:
        self._left = messages
        self.progress.hold(at_risk=self._unacked)
        missed = [e for e in SEEN if self.progress.seq < e.seq <= self._stored]
        if not all(self._hear(event) for event in missed) or not self._arrives():
            return
        self.told += self.progress.resumed()
        for event in [e for e in SEEN if e.seq not in self._own]:
            if event.seq > self._stored and not (self._acks(event.seq) and self._live(event)):
                return
        self._acks(10_000)

    def _acks(self, before: int) -> bool:
        """Our lines up to a number are sent again, stored if they are new, and acked."""
        while self._unacked and self._unacked[0] < before:
            seq = self._unacked[0]
            self._stored = max(self._stored, seq)
            if not self._arrives():
                return False
            self._unacked.pop(0)
            self.progress.own(seq)
            self.told += self.progress.answered(seq)
        return True

    def _live(self, event: AnyEvent) -> bool:
        self._stored = event.seq
        return self._hear(event)

    def _hear(self, event: AnyEvent) -> bool:
        if not self._arrives():
            return False
        self.told += self.progress.event(event)
        return True


@settings(derandomize=True, deadline=None)
@given(
    own=st.sets(st.sampled_from([event.seq for event in SEEN[1:]])),
    steps=st.lists(st.integers(0, 20), max_size=6),
)
def test_any_cuts_tell_every_event_once_in_order(own: set[int], steps: list[int]) -> None:
    told = Story(own, steps).told
    assert told == [event for event in SEEN if event.seq not in own]
