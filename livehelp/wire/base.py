"""What every message on the wire has in common: its tag, its field types, its limits.

Owns the base class and the constrained types that the messages are built of.
Must not know which messages there are.
"""

import re
from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

# Longest name a person or a topic may have: two lines of an 80-column card are 80 characters.
MAX_NAME: Final = 60
MAX_TOPIC: Final = 80
# A page address or the name of a kiosk; longer referrers are cut by the client.
MAX_PLACE: Final = 200
# A screenful and a half of prose. In UTF-8 it is at most 8,000 bytes; it fits MAX_CLIENT_LINE even
# when every character is written as a \uXXXX escape of 6 bytes (but not 2,000 emoji, which take two
# escapes each: clients write UTF-8).
MAX_TEXT: Final = 2_000
# RFC 5321 section 4.5.3.1.3: a path is at most 256 octets, two of them the angle brackets.
MAX_EMAIL: Final = 254
# The largest integer that every JSON reader keeps exact (RFC 8259 section 6).
MAX_INTEGER: Final = 2**53 - 1
# argon2 hashes any length, but a megabyte of password is an attack. NIST asks for 64 or more.
MAX_PASSWORD: Final = 256
# 256 random bits in URL-safe base64 are 43 characters.
MAX_SECRET: Final = 64
# Eight symbols and a hyphen; room for a longer reference later.
MAX_REFERENCE: Final = 16
# An exit interview is a handful of questions, not a form.
MAX_ANSWERS: Final = 10
MAX_QUESTION: Final = 200

# In Python "$" alone also matches before a line feed at the very end; JSON Schema's dialect reads
# both halves the same way.
_END: Final = r"$(?!\n)"

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Topic = Annotated[str, Meta(min_length=1, max_length=MAX_TOPIC)]
Place = Annotated[str, Meta(max_length=MAX_PLACE)]
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
Question = Annotated[str, Meta(min_length=1, max_length=MAX_QUESTION)]
Email = Annotated[str, Meta(min_length=3, max_length=MAX_EMAIL, pattern=rf"^[^@\s]+@[^@\s]+{_END}")]
Password = Annotated[str, Meta(min_length=1, max_length=MAX_PASSWORD)]
Secret = Annotated[
    str,
    Meta(
        min_length=22,
        max_length=MAX_SECRET,
        pattern=rf"^[A-Za-z0-9_-]+{_END}",
        description="At least 128 random bits in URL-safe base64.",
    ),
]
Run = Annotated[str, Meta(min_length=1, max_length=32, pattern=rf"^[A-Za-z0-9_.:-]+{_END}")]
Reference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_REFERENCE,
        # What can be no reference does not reach a database: PostgreSQL has no NUL.
        pattern=rf"^[A-Za-z0-9_-]+{_END}",
        description="A session's reference, for example K7P4-MXQ2.",
    ),
]
Ref = Annotated[
    int,
    Meta(
        ge=1,
        le=MAX_INTEGER,
        description="The client's number for this command, counted up in one run.",
    ),
]
Seq = Annotated[
    int, Meta(ge=0, le=MAX_INTEGER, description="The number of an event in its session's log.")
]
Moment = Annotated[datetime, Meta(tz=True)]

_WORD_START: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def tag_of(class_name: str) -> str:
    """Return the wire's name of a message class: ``TopicSet`` is ``topic_set``."""
    return _WORD_START.sub("_", class_name).lower()


class Message(
    Struct, frozen=True, kw_only=True, tag=tag_of, tag_field="type", omit_defaults=True, gc=False
):
    """One JSON object on a line; ``type`` names it, fields at their default are left out.

    ``gc=False``: a message holds values only and can be in no cycle, so that the thousands a
    server makes each second need no garbage collector.
    """
