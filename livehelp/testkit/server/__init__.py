"""A whole server of one's own, for a rehearsal: started in a moment, killed without regret.

Owns what scenarios, load and tests play on: a real ``livehelp serve`` in a process of its own, with
a fresh database. ``server`` is what people use; ``launcher`` asks for processes and ``warm`` makes
them. Needs the server to be installed (``livehelp[server]``), and imports nothing of it here.
"""

from livehelp.testkit.server.forkserver_client import StageError, environment
from livehelp.testkit.server.process import OPERATOR, PASSWORD, ServerProcess, database_with

__all__ = ["OPERATOR", "PASSWORD", "ServerProcess", "StageError", "database_with", "environment"]
