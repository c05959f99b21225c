"""How the desk says no.

Owns the one exception that the rules raise. The server answers it with an ``error`` reply.
"""

from livehelp.wire.replies import ErrorCode


class Refused(Exception):
    """A command was not carried out, and nothing changed.

    Attributes:
        code: Why, for programs.
        message: What happened and what can be done now, for the person.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
