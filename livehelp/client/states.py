"""What the link says of itself, among the messages of the server.

Owns these three values and the type of everything that a client's stream gives.
"""

from typing import TypeAlias

from msgspec import Struct

from livehelp.wire.events import AnyEvent
from livehelp.wire.signals import Signal


class LinkUp(Struct, frozen=True):
    """Connected, for the first time or again.

    ``resumed`` is true when a session or a sign-in was taken up again; what was missed has come
    before this.
    """

    resumed: bool


class LinkLost(Struct, frozen=True):
    """Not connected: ``why`` (a clause), and in how many seconds the next try is made.

    Several in a row are several tries: a program that takes nothing meanwhile gets the loss itself
    and the newest try. Commands may still be given; they wait for the link.
    """

    why: str
    retry_in: float


class LinkEnded(Struct, frozen=True):
    """There will be no more tries, and ``why`` (a sentence or two). The last of all messages."""

    why: str


LinkState: TypeAlias = LinkUp | LinkLost | LinkEnded
# What `async for message in client` gives: events and signals of the server, and the link's state.
Incoming: TypeAlias = AnyEvent | Signal | LinkState
