"""Events as the wire has them, and as rows: nothing is lost between the two."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given

from livehelp.wire.events import AnyEvent, Closed
from server.persistence.event_mapping import to_event, to_record
from tests.wire.strategies import valid

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", get_args(AnyEvent))
def test_every_event_comes_back_from_its_row_as_it_was(kind: type[AnyEvent]) -> None:
    @given(valid(kind))
    def comes_back(event: AnyEvent) -> None:
        assert to_event(event.session, to_record(event)) == event

    comes_back()


def test_a_row_explains_itself_without_the_wires_defaults() -> None:
    closed = Closed(session="K7P4-MXQ2", seq=9, at=NOON, by="visitor", name="Pat")
    record = to_record(closed, "run", 3)
    assert record.data == {"by": "visitor", "name": "Pat", "reason": "ended"}
    assert (record.actor, record.run, record.ref) == ("visitor", "run", 3)
