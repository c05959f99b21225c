"""For each kind of value of chapter 6: what is taken, and what is outside.

Owns the examples at both sides of every limit. Must not know which command has such a field.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, cast

MAX_INTEGER: Final = 2**53 - 1
# One code point, four bytes of UTF-8: limits count the former.
WIDE: Final = "\U0001f600"
ANSWER: Final = {"question": "Why?", "answer": "So."}


class Values(NamedTuple):
    """Examples of one kind."""

    taken: Sequence[Any]
    refused: Sequence[Any]


def _text(shortest: int, longest: int) -> Values:
    refused: list[Any] = ["x" * (longest + 1), WIDE * (longest + 1), 5, True, ["x"], {"x": "x"}]
    if shortest > 0:
        refused.append("")
    return Values(["x" * max(shortest, 1), WIDE * longest], refused)


def _integer(lowest: int, highest: int, *, taken: Sequence[int] = ()) -> Values:
    return Values(
        taken or [lowest, highest], [lowest - 1, highest + 1, lowest + 0.5, "7", True, [7]]
    )


KINDS: Final[dict[str, Values]] = {
    "name": _text(1, 60),
    "topic": _text(1, 80),
    "place": _text(0, 200),
    "text": _text(1, 2_000),
    "password": _text(1, 256),
    "reference": Values(
        ["a", "Az09_-", "R" * 16],
        ["", "R" * 17, "K7 P4", "K7.P4", "K7\0P4", "K7P4\n", "r\u00e9", 5, True, ["K7P4"]],
    ),
    "email": Values(
        ["a@b", "x" * 64 + "@" + "y" * 189],
        ["@", "ab", "abc", "a@", "@b", "a@b@c", "a b@c", "a@b c", "x" * 253 + "@b", 5, ["a@b"]],
    ),
    "secret": Values(
        ["a" * 22, "a" * 64, "ABCxyz019_-" * 2],
        ["a" * 21, "a" * 65, "a" * 21 + "+", "a" * 21 + "/", "a" * 21 + "=", " " * 22, 5],
    ),
    "run": Values(
        ["a", "Az09_.:-", "r" * 32], ["", "r" * 33, "a b", "a/b", "r\u00e9", "run\n", 5, ["run"]]
    ),
    "ref": _integer(1, MAX_INTEGER),
    "seq": _integer(0, MAX_INTEGER),
    "heartbeat": _integer(5, 300),
    # 2 to 1,000 are numbers too, which this server need not speak.
    "protocol": _integer(1, 1_000, taken=[1]),
    "role": Values(["visitor", "operator"], ["", "Visitor", "admin", 1, ["visitor"]]),
    "flag": Values([True, False], [0, 1, "true", "", []]),
    "answers": Values(
        [[ANSWER], [ANSWER] * 10, [{"question": "q" * 200, "answer": "a" * 2_000}]],
        [
            *([], [ANSWER] * 11, "So.", ANSWER, ["So."], [[]], [{}]),
            *([{"question": "Why?"}], [{"answer": "So."}], [ANSWER, {"question": "Why?"}]),
            *([ANSWER | {"question": ""}], [ANSWER | {"question": "q" * 201}]),
            *([ANSWER | {"answer": ""}], [ANSWER | {"answer": "a" * 2_001}]),
            *([ANSWER | {"question": 5}], [ANSWER | {"answer": ["So."]}]),
        ],
    ),
}
# What the document writes of the limits that stand above: changing one means changing the other.
LIMITS: Final = {
    "name": "1 to 60",
    "topic": "1 to 80",
    "place": "0 to 200",
    "text": "1 to 2,000",
    "question": "1 to 200",
    "answers": "1 to 10",
    "email": "3 to 254",
    "password": "1 to 256",
    "secret": "22 to 64",
    "reference": "1 to 16",
    "run": "1 to 32",
    "ref": f"1 to {MAX_INTEGER:,}",
    "seq": f"0 to {MAX_INTEGER:,}",
    "heartbeat": "5 to 300",
    "protocol": "1 to 1,000",
}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def is_of(kind: str, value: Any, codes: Sequence[str]) -> bool:
    """Return whether a value that a server sent is of the kind that the document names."""
    if kind == "code":
        return value in codes
    assert kind in _SENT, f"the document has a kind of value that no test knows: {kind}"
    return _SENT[kind](value)


def _one_of(*choices: str) -> Callable[[Any], bool]:
    return lambda value: value in choices


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list_of(value: Any, is_item: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(is_item, cast("list[Any]", value)))


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and _MOMENT.fullmatch(value) is not None


def _is_answer(value: Any) -> bool:
    return _is_text(value["question"]) and _is_text(value["answer"])


def _is_earlier(value: Any) -> bool:
    texts = [value[name] for name in ("session", "name", "topic")]
    return _is_list_of(texts, _is_text) and _is_moment(value["at"]) and type(value["open"]) is bool


_SENT: Final[dict[str, Callable[[Any], bool]]] = {
    "by": _one_of("visitor", "operator", "system"),
    "phase": _one_of("waiting", "active", "closed"),
    "leaving": _one_of("transferred", "logged_out", "gone"),
    "closing": _one_of("ended", "idle"),
    "string": _is_text,
    "strings": lambda value: _is_list_of(value, _is_text),
    "integer": lambda value: type(value) is int and abs(value) <= MAX_INTEGER,
    "flag": lambda value: type(value) is bool,
    "moment": _is_moment,
    "answers": lambda value: _is_list_of(value, _is_answer) and bool(value),
    "earlier": _is_earlier,
}
