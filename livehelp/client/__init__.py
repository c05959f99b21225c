"""The client: connect, talk, and come back after a lost link. Runs under trio and asyncio.

Read in this order: ``visitor`` and ``operator`` (what people use), ``visitor_role``,
``operator_role``, ``floor`` and ``progress`` (what is known of sessions), ``link`` (when to try
again, what to send again), ``connection`` and ``dial`` (one connection). No event loop of its
own, no database and no screen is imported here.

Each name is loaded when it is first used (PEP 562), so that a screen can show itself before it
needs a link. ``__init__.pyi`` tells type checkers and editors the same names.
"""

from typing import Final

NAMES: Final = {
    "DEFAULT_PORT": "address",
    "Address": "address",
    "CannotConnect": "errors",
    "CannotExpect": "expectation",
    "ExpectationFailed": "expectation",
    "Incoming": "states",
    "LinkDown": "errors",
    "LinkEnded": "states",
    "LinkLost": "states",
    "LinkState": "states",
    "LinkUp": "states",
    "LiveHelpError": "errors",
    "MessageLog": "message_log",
    "OperatorClient": "operator",
    "Overview": "overview",
    "Refused": "errors",
    "Timing": "timing",
    "TokenFile": "tokens",
    "VisitorClient": "visitor",
}


def __getattr__(name: str) -> object:
    if name in NAMES:
        from importlib import import_module  # noqa: PLC0415 - as the names: when it is needed

        return getattr(import_module(f"livehelp.client.{NAMES[name]}"), name)
    if name == "__all__":
        return [*NAMES]
    raise AttributeError(f"module 'livehelp.client' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *NAMES]
