"""Keys held with Alt.

Owns what Textual reads wrongly of them. Must not know what they are bound to.
"""

from dataclasses import dataclass
from typing import Final, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


@dataclass(frozen=True)
class _Key:
    """Textual's parser asks an entry of its table for this alone: the key as bindings name it."""

    value: str


# The usual encoding of Alt: Escape, then the key by itself.
_SENT: Final = {"\x1b\r": "alt+enter", **{f"\x1b{n}": f"alt+{n}" for n in range(1, 10)}}


def read_alt_keys() -> None:
    """Have Textual read Alt+1 to Alt+9 and Alt+Enter as such.

    Textual 8 takes Escape and a digit for what Option and that digit type on a Macintosh (``¡``,
    ``™``, ``£``), and Escape and Enter for Enter. It has no public way to say otherwise than its
    table: from the key that it makes of them nobody can tell whether somebody has typed a ``£``.
    Taking the digits out of the table would not do: then a key that comes right behind is typed.
    """
    table = cast("dict[str, tuple[_Key]]", ANSI_SEQUENCES_KEYS)
    table.update({sent: (_Key(key),) for sent, key in _SENT.items()})
