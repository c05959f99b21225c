"""What it takes to be a slow reader: a narrow socket, and wide lines."""

from tests.server.house import House, Server

# The widest line there is: 2,000 characters of four bytes each.
WIDE = "\U0001f600" * 2_000


async def narrow(house: House, **settings: float) -> Server:
    """Return a server on a Unix socket: the kernel holds 200 KB of it, and not megabytes."""
    return await house.serve(listen=(f"unix:{house.database.parent}/socket",), **settings)
