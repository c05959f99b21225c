"""A server's port: which it is by default, and the words for one that nobody can listen on.

Owns nothing else. The server, the client and the relays have it in common, so that it must not know
any of them, nor the wire.
"""

from errno import EADDRINUSE
from typing import Final

# [P-2.1] L-I-V-E on a telephone's keys.
DEFAULT_PORT: Final = 5483


def cannot_listen(address: str, why: OSError | ValueError) -> str:
    """Return what is wrong with an address to listen on, without the number of the error."""
    words = (why.strerror if isinstance(why, OSError) else None) or str(why)
    hint = " Is another server running there?" if getattr(why, "errno", 0) == EADDRINUSE else ""
    return f"Cannot listen on {address}: {words.rstrip('.')}.{hint}"
