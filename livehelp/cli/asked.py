"""What several commands ask for alike: a time, and an address that others cannot reach.

Owns how they are checked, and the words when they are wrong. Must not know the commands.
"""

from livehelp.client.address import Address
from livehelp.times import read_time


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
