"""What YAML's parser stumbles over, in words for whoever wrote the file.

Owns the advice for the slips of the pen that people make. Must not know what a scenario is.
"""

from typing import Final

import yaml

_PREFIX: Final = "this is no YAML: "
_QUOTES: Final = "put the text in quotes, as in {text: '/[a-z]/'}"
_UNCLOSED: Final = {
    "while scanning a quoted scalar": "the quotation mark that stands here has no second one",
    "while parsing a flow mapping": "the braces of this line are not closed",
    "while parsing a flow sequence": "the brackets of this line are not closed",
}


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
    if begin is not None and mark is not None and context in _UNCLOSED and mark.line > begin.line:
        return begin, _PREFIX + _UNCLOSED[context]
    return mark, _PREFIX + (
        _advice(problem, context) or ", ".join(filter(None, [context, problem]))
    )


def _advice(problem: str, context: str) -> str:
    """Return what would be right; "" if that is not known."""
    if context == "while scanning a double-quoted scalar":
        return f"{problem}; in double quotes a backslash is written twice"
    if problem.endswith("cannot start any token"):
        return f"no text begins with such a character; {_QUOTES}"
    if context.startswith("while parsing a flow"):
        if problem.endswith("got '<scalar>'"):
            return 'the text ends before this; inside double quotes a quotation mark is \\"'
        return f"{problem}; {_QUOTES}"
    if problem == "mapping values are not allowed here":
        return "a colon and a blank cannot stand here; put the text in quotes"
    if problem.endswith("but found '{'"):
        return "all fields of a step stand in one pair of braces"
    if context.startswith("while parsing a block"):
        return "a hyphen is missing, or this is not indented as the lines that it belongs to"
    return ""
