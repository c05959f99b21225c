"""Explains the errors of the YAML parser."""

from typing import Final

import yaml

from livehelp.testkit.scenario.location import Location, Mistake, Unreadable

_PREFIX: Final = "this is no YAML: "
_QUOTES: Final = "put the text in quotes, as in {text: '/[a-z]/'}"
# As word processors write them in one language or another, and the typewriter's single one.
_STRANGE: Final = frozenset(
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}"
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{SINGLE LOW-9 QUOTATION MARK}"
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}'"
)
_UNCLOSED: Final = {
    "while scanning a quoted scalar": "the quotation mark that stands here has no second one",
    "while parsing a flow mapping": "the braces of this line are not closed",
    "while parsing a flow sequence": "the brackets of this line are not closed",
}


def refuse_strange_quotes(text: str, location: Location) -> None:
    """Raise ``Unreadable`` if ``text``, which stands in no quotes, begins with some of others.

    Word processors write them by themselves, and in a scenario they would be said.
    """
    if text[:1] in _STRANGE:
        words = f'{text[0]} is no quotation mark here; write the text in double quotes: "hello"'
        raise Unreadable(Mistake(location, words))


def explained(why: yaml.MarkedYAMLError, lines: list[str]) -> tuple[yaml.Mark | None, str]:
    """Return where it is, and what would be right.

    Args:
        why: What the parser says.
        lines: What it was given.
    """
    problem, context = why.problem or "", why.context or ""
    mark, begin = why.problem_mark or why.context_mark, why.context_mark
    if mark is not None and mark.line < len(lines):
        line = lines[mark.line]
        if "\t" in line[: len(line) - len(line.lstrip())] or line[mark.column :].startswith("\t"):
            return mark, "there is a tab; indent with blanks"
    if context in _UNCLOSED and begin and mark and not _goes_on(lines, begin.line, mark.line):
        return begin, _PREFIX + _UNCLOSED[context]
    return mark, _PREFIX + (
        _hint(problem, context, _before(lines, mark)) or ", ".join(filter(None, [context, problem]))
    )


def _goes_on(lines: list[str], first: int, last: int) -> bool:
    """Return whether a line belongs to an earlier one: it is that one, or indented deeper."""
    depths = [len(line) - len(line.lstrip()) for line in lines]
    return last == first or (last < len(lines) and depths[last] > depths[first])


def _before(lines: list[str], mark: yaml.Mark | None) -> str:
    """Return what stands before a place in its line."""
    return lines[mark.line][: mark.column] if mark and mark.line < len(lines) else ""


def _hint(problem: str, context: str, before: str) -> str:
    """Return what would be right; "" if that is not known."""
    if context == "while scanning a double-quoted scalar":
        return f"{problem}; in double quotes a backslash is written twice"
    if problem.endswith("cannot start any token"):
        return f"no text begins with such a character; {_QUOTES}"
    if problem == "mapping values are not allowed here" or problem.endswith("got ':'"):
        return "a colon and a blank cannot stand here; put the text in quotes"
    if problem.endswith("'{'") and (before.rstrip().endswith("}") or "found" in problem):
        return "all fields of a step stand in one pair of braces"
    if context.startswith("while parsing a flow"):
        if problem.endswith("got '<scalar>'"):
            return 'the text ends before this; inside double quotes a quotation mark is \\"'
        return f"{problem}; {_QUOTES}"
    if context.startswith("while parsing a block"):
        return "a hyphen is missing, or this is not indented as the lines that it belongs to"
    return ""
