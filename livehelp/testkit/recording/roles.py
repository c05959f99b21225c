"""Which role each recorded connection has."""

from livehelp.testkit.recording.compare import read
from livehelp.testkit.recording.recording_file import Recording


def roles(recording: Recording) -> dict[int, object]:
    """Return the role in the first line of each recorded connection, None where there is none."""
    found: dict[int, object] = {}
    for entry in recording.entries:
        if entry.side == "client" and not entry.what and entry.connection not in found:
            message = read(entry.data)
            found[entry.connection] = message.get("role") if message else None
    return found
