"""For tests that talk with a real Live Help server: the pytest plugin, and what its fixtures give.

``plugin`` has the fixtures; ``makers`` (async) and ``blocking`` (plain) are what they give, and
``scripted`` is an operator who works by rules. Every pytest run where livehelp is installed loads
this, so each name is loaded when it is first used (PEP 562); and a script without pytest may use
it. ``__init__.pyi`` tells type checkers and editors the same names.
"""

from typing import Final

# For pytest, whose entry point this package is.
pytest_plugins: Final = ("livehelp.testkit.pytest.plugin",)
NAMES: Final = {
    "Blocking": "livehelp.testkit.pytest.blocking",
    "BlockingLink": "livehelp.testkit.pytest.blocking_link",
    "BlockingOperator": "livehelp.testkit.pytest.blocking_operator",
    "BlockingScriptedOperator": "livehelp.testkit.pytest.blocking_scripted",
    "BlockingVisitor": "livehelp.testkit.pytest.blocking_visitor",
    "Connecting": "livehelp.testkit.pytest.makers",
    "Endpoint": "livehelp.testkit.pytest.makers",
    "LinkMaker": "livehelp.testkit.pytest.makers",
    "OperatorMaker": "livehelp.testkit.pytest.makers",
    "ScriptedOperator": "livehelp.testkit.pytest.scripted",
    "ScriptedOperatorMaker": "livehelp.testkit.pytest.makers",
    "ServerProcess": "livehelp.testkit.server",
    "ServerProcessError": "livehelp.testkit.server",
    "VisitorMaker": "livehelp.testkit.pytest.makers",
    "shorten": "livehelp.testkit.pytest.tracebacks",
}


# No __dir__: pytest looks at everything that a plugin says it has, and would load it all.
def __getattr__(name: str) -> object:
    if name in NAMES:
        from importlib import import_module  # noqa: PLC0415 - as the names: when it is needed

        return getattr(import_module(NAMES[name]), name)
    if name == "__all__":
        return [*NAMES]
    raise AttributeError(f"module 'livehelp.testing' has no attribute {name!r}")
