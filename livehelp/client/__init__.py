"""The client: connect, talk, and come back after a lost link. Runs under trio and asyncio.

Read in this order: ``visitor`` and ``operator`` (what people use), ``visitor_role``,
``operator_role``, ``floor`` and ``progress`` (what is known of sessions), ``link`` (when to try
again, what to send again), ``connection`` and ``dial`` (one connection). No event loop of its
own, no database and no screen is imported here.
"""

from livehelp.client.address import DEFAULT_PORT, Address
from livehelp.client.errors import CannotConnect, LinkDown, LiveHelpError, Refused
from livehelp.client.floor import Floor
from livehelp.client.operator import OperatorClient
from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkState, LinkUp
from livehelp.client.timing import Timing
from livehelp.client.tokens import TokenFile
from livehelp.client.visitor import VisitorClient

__all__ = [
    "DEFAULT_PORT",
    "Address",
    "CannotConnect",
    "Floor",
    "Incoming",
    "LinkDown",
    "LinkEnded",
    "LinkLost",
    "LinkState",
    "LinkUp",
    "LiveHelpError",
    "OperatorClient",
    "Refused",
    "Timing",
    "TokenFile",
    "VisitorClient",
]
