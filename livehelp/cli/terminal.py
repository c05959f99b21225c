"""Whether there is a terminal to draw a screen on.

Owns the question. Must not know what is done instead.
"""

import os
import sys
from typing import Final

# What a terminal is called whose cursor cannot be moved: a line printer, the shell inside Emacs.
NO_SCREEN: Final = "dumb"


def draws() -> bool:
    """Return whether a screen can be drawn here, and somebody can type into it."""
    streams = (sys.stdin, sys.stdout)  # one that was closed (<&-) is None
    by_hand = all(stream is not None and stream.isatty() for stream in streams)  # pyright: ignore[reportUnnecessaryComparison]
    return by_hand and os.environ.get("TERM") != NO_SCREEN
