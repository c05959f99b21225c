"""Lines to messages and back.

Owns the two decoders (what a client may say, what a server may say) and the encoder.
Must not know in what order messages may come.
"""

import re
from typing import Any, Final, TypeVar

import msgspec
from msgspec import DecodeError, Struct, ValidationError

from livehelp.wire.base import MAX_INTEGER, Message
from livehelp.wire.commands import Command
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.replies import ErrorCode
from livehelp.wire.signals import ServerMessage
from livehelp.wire.text import clean_name

M = TypeVar("M")

# The reason in an error reply may quote the offending value, and that can be a line long. An error
# is for a person at a terminal: two rows of 80 columns.
MAX_REASON: Final = 160
# A regular expression says nothing to the person who mistyped an e-mail address.
_PATTERN: Final = re.compile(r"`str` matching regex '.*'")
_LENGTH: Final = re.compile(r"`(str|array)` of length ([<>])= (\d+)")

_encoder = msgspec.json.Encoder()
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_server_messages: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)


class _Envelope(Struct):
    """What can be read of a message that is wrong: enough to answer it."""

    type: str
    ref: Any = None


_envelopes = msgspec.json.Decoder(_Envelope)


def encode(message: Message) -> bytes:
    """Return ``message`` as one line, its line feed included."""
    return _encoder.encode(message) + b"\n"


def decode_command(line: bytes) -> Command:
    """Return the command on ``line``.

    Raises:
        RemoteProtocolError: it is no JSON object, of no known type, or a field is wrong.
    """
    return _decode(_commands, line)


def decode_server_message(line: bytes) -> ServerMessage:
    """Return the event, reply or signal on ``line``; raises as ``decode_command`` does."""
    return _decode(_server_messages, line)


def _decode(decoder: "msgspec.json.Decoder[M]", line: bytes) -> M:
    try:
        return decoder.decode(line)
    except (DecodeError, UnicodeDecodeError, RecursionError) as why:
        raise _explain(line, why) from None


def _explain(line: bytes, why: Exception) -> RemoteProtocolError:
    """Tell what is wrong with ``line``, and find the ``ref`` to answer to.

    A wrong field is found before the rest of the line is looked at, so the second reading, of
    the whole, may find that it is no JSON at all.
    """
    envelope: _Envelope | None = None
    try:
        envelope = _envelopes.decode(line)
    except (DecodeError, UnicodeDecodeError, RecursionError) as worse:
        why = worse
    ref = _usable_ref(envelope.ref) if envelope else None
    if isinstance(why, RecursionError):
        words = "That JSON is nested deeper than any message is."
        return RemoteProtocolError(ErrorCode.BAD_JSON, words)
    if not isinstance(why, ValidationError):
        words = f"That is not a JSON object in UTF-8 on one line: {_reason(why)}."
        return RemoteProtocolError(ErrorCode.BAD_JSON, words, ref=ref)
    if envelope is None:
        words = f'A message is a JSON object with a text field "type": {_reason(why)}.'
        return RemoteProtocolError(ErrorCode.BAD_FIELD, words)
    if str(why).endswith("$.type`"):
        words = f"There is no message of type {envelope.type[:40]!r}."
        return RemoteProtocolError(ErrorCode.UNKNOWN_TYPE, words, ref=ref)
    words = f"{envelope.type}: {_reason(why)}."
    return RemoteProtocolError(ErrorCode.BAD_FIELD, words, ref=ref)


def _usable_ref(ref: Any) -> int | None:
    """The ``ref`` that a client can have meant; another cannot be repeated exactly."""
    return ref if type(ref) is int and 1 <= ref <= MAX_INTEGER else None


def _reason(why: Exception) -> str:
    """The decoder's words, short and safe to show: they may quote what the peer sent."""
    words = _PATTERN.sub("a well-formed `str`", str(why))
    return clean_name(_LENGTH.sub(_length, words))[:MAX_REASON]


def _length(found: "re.Match[str]") -> str:
    """A bound of a length, with the unit that it is counted in."""
    kind, sign, number = found.groups()
    if (sign, number) == (">", "1"):
        return f"`{kind}` that is not empty"
    unit = "characters" if kind == "str" else "entries"
    return f"`{kind}` of at {'most' if sign == '<' else 'least'} {int(number):,} {unit}"
