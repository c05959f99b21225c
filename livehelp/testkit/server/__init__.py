"""A real ``livehelp serve`` for tests and scenarios, in its own process with a fresh database.

It needs the server to be installed (``livehelp[server]``), and imports nothing of it here.
"""

from livehelp.testkit.server.forkserver_client import ServerProcessError, environment
from livehelp.testkit.server.process import OPERATOR, PASSWORD, ServerProcess, database_with

__all__ = [
    "OPERATOR",
    "PASSWORD",
    "ServerProcess",
    "ServerProcessError",
    "database_with",
    "environment",
]
