"""A value as YAML on one line, as a scenario has it."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

import yaml

# A character in YAML's quotes is ten at the longest (\\U0001F600); so wide, nothing is folded.
_ESCAPED: Final = 10


def as_yaml(value: Any) -> str:
    """Return a text, or a list or a mapping of such values, as YAML on one line."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).items()
        return f"{{{', '.join(f'{_text(name)}: {as_yaml(each)}' for name, each in entries)}}}"
    return f"[{', '.join(map(as_yaml, value))}]"


def _text(text: str) -> str:
    """Return ``text`` as it is if it is a plain word, else in quotes."""
    if re.fullmatch(r"\w([\w. -]*\w)?", text, re.ASCII):
        return text
    return yaml.safe_dump(
        text, default_style='"', allow_unicode=True, width=len(text) * _ESCAPED + _ESCAPED
    ).strip()
