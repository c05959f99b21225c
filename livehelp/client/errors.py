"""What goes wrong for somebody who uses the client, in words for the person.

Owns the errors that leave this package. Must not know sockets or the protocol's order.
"""

from livehelp.wire.replies import ErrorCode


class LiveHelpError(Exception):
    """Base of all errors of the client."""


class CannotConnect(LiveHelpError):
    """The first connection did not come about.

    Attributes:
        address: Where we tried, as text.
        why: What happened, one clause.
        advice: What the person can do now, a sentence or two; empty when the server's words say it.
    """

    def __init__(self, address: str, why: str, advice: str) -> None:
        super().__init__(f"Cannot connect to {address}: {why}. {advice}".rstrip())
        self.address = address
        self.why = why
        self.advice = advice


class Refused(LiveHelpError):
    """The server did not carry out a command, and said why.

    Attributes:
        code: For programs.
        message: For the person.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class LinkDown(LiveHelpError):
    """The link is gone for good: it broke with ``reconnect=False``, or it has ended.

    A command that raises this may or may not have been carried out.
    """
