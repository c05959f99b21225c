"""The token file: what ties this visit to the last one (the policy's cookie).

Owns the files, one for each server, readable by their owner alone. Must not know what a token is
good for. Nothing here ever stops a visit: what cannot be read or written becomes a warning.
"""

import contextlib
import os
import re
import stat
from pathlib import Path
from typing import Final

import platformdirs

from livehelp.client.address import Address
from livehelp.wire.base import MAX_SECRET

_OWNER_FILE: Final = 0o600
_OWNER_FOLDER: Final = 0o700
_OTHERS: Final = 0o077
_TOKEN: Final = re.compile(rf"[A-Za-z0-9_-]{{22,{MAX_SECRET}}}")
# So many characters of the address make the file's name readable; the hash makes it unique.
_READABLE: Final = 40


class TokenFile:
    """The tokens of this user, by server.

    Args:
        directory: Where the files are; by default the user's own state folder.

    Attributes:
        directory: The same.
        warning: What went wrong last, for the person; None if all went well.
    """

    def __init__(self, directory: str | os.PathLike[str] | None = None) -> None:
        self.directory = (
            Path(directory)
            if directory is not None
            else platformdirs.user_state_path("livehelp", appauthor=False)
        )
        self.warning: str | None = None

    def path(self, address: str | Address) -> Path:
        """Return the file of the server at ``address``."""
        written = str(Address.parse(address))
        readable = re.sub(r"[^A-Za-z0-9.]+", "-", written).strip("-.")[:_READABLE]
        import hashlib  # noqa: PLC0415 - OpenSSL takes 4 ms, and the first screen needs none of it

        unique = hashlib.sha256(written.encode()).hexdigest()[:8]
        return self.directory / f"{readable}-{unique}.token"

    def load(self, address: str | Address) -> str | None:
        """Return the token for the server at ``address``, None without a good one.

        A file that others may read is made private. One that is not ours, or is broken, is left
        alone, and ``warning`` says so.
        """
        self.warning = None
        path = self.path(address)
        try:
            token = _read_private(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self.warning = f"The earlier visit is not known: {path} could not be read ({error})."
            return None
        if _TOKEN.fullmatch(token):
            return token
        self.warning = f"The earlier visit is not known: {path} holds no token. Delete it."
        return None

    def store(self, address: str | Address, token: str) -> None:
        """Keep ``token``; after a crash there is the old file or the new one, never half of it."""
        self.warning = None
        path = self.path(address)
        temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
        try:
            self._make_directory()
            _write_private(temporary, token)
            temporary.replace(path)
        except OSError as error:
            self.warning = f"The next visit will not know this one: {error}."
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def forget(self, address: str | Address | None = None) -> int:
        """Delete the token of one server, or all of them; return how many there were."""
        self.warning = None
        name = "*.token" if address is None else self.path(address).name
        found = [*self.directory.glob(name)] if address is None else [self.path(address)]
        # A write that a crash cut off has left its file, with the token or a part of it.
        halves = [*self.directory.glob(f".{name}.*")]
        deleted = 0
        for path in (*found, *halves):
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            except OSError as error:
                self.warning = f"{path} could not be deleted: {error}."
            else:
                deleted += path in found
        return deleted

    def _make_directory(self) -> None:
        self.directory.mkdir(mode=_OWNER_FOLDER, parents=True, exist_ok=True)
        status = self.directory.stat()
        # A folder that belongs to others, or is shared like /tmp (sticky), is not ours to close.
        ours = status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX
        if ours and status.st_mode & _OTHERS:
            self.directory.chmod(_OWNER_FOLDER)


def _read_private(path: Path) -> str:
    # O_NOFOLLOW: in a folder that others can write to, a link could name any file of ours.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise ValueError("it is not a file of this user")
        if status.st_mode & _OTHERS:
            os.fchmod(file.fileno(), _OWNER_FILE)
        return file.read(MAX_SECRET + 2).decode("ascii").strip()


def _write_private(path: Path, token: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, _OWNER_FILE), "wb") as file:
        file.write(token.encode("ascii") + b"\n")
        file.flush()
        os.fsync(file.fileno())
