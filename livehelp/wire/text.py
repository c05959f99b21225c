"""Making typed text safe to show: what a terminal would obey is taken out.

Owns the one cleaning function for everything that people type, which is hostile until proven
otherwise. The server applies it before storage; nothing that was removed is kept anywhere.
"""

import re
import unicodedata
from typing import Final

# Whole escape sequences (ECMA-48 section 5.4): CSI with its parameters, and the strings that OSC,
# DCS, SOS, PM and APC begin, if they end on the same line. Where a sequence is incomplete only its
# control characters go, so that no one character can swallow the rest of what somebody wrote.
_SEQUENCES: Final = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\\\|\x9c)"
)
# Line feed is kept where a text may have lines; the other breaks and the tab become a space.
_SPACES: Final = {"\t", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"}
# Joiners that Indic scripts, Persian and emoji sequences need; they neither move the cursor nor
# reorder text. Every other format character (category Cf: bidi overrides and isolates, the
# zero-width space, tags, the soft hyphen) is removed, as are controls (Cc), surrogates (Cs),
# private use (Co) and unassigned characters (Cn).
_JOINERS: Final = {"\u200c", "\u200d"}
# Nothing but what a terminal shows as nothing: white space, the joiners, and the letters, marks and
# symbols that Unicode has as fillers and selectors of a shape. Among others they mean something
# (old Hangul, emoji, ideographs); a name of them alone is an empty place beside a line.
_BLANK: Final = re.compile(
    "[\\s\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u200c\u200d\u2800\u3164"
    "\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]*"
)
_REMOVED: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Unicode sets these blocks aside for pictographs, unassigned code points included (UTS 51, property
# Extended_Pictographic): an emoji newer than this Python's tables is kept.
_FIRST_PICTOGRAPH: Final = "\U0001f000"
_LAST_PICTOGRAPH: Final = "\U0001faff"


def clean_text(text: str) -> str:
    """Return ``text`` without what a terminal would obey; line feeds stay, edges are trimmed.

    A text of which nothing visible is left comes back empty. Cleaning twice changes nothing, and
    the result is never longer than ``text``.
    """
    if text.isprintable():
        # The usual line: no category C character and no separator but the space.
        return _unless_blank(text.strip())
    unified = _SEQUENCES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _unless_blank("".join(_kept(c) for c in unified).strip())


def clean_name(text: str) -> str:
    """Return ``text`` as one line, for names, topics and places: runs of space become one space."""
    return " ".join(clean_text(text).split())


def _unless_blank(text: str) -> str:
    return "" if _BLANK.fullmatch(text) else text


def _kept(char: str) -> str:
    if char == "\n" or char in _JOINERS:
        return char
    if char in _SPACES:
        return " "
    if _FIRST_PICTOGRAPH <= char <= _LAST_PICTOGRAPH:
        return char
    return "" if unicodedata.category(char) in _REMOVED else char
