"""What a text, a number or a list must be, and how that is written in a scenario."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from livehelp.testkit.scenario.yaml_text import as_yaml

# How nothing is written: no interview, no e-mail address, no place.
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Same:
    """The very same value; None: there is none."""

    value: str | int | bool | None

    def fits(self, actual: object) -> bool:
        """Return whether ``actual`` is it."""
        return self.value == actual

    def __str__(self) -> str:
        """Return it as it is written in a scenario."""
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        if isinstance(self.value, str):
            return as_yaml(self.value)
        return NONE if self.value is None else str(self.value)


@dataclass(frozen=True, slots=True)
class Search:
    """A regular expression that is found somewhere in a text."""

    pattern: re.Pattern[str]

    def fits(self, actual: object) -> bool:
        """Return whether it is found in ``actual``."""
        return isinstance(actual, str) and self.pattern.search(actual) is not None

    def __str__(self) -> str:
        """Return it as it is written in a scenario."""
        return f"/{self.pattern.pattern}/"


@dataclass(frozen=True, slots=True)
class Count:
    """So many, whatever they are."""

    number: int

    def fits(self, actual: object) -> bool:
        """Return whether ``actual`` is a list or a mapping of this length."""
        return isinstance(actual, Sequence | Mapping) and len(cast("Sequence[object]", actual)) == (
            self.number
        )

    def __str__(self) -> str:
        """Return the number."""
        return str(self.number)


@dataclass(frozen=True, slots=True)
class Each:
    """A list whose items fit one by one, in order."""

    items: "tuple[Matcher, ...]"

    def fits(self, actual: object) -> bool:
        """Return whether ``actual`` is such a list."""
        if not isinstance(actual, Sequence) or isinstance(actual, str):
            return False
        values = cast("Sequence[object]", actual)
        return len(values) == len(self.items) and all(
            item.fits(value) for item, value in zip(self.items, values, strict=True)
        )

    def fits_in_any_order(self, actual: Sequence[object]) -> bool:
        """Return whether each item fits another one of the values, and none is left."""
        item_at: dict[int, int] = {}  # which item a value was given to

        def find_place(number: int, looked_at: set[int]) -> bool:
            """Give an item a value, and another one to whichever item had it."""
            for at, value in enumerate(actual):
                if at not in looked_at and self.items[number].fits(value):
                    looked_at.add(at)
                    if at not in item_at or find_place(item_at[at], looked_at):
                        item_at[at] = number
                        return True
            return False

        return len(actual) == len(self.items) and all(
            find_place(number, set()) for number in range(len(self.items))
        )

    def __str__(self) -> str:
        """Return the list as it is written in a scenario."""
        return f"[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping with these names and no other."""

    entries: "tuple[tuple[str, Matcher], ...]"

    def fits(self, actual: object) -> bool:
        """Return whether ``actual`` is such a mapping."""
        if not isinstance(actual, Mapping):
            return False
        values = cast("Mapping[str, object]", actual)
        return set(values) == {name for name, _ in self.entries} and all(
            matcher.fits(values[name]) for name, matcher in self.entries
        )

    def __str__(self) -> str:
        """Return the mapping as it is written in a scenario."""
        return f"{{{', '.join(f'{as_yaml(name)}: {matcher}' for name, matcher in self.entries)}}}"


Matcher: TypeAlias = Same | Search | Count | Each | Pairs


def text_matcher(text: str) -> Same | Search:
    """Return what ``text`` asks for.

    Raises:
        ValueError: a regular expression that is none.
    """
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        try:
            return Search(re.compile(text[1:-1]))
        except re.error as why:
            raise ValueError(f"{text} is no regular expression: {why}") from None
    return Same(text)


def asked(matcher: Matcher, questions: Sequence[str]) -> Matcher:
    """Return ``matcher`` with the questions of a server for their numbers."""
    if not isinstance(matcher, Pairs):
        return matcher
    by_number = {str(number): question for number, question in enumerate(questions, 1)}
    return Pairs(tuple((by_number.get(name, name), each) for name, each in matcher.entries))


def written(text: str) -> str:
    """Return what, written in a scenario, asks for exactly ``text``."""
    if text == NONE or (len(text) > 2 and text.startswith("/") and text.endswith("/")):
        return f"/\\A{re.escape(text)}\\Z/"
    return text
