"""Replaces names and texts in a log, and keeps its shape.

The same person keeps the same name, a text keeps its number of words, its lines and how its words
end; the same log always becomes the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any, Final, cast

from livehelp.wire.base import MAX_PLACE, MAX_QUESTION, MAX_TEXT, MAX_TOPIC

_PEOPLE: Final = ("Pat", "Lee", "Sam", "Alex", "Robin", "Chris", "Jo", "Max", "Toni", "Kay")
_STAFF: Final = ("dana", "kim", "bo", "ray", "jan", "eli", "lou", "val", "ash", "dee")
_WORDS: Final = """
river stone apple window garden candle meadow bridge paper lantern basket winter table violet
harbor pencil orchard ribbon copper feather marble saddle willow thunder kettle valley button
castle ladder pebble anchor cotton maple silver barrel clover cinder walnut hammer mirror
"""
# A sentence should still look like one.
_ENDS: Final = re.compile(r"[.,;:?!]*\Z")
_WORD: Final = re.compile(r"\w+")
# What the server writes by itself, or is no person's.
_KEPT: Final = frozenset({"seq", "at", "event", "by", "reason"})
# Another word may be longer than the one it stands for, and the wire has limits.
_LONGEST: Final = {"topic": MAX_TOPIC, "place": MAX_PLACE}
# Left out: they say what computer somebody had, and where.
_DROPPED: Final = frozenset({"ip", "host", "client", "version", "previous"})


def anonymized_log(log: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return ``log`` with other names, texts, topics, places, answers and e-mail addresses."""
    events = list(log)
    return _Replacing(events).events()


class _Replacing:
    """One log while it is replaced."""

    def __init__(self, log: list[Mapping[str, Any]]) -> None:
        self._log = log
        self._original = {word.casefold() for event in log for word in _words_of(event)}
        self._words = self._others(_WORDS.split(), "word")
        self._people = self._others(_PEOPLE, "Person")
        self._staff = self._others(_STAFF, "staff")
        self._known: dict[tuple[str, str], str] = {}

    def events(self) -> list[dict[str, Any]]:
        """Return all events, replaced."""
        return [
            {
                name: value if name in _KEPT else self._value(event, name, value)
                for name, value in event.items()
                if name not in _DROPPED and event["event"] != "host_found"
            }
            for event in self._log
            if event["event"] != "host_found"
        ]

    def _value(self, event: Mapping[str, Any], name: str, value: Any) -> Any:
        if value is None:
            return None
        if name in {"operator", "to"} or (name == "name" and event["by"] == "operator"):
            return self._same("staff", value, self._staff)
        if name == "name":
            return self._same("person", value, self._people)
        if name == "email":
            return f"{self._same('email', value, self._people).lower()}@example.org"
        if name == "answers":
            return [
                {
                    "question": self._text(each["question"], MAX_QUESTION),
                    "answer": self._text(each["answer"]),
                }
                for each in value
            ]
        return self._text(str(value), _LONGEST.get(name, MAX_TEXT))

    def _same(self, kind: str, value: str, others: Iterator[str]) -> str:
        if (kind, value) not in self._known:
            self._known[kind, value] = next(others)
        return self._known[kind, value]

    def _text(self, text: str, longest: int = MAX_TEXT) -> str:
        lines = [
            "".join(self._token(part) for part in re.split(r"(\s+)", line))
            for line in text.split("\n")
        ]
        return "\n".join(lines)[:longest].rstrip()

    def _token(self, token: str) -> str:
        """Return another word for ``token``, with the same end and the same first letter's case."""
        if not token or token.isspace():
            return token
        ends = _ENDS.search(token)
        end = "" if ends is None else ends[0]
        word = token[: len(token) - len(end)]
        if not word:
            return token
        other = self._same("word", word.casefold(), self._words)
        return (other.capitalize() if word[:1].isupper() else other) + end

    def _others(self, words: Iterable[str], then: str) -> Iterator[str]:
        """Return words that are not in the log, as many as are needed."""
        for word in words:
            if word.casefold() not in self._original:
                yield word
        for number in count(1):
            if f"{then}{number}".casefold() not in self._original:
                yield f"{then}{number}"


def _words_of(value: object) -> Iterator[str]:
    """Return every word in every text of ``value``."""
    if isinstance(value, str):
        yield from _WORD.findall(value)
    elif isinstance(value, Mapping):
        for each in cast("Mapping[str, object]", value).values():
            yield from _words_of(each)
    elif isinstance(value, list | tuple):
        for each in cast("Iterable[object]", value):
            yield from _words_of(each)
