"""The file of settings: TOML, one key a setting, each of the type that ``Settings`` says.

Owns reading the file and saying what is wrong in it. Must not know options or the environment.
"""

import tomllib
from collections.abc import Callable
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple, cast, get_type_hints


class _Kind(NamedTuple):
    """What a setting of one type looks like in the file."""

    words: str
    fits: Callable[[object], bool]


def _is_text_list(value: object) -> bool:
    return type(value) is list and all(isinstance(each, str) for each in cast("list[Any]", value))


def _is_one_of(*types: type) -> Callable[[object], bool]:
    # Not isinstance: in Python a bool is an int too, and in the file it is not.
    return lambda value: type(value) in types


_KINDS: Final[dict[object, _Kind]] = {
    str: _Kind("a text in quotes", _is_one_of(str)),
    bool: _Kind("true or false", _is_one_of(bool)),
    int: _Kind("a whole number", _is_one_of(int)),
    float: _Kind("a number", _is_one_of(int, float)),
    tuple[str, ...]: _Kind('a list of texts, such as ["one", "two"]', _is_text_list),
}


def read_config(path: Path) -> dict[str, object]:
    """Return the settings that stand in the file at ``path``, by name.

    Raises:
        ValueError: it cannot be read, is no TOML, or has a key or a value that no setting has; the
            words name the file, the key, and what would be right.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise ValueError(f"cannot read {path}: {why.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise ValueError(f"{path} is no TOML file: {why}.") from None
    return {name: _checked(path, name, value) for name, value in values.items()}


def _checked(path: Path, name: str, value: object) -> object:
    from server.settings import Settings

    known = [field.name for field in fields(Settings)]
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
        raise ValueError(f"{path}: there is no setting {name}; {hint}")
    kind = _KINDS[get_type_hints(Settings)[name]]
    if not kind.fits(value):
        raise ValueError(f"{path}: {name} must be {kind.words}, not {_as_written(value)}.")
    return tuple(cast("list[str]", value)) if isinstance(value, list) else value


def _as_written(value: object) -> str:
    """Return ``value`` about as it stands in the file."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case dict():
            return "a table"
        case _:
            return str(value)
