"""It tells every defect that its server logs, and no other line."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.durability.server_under_test import is_defect

AT = datetime(2005, 12, 19, 15, 4, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def logged(event: str, level: str = "error") -> str:
    """Return a line as the server logs it."""
    return json.dumps({"event": event, "level": level, "timestamp": AT.isoformat()})


@pytest.mark.parametrize(
    "event",
    [
        *("connection.failed", "background.failed", "server.failed", "database.failed"),
        *("database.write_failed", "database.read_failed", "database.rule_broken"),
    ],
)
def test_whatever_a_server_logs_as_an_error_is_a_defect(event: str) -> None:
    assert is_defect(logged(event), [])
    assert is_defect(logged(event, "critical"), [(AT + HOUR, AT + 2 * HOUR)])
    assert not is_defect(logged(event, "warning"), [])


def test_what_is_no_line_of_the_log_is_a_defect() -> None:
    assert is_defect("Traceback (most recent call last):", [])


def test_while_the_disk_is_full_it_cannot_be_written_and_that_is_no_defect() -> None:
    full = [(AT - HOUR, AT + HOUR)]
    assert not is_defect(logged("database.write_failed"), full)
    assert is_defect(logged("background.failed"), full)
    assert is_defect(logged("database.write_failed"), [(AT - 2 * HOUR, AT - HOUR)])
