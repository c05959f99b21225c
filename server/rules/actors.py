"""Who acts on a session, as far as the rules care.

Owns the three roles, and what a connection knows of a visitor before there is a session. Must not
know how anybody proved who they are: the server makes an actor only once that is done.
"""

from typing import TypeAlias

from msgspec import Struct


class Visitor(Struct, frozen=True, gc=False):
    """The visitor of the session at hand; that it is their session was checked before."""


class Operator(Struct, frozen=True, gc=False):
    """An operator who has signed in; ``name`` is the account's."""

    name: str


class System(Struct, frozen=True, gc=False):
    """The desk's own house-keeping: timeouts, host addresses, operators who are gone."""


Actor: TypeAlias = Visitor | Operator | System


class ClientDetails(Struct, frozen=True, kw_only=True, gc=False):
    """What a connection tells about a visitor; the policy lets operators see all of it.

    ``client`` and ``version`` are the program's, as it says itself; ``host`` is the name that
    reverse DNS gave for ``ip``, where it has answered; ``place`` is the referring page or kiosk.
    """

    client: str
    version: str
    ip: str
    host: str | None = None
    place: str | None = None
