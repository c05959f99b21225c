"""Recordings: the wire between clients and a server written down with times, and played back.

Read in this order: ``tape`` (the file), ``mask`` (no secret is in it), ``recorder`` (the proxy that
writes it), ``likeness`` (when two messages say the same; pure), ``roles`` (who is on which
connection; pure), ``order`` (which command waits for what; pure), ``expected`` (what was said then,
and how much of it has come again; pure), ``client_player`` and ``server_player`` (either side,
played). Runs under trio and under asyncio.
"""
