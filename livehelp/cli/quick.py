"""Commands that start at once: text and flags are taken as they are.

Owns one shortcut around typer, and nothing else. typer 0.29 hands every argument, the absent
``--help`` too, to a validator of pydantic, whose import takes 130 to 190 ms; ``livehelp visit`` may
take some 100 ms longer to its first paint than an empty Textual app. A value that needs a validator
still gets it, and so does every parameter with a callback of its own.
"""

from functools import partial
from typing import Any, Final

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

# The words that typer reads as yes and no in an environment variable.
_FLAGS: Final = {
    **dict.fromkeys(("1", "on", "t", "true", "y", "yes"), True),
    **dict.fromkeys(("0", "off", "f", "false", "n", "no"), False),
}


class QuickCommand(TyperCommand):
    """A command, for ``app.command(cls=QuickCommand)``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, ``--help`` among them, each with the shortcut."""
        return [_quick(param) for param in super().get_params(ctx)]


class QuickGroup(TyperGroup):
    """A group of commands, for ``Typer(cls=QuickGroup)``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, ``--help`` among them, each with the shortcut."""
        return [_quick(param) for param in super().get_params(ctx)]


def _quick(param: Any) -> Any:
    if isinstance(param, TyperArgument | TyperOption):
        param.process_value = partial(_process, param)
    return param


def _process(param: TyperArgument | TyperOption, ctx: Any, value: Any) -> Any:
    """Return ``value`` as the command gets it, by way of typer where that makes a difference."""
    kind = param.type_descriptor.annotation
    if kind is bool and isinstance(value, str) and value.lower() in _FLAGS:
        value = _FLAGS[value.lower()]
    absent = value is None and not param.required
    if absent or (kind is str and isinstance(value, str)):
        return value if param.callback is None else param.callback(ctx, param, value)
    thorough: Any = type(param).process_value
    return thorough(param, ctx, value)
