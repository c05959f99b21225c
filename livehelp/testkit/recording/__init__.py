"""Recordings: traffic between clients and a server, written with times, replayed and compared.

Read in this order: ``recording_file``, ``redact`` (no secret is written), ``recorder`` (the proxy),
``compare`` (when two messages are equal), ``matching`` (which recorded line a new line is compared
with), ``dependencies`` (which command waits for what), ``client_player`` and ``server_player``.
"""
