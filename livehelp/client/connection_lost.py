"""How a connection ends, inside this package: a reason, and whether to try again.

Never leaves the package; what people get is in ``errors`` and ``states``.
"""


class ConnectionLost(Exception):
    """The connection cannot go on.

    Attributes:
        why: One clause for the person, without a full stop at the end.
        advice: What the person can do, a sentence or two; may be empty.
        final: True when another try would end the same way.
        retry_in: The server's own wish when to come back, in seconds.
    """

    def __init__(
        self, why: str, advice: str = "", *, final: bool = False, retry_in: float = 0
    ) -> None:
        super().__init__(why)
        self.why = why
        self.advice = advice
        self.final = final
        self.retry_in = retry_in
