"""Arguments and options as every command reads, refuses and shows them.

Owns what is taken in typer's stead, for all commands alike:

- Texts, flags, numbers and choices are read here. typer 0.29 hands every value, the absent
  ``--help`` too, to a validator of pydantic, whose import takes 130 to 190 ms; ``livehelp visit``
  may take some 100 ms longer to its first paint than an empty Textual app. And pydantic's words are
  not for people ("unable to parse string as a number").
- An argument is shown by its metavar, as ``NAME``, or ``[NAME]`` where it may be left out, and not
  as ``{name}`` with ``<str>`` beside it.

Must not know any command.
"""

from functools import partial
from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

# The words that typer reads as yes and no in an environment variable.
_FLAGS: Final = {
    **dict.fromkeys(("1", "on", "t", "true", "y", "yes"), True),
    **dict.fromkeys(("0", "off", "f", "false", "n", "no"), False),
}
_KINDS: Final = {bool: "true or false", int: "a whole number", float: "a number"}


class Command(TyperCommand):
    """A command, for ``app.command(cls=Command)``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, ``--help`` among them, as this module has them."""
        return [_ours(param) for param in super().get_params(ctx)]


class Group(TyperGroup):
    """A group of commands, for ``Typer(cls=Group)``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, ``--help`` among them, as this module has them."""
        return [_ours(param) for param in super().get_params(ctx)]


def _ours(param: Any) -> Any:
    if isinstance(param, TyperArgument | TyperOption):
        param.process_value = partial(_process, param)
    if isinstance(param, TyperArgument):
        _show_metavar(param)
    return param


def _show_metavar(argument: Any) -> None:
    name = argument.display_name_raw
    usage = [name if argument.required else f"[{name}]"]

    def get_usage_pieces(_: Any) -> list[str]:
        return usage

    def display_type_rich(**_: Any) -> None:
        return None

    argument.get_usage_pieces = get_usage_pieces
    argument.display_type_rich = display_type_rich


def _process(param: TyperArgument | TyperOption, ctx: Any, value: Any) -> Any:
    """Return ``value`` as the command gets it, by way of typer where that makes a difference."""
    kind: Any = param.type_descriptor.annotation
    choices = param.type_descriptor.choices
    if isinstance(value, str) and (kind in _KINDS or choices):
        try:
            value = _read(value, kind, choices, param.min)
        except ValueError as why:
            raise typer.BadParameter(str(why), ctx=ctx, param=param) from None
    absent = value is None and not param.required
    if absent or choices or (kind in {str, *_KINDS} and value is not None):
        return value if param.callback is None else param.callback(ctx, param, value)
    thorough: Any = type(param).process_value
    return thorough(param, ctx, value)


def _read(text: str, kind: Any, choices: Any, least: float | None) -> object:
    """Return what ``text`` says; raises ValueError, with what would be right."""
    if choices:
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {text!r}.")
        return text
    try:
        value = _FLAGS[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError):
        raise ValueError(f"must be {_KINDS[kind]}, not {text!r}.") from None
    if least is not None and value < least:
        raise ValueError(f"must be {least} or more, not {text}.")
    return value
