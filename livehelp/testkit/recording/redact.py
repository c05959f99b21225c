"""Removes secrets from lines before anything is written.

Keys, tokens and tickets become stand-ins, the same for the same secret, which have the form of a
secret on the wire; a password becomes ``***``. What people wrote is left as it is.
"""

import json
import re
from typing import Any, Final, cast, get_args

import msgspec

from livehelp.wire.base import Password, Secret
from livehelp.wire.commands import Command

HIDDEN: Final = "***"
# A stand-in is as long as the wire wants a secret to be (22 or more), and opens nothing.
_STAND_IN: Final = "{name}-{number}-stands-in-for-a-secret"
_STANDS_IN: Final = re.compile(r"(?:key|token|ticket)-\d+-stands-in-for-a-secret")
# As the wire writes a secret. It may stand in the middle of such a run: a line feed before it is
# an ``n`` in JSON. What a field holds in another form is refused by any server, and opens nothing.
_MAYBE_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{22,}")
# A shorter password may be an ordinary word; it is hidden in its field, and not everywhere.
_LONG_ENOUGH: Final = 8


def _fields_of(kind: object) -> frozenset[str]:
    """Return the names of the fields of this kind; the server's messages use the same names."""
    return frozenset(
        field.name
        for command in get_args(Command)
        for field in msgspec.structs.fields(command)
        if kind in get_args(field.type)
    )


SECRETS: Final = _fields_of(Secret)
PASSWORDS: Final = _fields_of(Password)
_NAMED: Final = re.compile("|".join(sorted(SECRETS | PASSWORDS)), re.IGNORECASE)


def is_stand_in(text: str) -> bool:
    """Return whether ``text`` stands in for a secret."""
    return _STANDS_IN.fullmatch(text) is not None


class Redactor:
    """Remembers the secrets of one recording, in memory only."""

    def __init__(self) -> None:
        self._stand_ins: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._lengths: list[int] = []
        self._passwords: set[str] = set()
        self._written: re.Pattern[str] | None = None
        self._found = False

    def line(self, line: bytes) -> bytes:
        """Return a line, whole or not, without its secrets; one without any comes back as it is.

        A line with a secret is written anew from its fields, so that no second field of the same
        name is left over. A line that is no JSON object but names a field for secrets is withheld,
        for it cannot be told where in it the secret is.
        """
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            return self._unread(line)
        self._found = False
        try:
            cleaned = self._cleaned(message)
        except RecursionError:
            return self._unread(line)
        if self._found:
            line = json.dumps(cleaned, ensure_ascii=False, separators=(",", ":")).encode(
                errors="surrogatepass"
            )
        return self._elsewhere(line)

    def _unread(self, line: bytes) -> bytes:
        text = line.decode(errors="replace")
        if _NAMED.search(text) or "\\u" in text:
            return HIDDEN.encode()
        return self._elsewhere(line)

    def _cleaned(self, value: Any) -> Any:
        """Return a value without the secrets in it, at any depth."""
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return {name: self._field(name, each) for name, each in fields.items()}
        if isinstance(value, list):
            return [self._cleaned(each) for each in cast("list[Any]", value)]
        if isinstance(value, str) and (text := self._without_known(value)) != value:
            self._found = True
            return text
        return value

    def _field(self, name: str, value: Any) -> Any:
        kind = name.lower()
        if value is None or kind not in SECRETS | PASSWORDS:
            return self._cleaned(value)
        self._found = True
        text = value if isinstance(value, str) else json.dumps(value)
        if kind in SECRETS:
            return self._stand_in(kind, text)
        if len(text) >= _LONG_ENOUGH and text not in self._passwords:
            self._passwords.add(text)
            # The longest first, of two that begin alike; also as a line has it that is not read.
            forms = {form for each in self._passwords for form in (each, json.dumps(each)[1:-1])}
            ordered = sorted(forms, key=len, reverse=True)
            self._written = re.compile("|".join(map(re.escape, ordered)))
        return HIDDEN

    def _stand_in(self, kind: str, secret: str) -> str:
        if is_stand_in(secret):
            return secret  # a replay is being recorded: there is nothing to hide
        if secret not in self._stand_ins:
            self._counts[kind] = number = self._counts.get(kind, 0) + 1
            self._stand_ins[secret] = _STAND_IN.format(name=kind, number=number)
            self._lengths = sorted({*self._lengths, len(secret)}, reverse=True)
        return self._stand_ins[secret]

    def _elsewhere(self, line: bytes) -> bytes:
        try:
            return self._without_known(line.decode()).encode()
        except UnicodeDecodeError:
            return line

    def _without_known(self, text: str) -> str:
        """Replace the secrets that were seen, wherever they stand in a text.

        What may be a key is looked up: with a thousand of them known, looking for each would hold
        up everybody's talk.
        """
        if self._stand_ins:
            text = _MAYBE_SECRET.sub(self._without_keys, text)
        if self._written is not None:
            text = self._written.sub(HIDDEN, text)
        return text

    def _without_keys(self, found: re.Match[str]) -> str:
        run, at, parts = found[0], 0, list[str]()
        while at < len(run):
            here = (run[at : at + length] for length in self._lengths)
            secret = next((each for each in here if each in self._stand_ins), None)
            parts.append(run[at] if secret is None else self._stand_ins[secret])
            at += 1 if secret is None else len(secret)
        return "".join(parts)
