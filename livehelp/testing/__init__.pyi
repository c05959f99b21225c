from livehelp.testkit.pytest.blocking import Blocking
from livehelp.testkit.pytest.blocking_link import BlockingLink
from livehelp.testkit.pytest.blocking_operator import BlockingOperator
from livehelp.testkit.pytest.blocking_scripted import BlockingScriptedOperator
from livehelp.testkit.pytest.blocking_visitor import BlockingVisitor
from livehelp.testkit.pytest.makers import (
    Connecting,
    Endpoint,
    LinkMaker,
    OperatorMaker,
    ScriptedOperatorMaker,
    VisitorMaker,
)
from livehelp.testkit.pytest.scripted import ScriptedOperator
from livehelp.testkit.pytest.tracebacks import shorten
from livehelp.testkit.server import ServerProcess, ServerProcessError

pytest_plugins: tuple[str, ...]
NAMES: dict[str, str]

__all__ = [
    "Blocking",
    "BlockingLink",
    "BlockingOperator",
    "BlockingScriptedOperator",
    "BlockingVisitor",
    "Connecting",
    "Endpoint",
    "LinkMaker",
    "OperatorMaker",
    "ScriptedOperator",
    "ScriptedOperatorMaker",
    "ServerProcess",
    "ServerProcessError",
    "VisitorMaker",
    "shorten",
]
