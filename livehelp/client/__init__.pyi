from livehelp.client.address import DEFAULT_PORT, Address
from livehelp.client.errors import CannotConnect, LinkDown, LiveHelpError, Refused
from livehelp.client.expectation import CannotExpect, ExpectationFailed
from livehelp.client.message_log import MessageLog
from livehelp.client.operator import OperatorClient
from livehelp.client.overview import Overview
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
    "Incoming",
    "LinkDown",
    "LinkEnded",
    "LinkLost",
    "LinkState",
    "LinkUp",
    "LiveHelpError",
    "MessageLog",
    "OperatorClient",
    "Overview",
    "Refused",
    "Timing",
    "TokenFile",
    "VisitorClient",
]
