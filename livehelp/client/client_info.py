"""Who is calling: what the hello says of this program, this run and this place.

Owns the name of the run. Must not know tokens or sessions.
"""

import secrets
from typing import Final, Literal

import livehelp
from livehelp.client.timing import Timing
from livehelp.wire.base import MAX_NAME, MAX_PLACE
from livehelp.wire.commands import ClientHello
from livehelp.wire.connection import PROTOCOL

# 128 random bits: two runs that meet one server will not have the same name.
_RUN_BYTES: Final = 16


class ClientInfo:
    """Who is calling, for the hello.

    Args:
        role: Visitor or operator.
        client: The program's name, as operators see it.
        version: Its version; by default this package's.
        place: The page or the kiosk the visitor comes from.
    """

    def __init__(
        self,
        role: Literal["visitor", "operator"],
        client: str,
        version: str | None,
        place: str | None,
    ) -> None:
        self._role: Literal["visitor", "operator"] = role
        self._client = client[:MAX_NAME]
        self._version = (version or livehelp.__version__)[:MAX_NAME]
        self._place = place[:MAX_PLACE] if place else None
        self._run = secrets.token_urlsafe(_RUN_BYTES)

    def hello(self, timing: Timing, token: str | None = None) -> ClientHello:
        """Return the hello of this run."""
        return ClientHello(
            protocol=PROTOCOL,
            role=self._role,
            client=self._client,
            version=self._version,
            place=self._place,
            token=token,
            run=self._run,
            heartbeat=timing.promise,
        )
