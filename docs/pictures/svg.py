"""A screenshot as a picture that shows the same everywhere.

Owns what is changed in Textual's SVG: no font from the network, no spaces that some viewers drop,
no coordinates with fifteen digits. Must not know what is in the picture.
"""

import re
from typing import Final

# What systems have. The length of each text is in the file, so that browsers fit any of them into
# the cells; librsvg does not, and so the size is the one at which a letter of the usual two
# (DejaVu Sans Mono, Menlo: 0.602 of it) is as wide as a cell.
_FONTS: Final = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace'
_SIZE: Final = "20.27px"
_FONT_FACE: Final = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_COMMENT: Final = re.compile(r"\s*<!--.*?-->", re.DOTALL)
_TEXT: Final = re.compile(
    r'<text(?P<before>[^>]*?) x="(?P<x>[\d.]+)"(?P<between>[^>]*?)'
    r' textLength="(?P<length>[\d.]+)"(?P<after>[^>]*)>(?P<words>[^<]*)</text>\n?'
)
_SPACE: Final = "&#160;"
# Textual's cell, in the units of the file.
_CELL: Final = 12.2
_LONG_NUMBER: Final = re.compile(r"(?<=\d)\.\d{4,}")
_IDS: Final = re.compile(r"terminal-\d+")
_LINK: Final = re.compile(r"https?://[^\s\"'<>)]+")
_NAMESPACE: Final = "http://www.w3.org/2000/svg"


def cleaned(svg: str, name: str) -> str:
    """Return ``svg`` without anything that is not the picture itself.

    Args:
        svg: What ``App.export_screenshot`` returned.
        name: Makes the ids of this picture its own, where a page holds several.

    Raises:
        ValueError: there is still an address in it that a viewer would fetch.
    """
    svg = _COMMENT.sub("", _FONT_FACE.sub("", svg))
    svg = svg.replace("font-family: Fira Code, monospace;", f"font-family: {_FONTS};")
    svg = svg.replace("font-size: 20px;", f"font-size: {_SIZE};")
    svg = svg.replace("font-family: arial;", "font-family: system-ui, sans-serif;")
    svg = _TEXT.sub(_trimmed, svg)
    svg = _LONG_NUMBER.sub(lambda match: f"{float('0' + match[0]):.1f}"[1:], svg)
    svg = _IDS.sub(name, svg)
    if links := set(_LINK.findall(svg)) - {_NAMESPACE}:
        raise ValueError(f"The picture would fetch {', '.join(sorted(links))}.")
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def _trimmed(text: re.Match[str]) -> str:
    """Move a text to its first letter: librsvg drops the spaces before it, browsers do not."""
    words = text["words"]
    bare = words
    while bare.startswith(_SPACE):
        bare = bare.removeprefix(_SPACE)
    before = (len(words) - len(bare)) // len(_SPACE)
    while bare.endswith(_SPACE):
        bare = bare.removesuffix(_SPACE)
    spaces = (len(words) - len(bare)) // len(_SPACE)
    if not bare:
        return ""
    x = float(text["x"]) + before * _CELL
    length = float(text["length"]) - spaces * _CELL
    return (
        f'<text{text["before"]} x="{x:.1f}"{text["between"]} textLength="{length:.1f}"'
        f"{text['after']}>{bare}</text>\n"
    )
