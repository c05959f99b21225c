from livehelp.client.address import DEFAULT_PORT, Address
from livehelp.client.errors import CannotConnect, LinkDown, LiveHelpError, Refused
from livehelp.client.expectation import CannotExpect, ExpectationFailed
from livehelp.client.floor import Floor
from livehelp.client.operator import OperatorClient
from livehelp.client.seen import Seen
from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkState, LinkUp
from livehelp.client.timing import Timing
from livehelp.client.tokens import TokenFile
from livehelp.client.visitor import VisitorClient

NAMES: dict[str, str]

__all__ = [
    "DEFAULT_PORT",
    "Address",
    "CannotConnect",
    "CannotExpect",
    "ExpectationFailed",
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
    "Seen",
    "Timing",
    "TokenFile",
    "VisitorClient",
]
