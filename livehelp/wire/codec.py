"""Lines to messages and back.

Owns the two decoders (what a client may say, what a server may say) and the encoder.
Must not know in what order messages may come.
"""

from typing import TypeVar

import msgspec
from msgspec import DecodeError, Struct, ValidationError

from livehelp.wire.base import Message
from livehelp.wire.commands import Command
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.events import AnyEvent
from livehelp.wire.replies import ErrorCode
from livehelp.wire.signals import ServerMessage

M = TypeVar("M")

_encoder = msgspec.json.Encoder()
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_server_messages: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_events: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


class _Envelope(Struct):
    """What can be read of a message that is wrong: enough to answer it."""

    type: str
    ref: int | None = None


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


def decode_event(line: bytes) -> AnyEvent:
    """Return the event on ``line``; raises as ``decode_command`` does."""
    return _decode(_events, line)


def _decode(decoder: "msgspec.json.Decoder[M]", line: bytes) -> M:
    try:
        return decoder.decode(line)
    except ValidationError as why:
        raise _explain(line, why) from None
    except (DecodeError, UnicodeDecodeError) as why:
        raise RemoteProtocolError(
            ErrorCode.BAD_JSON, f"That is not a JSON object in UTF-8 on one line: {why}."
        ) from None
    except RecursionError:
        raise RemoteProtocolError(
            ErrorCode.BAD_JSON, "That JSON is nested deeper than any message is."
        ) from None


def _explain(line: bytes, why: ValidationError) -> RemoteProtocolError:
    """Tell an unknown type from a wrong field, and find the ``ref`` to answer to."""
    try:
        envelope = _envelopes.decode(line)
    except (ValidationError, DecodeError):
        return RemoteProtocolError(
            ErrorCode.BAD_FIELD,
            f'A message is an object with a text field "type" and a number "ref": {why}.',
        )
    code = ErrorCode.UNKNOWN_TYPE if str(why).endswith("$.type`") else ErrorCode.BAD_FIELD
    words = (
        f"There is no message of type {envelope.type[:40]!r}."
        if (code is ErrorCode.UNKNOWN_TYPE)
        else f"{envelope.type[:40]}: {why}."
    )
    return RemoteProtocolError(code, words, ref=envelope.ref)
