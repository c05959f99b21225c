"""What several commands ask for alike: a time, a server, and an address to listen on.

Owns how they are checked, and the words when they are wrong. Must not know the commands.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from livehelp.cli.errors import fail
from livehelp.client.address import Address
from livehelp.port import DEFAULT_PORT
from livehelp.times import read_time

# Where the server is, and where it listens, when nobody says otherwise: on this machine only.
DEFAULT_ADDRESS: Final = f"127.0.0.1:{DEFAULT_PORT}"
# Where a relay before that server listens: the next port.
DEFAULT_LISTEN: Final = f"127.0.0.1:{DEFAULT_PORT + 1}"
# What to do about an address that cannot be listened on.
CHOOSE_ANOTHER: Final = "Choose another with --listen."


def seconds_of(option: str, text: str) -> float:
    """Return the time that ``option`` has; raises ``ValueError``, which names it."""
    try:
        return read_time(text)
    except ValueError as why:
        raise ValueError(f"{option} {text}: {why}.") from None


def here_only(listen: str, why: str, *, anywhere: bool) -> None:
    """Hold that nobody elsewhere reaches ``listen``, unless that is wanted.

    Raises:
        ValueError: somebody does (``why`` tells what that means, as a clause), or it is no address.
    """
    address = Address.parse_listen(listen)
    if not (address.is_here or anywhere):
        raise ValueError(
            f"{address.host} can be reached from other computers, and {why}. "
            "Listen on 127.0.0.1, or add --anywhere if that is what you want."
        )


@contextmanager
def listening_explained() -> Generator[None]:
    """Turn the failure of a relay to listen into a message and an exit code."""
    from livehelp.relaying import CannotListen

    try:
        yield
    except CannotListen as why:
        raise fail(f"{why} {CHOOSE_ANOTHER}") from None
