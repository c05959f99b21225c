from livehelp.stage import ServerProcess, StageError
from livehelp.testing.blocking import Blocking
from livehelp.testing.blocking_link import BlockingLink
from livehelp.testing.blocking_operator import BlockingOperator
from livehelp.testing.blocking_scripted import BlockingScriptedOperator
from livehelp.testing.blocking_visitor import BlockingVisitor
from livehelp.testing.makers import (
    Connecting,
    LinkMaker,
    OperatorMaker,
    ScriptedOperatorMaker,
    VisitorMaker,
    Way,
)
from livehelp.testing.scripted import ScriptedOperator
from livehelp.testing.tracebacks import shorten

pytest_plugins: tuple[str, ...]
NAMES: dict[str, str]

__all__ = [
    "Blocking",
    "BlockingLink",
    "BlockingOperator",
    "BlockingScriptedOperator",
    "BlockingVisitor",
    "Connecting",
    "LinkMaker",
    "OperatorMaker",
    "ScriptedOperator",
    "ScriptedOperatorMaker",
    "ServerProcess",
    "StageError",
    "VisitorMaker",
    "Way",
    "shorten",
]
