"""Taking the secrets out of lines, before anything is written.

Owns what is a secret and what stands in for it. Must not know files or connections. Keys, tokens
and tickets become stand-ins, the same for the same secret, which the wire takes for secrets too;
a password becomes ``***``. What people wrote is left as it is.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Final, cast, get_args

import msgspec

from livehelp.wire.base import Password, Secret
from livehelp.wire.commands import Command

HIDDEN: Final = "***"
# A stand-in is as long as the wire wants a secret to be (22 or more), and opens nothing.
_STAND_IN: Final = "{name}-{number}-stands-in-for-a-secret"
_STANDS_IN: Final = re.compile(r"(?:key|token|ticket)-\d+-stands-in-for-a-secret")
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


class Mask:
    """Remembers the secrets of one recording, in memory only."""

    def __init__(self) -> None:
        self._stand_ins: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._known: re.Pattern[str] | None = None

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
        try:
            found = self._hide(cast("dict[str, Any]", message))
        except RecursionError:
            return self._unread(line)
        if found:
            line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(
                errors="surrogatepass"
            )
        return self._elsewhere(line)

    def _unread(self, line: bytes) -> bytes:
        text = line.decode(errors="replace")
        if _NAMED.search(text) or "\\u" in text:
            return HIDDEN.encode()
        return self._elsewhere(line)

    def _hide(self, value: Any) -> bool:
        """Replace the secrets in ``value``, at any depth; return whether there were any."""
        inside: Iterable[Any]
        found = False
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            for name in fields.keys() & (SECRETS | PASSWORDS):
                if fields[name] is not None:
                    fields[name] = self._stand_in(name, fields[name])
                    found = True
            inside = fields.values()
        elif isinstance(value, list):
            inside = cast("list[Any]", value)
        else:
            return False
        for each in inside:
            found |= self._hide(each)
        return found

    def _stand_in(self, name: str, secret: Any) -> str:
        text = secret if isinstance(secret, str) else json.dumps(secret)
        if name in PASSWORDS:
            self._stand_ins.setdefault(text, HIDDEN)
        elif text not in self._stand_ins:
            if is_stand_in(text):
                return text  # a replay is being recorded: there is nothing to hide
            self._counts[name] = number = self._counts.get(name, 0) + 1
            self._stand_ins[text] = _STAND_IN.format(name=name, number=number)
        self._known = None
        return HIDDEN if name in PASSWORDS else self._stand_ins[text]

    def _elsewhere(self, line: bytes) -> bytes:
        """Replace the secrets that were seen, wherever else they stand in a line."""
        long = [secret for secret in self._stand_ins if len(secret) >= _LONG_ENOUGH]
        if not long:
            return line
        if self._known is None:
            self._known = re.compile("|".join(map(re.escape, sorted(long, key=len, reverse=True))))
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return line
        return self._known.sub(lambda found: self._stand_ins[found[0]], text).encode()
