"""Which side of the desk is at the other end of each recorded connection.

Owns that. Pure.
"""

from livehelp.testkit.recording.compare import read
from livehelp.testkit.recording.recording_file import Tape


def roles(tape: Tape) -> dict[int, object]:
    """Return the role in the first line of each recorded connection, None where there is none."""
    found: dict[int, object] = {}
    for entry in tape.entries:
        if entry.side == "client" and not entry.what and entry.connection not in found:
            message = read(entry.data)
            found[entry.connection] = message.get("role") if message else None
    return found
