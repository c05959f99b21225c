"""The two ways a conversation goes wrong: they misbehaved, or we did.

Nothing else is ever raised by this package, whatever bytes come in.
"""

from livehelp.wire.replies import ErrorCode


class ProtocolError(Exception):
    """Base of both. Not raised itself."""


class LocalProtocolError(ProtocolError):
    """Our own side tried to send what it may not send now: a bug in the program, not the peer's."""


class RemoteProtocolError(ProtocolError):
    """The peer sent what is no message, or not in turn.

    Attributes:
        code: What is wrong, for programs.
        ref: The ``ref`` of the offending message, where one could be read.
        fatal: True when the rest of the stream cannot be trusted and must be closed.
    """

    def __init__(
        self, code: ErrorCode, message: str, *, ref: int | None = None, fatal: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.ref = ref
        self.fatal = fatal
