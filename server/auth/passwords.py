"""Hashing passwords, and what a password must be.

Owns argon2's parameters and the rules for new passwords, which are those of NIST SP 800-63B-4: long
enough, not one that is guessed first, and no rule of which characters must be in it.
"""

from functools import cache
from typing import Final

import argon2

# OWASP's first choice of small parameters: 19 MiB, two passes, one lane; about 25 ms here.
HASHER: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
MIN_LENGTH: Final = 15
MAX_LENGTH: Final = 256
# The heads of every list of guessed passwords, as whole words or repeated to reach the length.
# A password is refused when taking them out leaves fewer than 6 other characters.
COMMON: Final = (
    "password",
    "passwort",
    "letmein",
    "welcome",
    "qwertyuiop",
    "qwerty",
    "asdfgh",
    "iloveyou",
    "administrator",
    "admin",
    "operator",
    "livehelp",
    "kentucky",
    "commonwealth",
    "changeme",
    "abc123",
    "1234567890",
    "123456",
    "000000",
    "111111",
)


def refuse_weak(password: str, name: str) -> None:
    """Do nothing if ``password`` is good enough for operator ``name``.

    Raises:
        ValueError: says what is wrong and what would be right.
    """
    if len(password) < MIN_LENGTH:
        raise ValueError(
            f"The password has {len(password)} characters and needs {MIN_LENGTH}. "
            "Four or five words in a row are easy to remember."
        )
    if len(password) > MAX_LENGTH:
        raise ValueError(f"The password may have at most {MAX_LENGTH} characters.")
    rest = password.casefold()
    for common in (name.casefold(), *COMMON):
        rest = rest.replace(common, "")
    if len(set(rest)) < 5:
        raise ValueError("The password is one of those that are guessed first. Choose another.")


def hash_password(password: str) -> str:
    """Return the argon2id hash to store. Takes some 25 ms of processor time."""
    return HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Return whether ``password`` fits; as slow for an unknown name (None) as for a known one."""
    try:
        HASHER.verify(stored or _nobody(), password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return stored is not None


@cache
def _nobody() -> str:
    """Return a hash to verify when there is no such operator, so that the time tells nothing."""
    return HASHER.hash("nobody")
