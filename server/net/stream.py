"""Sockets whose sends can first be tried without waiting, and the listeners that accept them.

Owns the system calls. Must not know what the bytes mean.
"""

import errno
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

import trio
import trio.abc

# Waiting connections the kernel keeps for us: a lunch-hour rush of kiosks after a power cut.
BACKLOG: Final = 1024
# Bytes read at once. Nearly every line is shorter, and a larger buffer costs a malloc each time.
READ: Final = 4_096
# The kernel probes a silent peer after half a minute, three times ten seconds apart, so that a
# link that died without a FIN is found within a minute even when the client sends no heartbeat.
KEEPALIVE: Final = ((socket.TCP_KEEPIDLE, 30), (socket.TCP_KEEPINTVL, 10), (socket.TCP_KEEPCNT, 3))
# What accept says of one connection that came to nothing, as accept(2) of Linux has it: a link that
# broke before we took it, or a firewall that forbids it. The listener is well; the next one counts.
STILLBORN: Final = frozenset(
    {
        errno.EAGAIN,
        errno.ECONNABORTED,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENONET,
        errno.ENOPROTOOPT,
        errno.EOPNOTSUPP,
        errno.EPERM,
        errno.EPROTO,
    }
)


class SocketStream(trio.abc.SendStream):
    """A connected, non-blocking socket.

    Beside trio's way of sending it has ``try_send``: most lines fit the kernel's buffer at once,
    and then delivering one costs a single system call and no task switch. When to read is the
    poller's to say.

    Args:
        sock: A connected stream socket; it is made non-blocking and closed with the stream.
        peer: The peer's IP address as text, or ``"local"`` on a Unix socket.
    """

    __slots__ = ("_closed", "peer", "sock")

    def __init__(self, sock: socket.socket, peer: str) -> None:
        sock.setblocking(False)
        self.sock = sock
        self._closed = False
        self.peer = peer

    def try_send(self, data: bytes) -> int:
        """Return how many bytes of ``data`` the kernel took now (0 when its buffer is full).

        Raises:
            trio.BrokenResourceError: the connection is gone.
        """
        try:
            return self.sock.send(data)
        except BlockingIOError:
            return 0
        except OSError as why:
            raise trio.BrokenResourceError(str(why)) from why

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of ``data``; after an error or a cancellation the stream must be closed."""
        view = memoryview(data)
        while view:
            await self.wait_send_all_might_not_block()
            view = view[self.try_send(bytes(view[:65_536])) :]

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the kernel has room for at least one byte."""
        try:
            await trio.lowlevel.wait_writable(self.sock)
        except (OSError, ValueError) as why:
            raise trio.ClosedResourceError from why

    def try_receive(self) -> bytes | None:
        """Return what has come, at most READ bytes; ``b""`` at the end, None when nothing has.

        Raises:
            trio.BrokenResourceError: the connection is gone.
        """
        try:
            return self.sock.recv(READ)
        except BlockingIOError:
            return None
        except OSError as why:
            raise trio.BrokenResourceError(str(why)) from why

    def has_unread(self) -> bool:
        """Return whether bytes have come that nobody has read."""
        try:
            return bool(self.sock.recv(1, socket.MSG_PEEK))
        except OSError:  # nothing has, or the connection is gone
            return False

    async def aclose(self) -> None:
        """Close at once; tasks that wait on the stream get ``ClosedResourceError``."""
        self.close()
        await trio.lowlevel.checkpoint()

    def close(self) -> None:
        """Close without a checkpoint."""
        if not self._closed:
            self._closed = True
            trio.lowlevel.notify_closing(self.sock)
            self.sock.close()


class SocketListener(trio.abc.Listener[SocketStream]):
    """A listening socket; ``trio.serve_listeners`` accepts from it."""

    def __init__(self, sock: socket.socket, path: Path | None = None) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._path = path

    @property
    def address(self) -> str:
        """Where clients connect: ``host:port`` with the real port, or ``unix:/path``."""
        if self._path is not None:
            return f"unix:{self._path}"
        host, port = self._sock.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def accept(self) -> SocketStream:
        """Wait for the next connection."""
        while True:
            try:
                await trio.lowlevel.wait_readable(self._sock)
            except (OSError, ValueError) as why:
                raise trio.ClosedResourceError from why
            try:
                sock, peer = self._sock.accept()
            except OSError as why:
                if why.errno not in STILLBORN:
                    raise
            else:
                return self._made(sock, peer)

    async def aclose(self) -> None:
        """Stop listening and remove the Unix socket's file."""
        trio.lowlevel.notify_closing(self._sock)
        self._sock.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        await trio.lowlevel.checkpoint()

    def _made(self, sock: socket.socket, peer: object) -> SocketStream:
        if sock.family == socket.AF_UNIX:
            return SocketStream(sock, "local")
        with suppress(OSError):  # the peer may be gone already; reading will tell
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in KEEPALIVE:
                sock.setsockopt(socket.IPPROTO_TCP, option, value)
        ip = str(cast("tuple[object, ...]", peer)[0])
        return SocketStream(sock, ip.removeprefix("::ffff:"))


async def open_tcp(host: str, port: int) -> list[SocketListener]:
    """Listen on every address that ``host`` resolves to (port 0: any free one).

    Raises:
        OSError: the address is not ours or is in use; nothing stays open.
    """
    found = await trio.socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    listeners: list[SocketListener] = []
    try:
        for family, kind, proto, _, address in found:
            sock = socket.socket(family, kind, proto)
            listeners.append(SocketListener(sock))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(address)
            sock.listen(BACKLOG)
    except OSError:
        for listener in listeners:
            await listener.aclose()
        raise
    return listeners


def open_unix(path: Path) -> SocketListener:
    """Listen on a Unix socket, for this user and group only (mode 0660).

    A socket file that a killed server left behind is replaced; one that is answered is not.

    Raises:
        OSError: the path is in use, is no socket, or cannot be made.
    """
    _remove_stale(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(str(path))
        path.chmod(0o660)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return SocketListener(sock, path)


def _remove_stale(path: Path) -> None:
    try:
        is_socket = stat.S_ISSOCK(path.stat().st_mode)
    except FileNotFoundError:
        return
    if not is_socket:
        raise FileExistsError(f"{path} exists and is no socket; choose another path.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise FileExistsError(f"{path} is in use by a running server.")
