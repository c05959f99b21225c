"""Making typed text safe to show: what a terminal would obey is taken out.

Owns the one cleaning function for everything that people type (DESIGN: text that people type is
hostile). The server applies it before storage; nothing that was removed is kept anywhere.
"""

import unicodedata
from typing import Final

# Line feed is kept where a text may have lines; tab becomes a space.
_SPACES: Final = {"\t", "\r", "\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"}
# Joiners that Indic scripts, Persian and emoji sequences need; they neither move the cursor nor
# reorder text. Every other format character (category Cf: bidi overrides and isolates, the
# zero-width space, tags, the soft hyphen) is removed, as are controls (Cc), surrogates (Cs),
# private use (Co) and unassigned characters (Cn).
_JOINERS: Final = {"\u200c", "\u200d"}
_REMOVED: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean_text(text: str) -> str:
    """Return ``text`` without what a terminal would obey; line feeds stay, edges are trimmed."""
    if text.isprintable():
        # The usual line: no category C character and no separator but the space.
        return text.strip()
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_kept(c) for c in unified).strip()


def clean_name(text: str) -> str:
    """Return ``text`` as one line, for names, topics and places: runs of space become one space."""
    return " ".join(clean_text(text).split())


def _kept(char: str) -> str:
    if char == "\n" or char in _JOINERS:
        return char
    if char in _SPACES:
        return " "
    return "" if unicodedata.category(char) in _REMOVED else char
