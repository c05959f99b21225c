"""``python -P forkserver.py FD``: imports the server once, then forks a process for each request.

A ``livehelp`` that is started from scratch imports for 1.3 s before it does anything; a fork begins
at once. Requests come over socket ``FD``, and when its other end is closed all children are killed.

This process must not start a thread or an event loop: a fork would copy half of it. Above ``main``
it imports the standard library only, because the path to Live Help is not known before.
"""

import gc
import json
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn

# Longer than any list of arguments that is sent: a request is one packet.
MAX_MESSAGE: Final = 65_536
READY: Final = b"ready"
# What `livehelp serve` and `livehelp operators` import while they run.
_MODULES: Final = (
    "alembic.command",
    "livehelp.cli.accounts",
    "livehelp.cli.serve",
    "server.app",
    "server.log",
    "server.auth.passwords",
    "storage.archive",
)
# A child's own standard input, output and error.
_CHANNELS: Final = 3


def main() -> None:
    """Fork what is asked for until nobody asks any more; then end what is left."""
    asked = socket.socket(fileno=int(sys.argv[1]))
    # The code of whoever asked, wherever it is installed; and not a `server` of the project in
    # whose folder, or for whose PYTHONPATH, it was started.
    sys.path.insert(0, str(Path(__file__).parents[3]))
    for module in _MODULES:
        import_module(module)
    # What is here is shared with all children while nobody writes to it; the collector would.
    gc.freeze()
    children: set[int] = set()
    try:
        asked.send(READY)
        while _answer(asked, children):
            pass
    except OSError:
        pass  # whoever asked was killed before it had the answer
    finally:
        # It has ended: its servers must not outlive it.
        for child in children:
            os.kill(child, signal.SIGKILL)


def _answer(asked: socket.socket, children: set[int]) -> bool:
    """Do one thing that is asked for; return False when nobody asks any more.

    The answer is JSON: a number, or the words for why it cannot be done.
    """
    request, channels, _, _ = socket.recv_fds(asked, MAX_MESSAGE, _CHANNELS)
    if not request:
        return False
    answer: int | str
    try:
        match json.loads(request):
            case {"run": [*arguments]}:
                answer = os.fork()
                if answer == 0:
                    _become(asked, channels, arguments)
                children.add(answer)
            case {"reap": int(child)}:
                answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                children.discard(child)
            case other:
                raise AssertionError(other)
    except OSError as why:
        answer = str(why)
    for channel in channels:
        os.close(channel)
    asked.send(json.dumps(answer).encode())
    return True


def _become(asked: socket.socket, channels: list[int], arguments: list[Any]) -> NoReturn:
    """Be ``livehelp`` with these arguments, in the child."""
    code: object = 1
    try:
        asked.close()
        for number, channel in enumerate(channels):
            os.dup2(channel, number)
            os.close(channel)
        # Made anew: the old ones know what the old channels could do.
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
        sys.argv = ["livehelp", *arguments]
        import_module("livehelp.cli").main()
    except SystemExit as left:
        code = left.code
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            # Not sys.exit: what the parent has to do at its end is not the child's to do.
            os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
