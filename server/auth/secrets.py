"""Keys, tokens and tickets: made from the system's generator, kept only as hashes."""

import hashlib
import secrets


def new_secret() -> str:
    """Return 256 random bits, beyond all guessing, as URL-safe text of 43 characters."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> bytes:
    """Return the SHA-256 that the store holds. A random secret needs no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
