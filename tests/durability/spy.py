"""Records what the server sent on each connection, before the client has sorted it."""

from collections.abc import Iterable
from typing import TypeVar

from livehelp.client import Incoming, Timing
from livehelp.client.address import Address
from livehelp.client.operator_role import OperatorRole
from livehelp.client.pending_commands import Pending
from livehelp.client.reconnecting import ReconnectingConnection
from livehelp.client.visitor_role import VisitorRole
from livehelp.wire.commands import ClientHello, Command, Resume
from livehelp.wire.replies import Reply
from livehelp.wire.signals import ServerMessage
from tests.durability.record import Sent

R = TypeVar("R", VisitorRole, OperatorRole)


class Spy:
    """A role that writes down what its own role hears.

    Args:
        role: It.
        sent: Gets a list for each connection that is tried, and in it what came on it.
    """

    def __init__(self, role: VisitorRole | OperatorRole, sent: Sent) -> None:
        self._role = role
        self._sent = sent

    def hello(self) -> ClientHello:
        """A connection begins."""
        self._sent.append([])
        return self._role.hello()

    async def recover(self) -> bool:
        """As the role does."""
        return await self._role.recover()

    def heard(self, message: ServerMessage) -> Iterable[Incoming]:
        """Note an event, a signal, or the answer to a command without a number."""
        self._sent[-1].append(message)
        return self._role.heard(message)

    def answered(self, pending: Pending, reply: Reply) -> Iterable[Incoming]:
        """Note a reply."""
        self._sent[-1].append(reply)
        return self._role.answered(pending, reply)

    def ended(self) -> None:
        """As the role does."""
        self._role.ended()


class _SpiedLink(ReconnectingConnection):
    """A link on which it is noted which logs are asked for."""

    def __init__(self, address: str, spy: Spy, timing: Timing, sent: Sent) -> None:
        super().__init__(Address.parse(address), spy, timing, reconnect=True)
        self._sent = sent

    def post(self, command: Command) -> None:
        if isinstance(command, Resume):
            self._sent[-1].append(command)
        super().post(command)


def spied(address: str, role: R, timing: Timing, sent: Sent) -> tuple[ReconnectingConnection, R]:
    """Return a link that is listened in on, and the role on it."""
    role.link = _SpiedLink(address, Spy(role, sent), timing, sent)
    return role.link, role
