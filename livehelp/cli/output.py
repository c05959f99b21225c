"""What a command that goes on for a while tells of itself.

Owns one thing: whoever read it may have gone, as in ``| head -1``, and that ends nothing. Must not
know the commands. What a command was asked to print is not told this way: there it is a failure.
"""

import contextlib
import sys


def say(words: str, *, err: bool = False) -> None:
    """Print a line now, to standard output or to standard error, if anybody reads it."""
    stream = sys.stderr if err else sys.stdout
    if not stream:  # closed (2>&-); print would take the other one
        return
    with contextlib.suppress(OSError):
        print(words, file=stream, flush=True)
