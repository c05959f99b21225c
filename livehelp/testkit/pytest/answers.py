"""The rules of a scripted operator: patterns and answers."""

import re
from collections.abc import Mapping
from string import Formatter
from typing import NamedTuple


class Answers:
    """Rules, in their order: the first pattern that is found in a line gives the answer.

    Args:
        rules: Answers by pattern. A pattern is a regular expression and is searched for; in its
            answer ``{1}`` is what its first group found, ``{name}`` a named one, ``{0}`` the whole
            find. A brace itself is written ``{{`` or ``}}``.

    Raises:
        ValueError: a rule cannot be read; the words say which.
    """

    def __init__(self, rules: Mapping[str, str]) -> None:
        self._rules = [_Rule.read(pattern, answer) for pattern, answer in rules.items()]

    def to(self, text: str) -> str | None:
        """Return the answer to ``text``; None if no rule has one."""
        for rule in self._rules:
            if (found := rule.pattern.search(text)) is not None:
                return rule.answer.format(found[0], *found.groups(""), **found.groupdict(""))
        return None


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    answer: str

    @classmethod
    def read(cls, pattern: str, answer: str) -> "_Rule":
        rule = cls(compile_pattern(pattern), answer)
        try:
            if rule._names() <= rule._groups():
                return rule
        except ValueError:  # a brace is alone
            pass
        raise ValueError(
            f"The answer {answer!r} to {pattern!r} cannot be made: in braces there can be "
            f"{', '.join(sorted(rule._groups()))}; a brace itself is written {{{{ or }}}}."
        )

    def _names(self) -> set[str]:
        """Return what stands in braces; raises ValueError if that cannot be told."""
        parts = Formatter().parse(self.answer)
        return {
            f"{name}!{how}" if how else f"{name}:{form}" if form else name
            for _, name, form, how in parts
            if name is not None
        }

    def _groups(self) -> set[str]:
        """Return what may stand in braces."""
        return {*map(str, range(self.pattern.groups + 1)), *self.pattern.groupindex}


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the regular expression; raises ValueError that says what is wrong with it."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}.") from None
