"""Compares a recorded message with a new one, and maps recorded names to new ones.

A reference, a key, a token or a ticket has a new value each time. Which stands for which is learned
from the first message that has both, and holds from then on, one for one.
"""

import json
import secrets
from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias, cast

from livehelp.testkit.recording.redact import PASSWORDS, SECRETS, is_stand_in

Message: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["session", "secret", "run", "ref", "seq"]

# Times, machines and versions; the run is made up by each client; passwords are not recorded.
FREE: Final = frozenset({"at", "expires", "version", "ip", "host", "port"}) | PASSWORDS
# The number of an event in its session's log, and the one up to which a client has it.
_SESSION: Final = "session"
_NUMBER: Final = "seq"
_KNOWN: Final = "after"
_FREE_IN: Final = {
    # Words for the person, which may be put better; the code or the reason beside them is compared.
    "error": frozenset({"message"}),
    "bye": frozenset({"message", "retry"}),
    # Who is here just now, as signals tell it.
    "hello": frozenset({"operators"}),
    "visit": frozenset({"online"}),
    # How far the log had come when it was sent; what others said meanwhile comes right after it.
    "resumed": frozenset({"seq", "phase"}),
}
# Each in a name of its own: a reference never stands for a key.
_KINDS: Final[dict[str, Kind]] = {
    "session": "session",
    "previous": "session",
    "run": "run",
    "ref": "ref",
    **dict.fromkeys(SECRETS, "secret"),
}
# How far the numbers of one session may be apart: the host's name is looked up once.
_OFF: Final = 1
# 256 bits, as the client's own keys.
_SECRET_BYTES: Final = 32
# The wire takes a run of 32 characters; these are 22.
_RUN_BYTES: Final = 16


class Names:
    """Which recorded name stands for which of now, one for one.

    Names of refs are known by connection; all others are the same everywhere.
    """

    def __init__(self) -> None:
        self._looked_up: set[object] = set()
        self._now: dict[tuple[Kind, int, object], object] = {}
        self._recorded: dict[tuple[Kind, int, object], object] = {}

    def now(self, kind: Kind, recorded: object, connection: int = 0) -> object | None:
        """Return what stands for ``recorded`` now, None if that is not known."""
        return self._now.get(_key(kind, recorded, connection))

    def recorded(self, kind: Kind, now: object, connection: int = 0) -> object | None:
        """Return what ``now`` stands for, None if that is not known."""
        return self._recorded.get(_key(kind, now, connection))

    def fit(self, kind: Kind, recorded: object, now: object, connection: int = 0) -> bool:
        """Return whether the two may stand for each other."""
        known = self.now(kind, recorded, connection), self.recorded(kind, now, connection)
        return known in {(None, None), (now, recorded)}

    def learn(self, kind: Kind, recorded: object, now: object, connection: int = 0) -> None:
        """From now on the two stand for each other, unless one of them does for another."""
        if self.fit(kind, recorded, now, connection):
            self._now[_key(kind, recorded, connection)] = now
            self._recorded[_key(kind, now, connection)] = recorded

    def look_up(self, session: object) -> None:
        """In this session, by its recorded name, a host was looked up: then, or now."""
        self._looked_up.add(session)

    def fit_number(self, session: object, recorded: int, now: int) -> bool:
        """Return whether two numbers of events may stand for each other: the order stays."""
        off = _OFF if session in self._looked_up else 0
        if abs(recorded - now) > off or not self.fit("seq", (session, recorded), (session, now)):
            return False
        # What is further away cannot be on the wrong side.
        for other in range(recorded - 2 * _OFF, recorded + 2 * _OFF + 1):
            known = self._number(session, other)
            if known is not None and other != recorded and (other < recorded) != (known < now):
                return False
        return True

    def learn_number(self, session: object, recorded: int, now: int) -> None:
        """From now on the two stand for each other, if they may."""
        if self.fit_number(session, recorded, now):
            self.learn("seq", (session, recorded), (session, now))

    def reached(self, session: object, recorded: int) -> int:
        """Return up to which number the log is known now, where it was known up to ``recorded``."""
        for number in range(recorded, 0, -1):
            if (known := self._number(session, number)) is not None:
                return known
        return recorded

    def _number(self, session: object, recorded: int) -> int | None:
        known = self.now("seq", (session, recorded))
        return None if known is None else cast("tuple[object, int]", known)[1]


def _key(kind: Kind, name: object, connection: int) -> tuple[Kind, int, object]:
    return kind, connection if kind == "ref" else 0, name


def read(line: bytes) -> Message | None:
    """Return the JSON object on a line, without fields that are null; None if there is none.

    One whose type or session is no text or number is no message of any version: it is none.
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    message = cast("Message", _without_null(found))
    named = (message[field] for field in ("type", "session") if field in message)
    return message if all(map(_is_name, named)) else None


def write(message: Message) -> bytes:
    """Return a message as a line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def differences(names: Names, recorded: Message, seen: Message, connection: int = 0) -> list[str]:
    """Return the paths of the fields that differ, such as ``earlier.name``; none if alike.

    A field that is null is one that is left out [P-2.9].
    """
    return sorted(set(_compare(names, recorded, seen, connection)))


def learn(names: Names, recorded: Message, seen: Message, connection: int = 0) -> None:
    """Learn the names in two messages that belong together."""
    for path in recorded.keys() & seen.keys():
        before, now = recorded[path], seen[path]
        if path == _NUMBER and _are_numbers_in(recorded, before, now):
            names.learn_number(recorded[_SESSION], before, now)
        elif path in _KINDS and _is_name(before) and _is_name(now):
            names.learn(_KINDS[path], before, now, connection)
        elif inner := _objects(before, now):
            learn(names, *inner, connection)


def played(names: Names, recorded: Message, connection: int = 0) -> Message:
    """Return a recorded message with the names of now, to be said to somebody.

    A stand-in for a secret that nobody has told yet is the speaker's own, and made up here; so is a
    run. A reference or a ref that nobody has told is left as it is.
    """
    now = {field: _played(names, field, value, connection) for field, value in recorded.items()}
    if type(after := recorded.get(_KNOWN)) is int:
        now[_KNOWN] = names.reached(recorded.get(_SESSION), after)
    return now


def _played(names: Names, field: str, value: Any, connection: int) -> Any:
    if isinstance(value, dict):
        return played(names, cast("Message", value), connection)
    kind = _KINDS.get(field)
    if kind is None or not _is_name(value):
        return value
    known = names.now(kind, value, connection)
    if known is not None:
        return known
    if kind == "secret" and is_stand_in(str(value)):
        fresh = secrets.token_urlsafe(_SECRET_BYTES)
    elif kind == "run":
        fresh = secrets.token_urlsafe(_RUN_BYTES)
    else:
        return value
    names.learn(kind, value, fresh)
    return fresh


def _compare(
    names: Names, recorded: Message, seen: Message, connection: int, path: str = ""
) -> Iterator[str]:
    free = FREE | _FREE_IN.get(str(recorded.get("type")), frozenset())
    for field in (recorded.keys() | seen.keys()) - free:
        where = path + field
        if field not in recorded or field not in seen:
            yield where
            continue
        before, now = recorded[field], seen[field]
        if inner := _objects(before, now):
            yield from _compare(names, *inner, connection, f"{where}.")
        elif field == _NUMBER and _are_numbers_in(recorded, before, now):
            if not names.fit_number(recorded[_SESSION], before, now):
                yield where
        elif field in _KINDS and _is_name(before) and _is_name(now):
            if not names.fit(_KINDS[field], before, now, connection):
                yield where
        elif before != now or type(before) is not type(now):
            yield where


def _are_numbers_in(recorded: Message, before: object, now: object) -> bool:
    """Return whether these are numbers of events, and of which session is known."""
    return type(before) is int and type(now) is int and _is_name(recorded.get(_SESSION))


def _objects(before: object, now: object) -> tuple[Message, Message] | None:
    """Return the two if both are objects."""
    if isinstance(before, dict) and isinstance(now, dict):
        return cast("Message", before), cast("Message", now)
    return None


def _is_name(value: object) -> bool:
    """Return whether this is what a name can be: a text, or a number that is no flag."""
    return type(value) in {str, int}


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        fields = cast("Message", value)
        return {k: _without_null(each) for k, each in fields.items() if each is not None}
    if isinstance(value, list):
        return [_without_null(each) for each in cast("list[Any]", value)]
    return value
