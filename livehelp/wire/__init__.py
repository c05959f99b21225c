"""The protocol, sans-IO: messages, lines, and the order of things on a connection.

Read in this order: ``base`` (field types and limits), ``commands`` (what a client sends),
``events`` (what happened in a session), ``replies`` and ``signals`` (what else a server sends),
``frames`` (bytes to lines), ``codec`` (lines to messages), ``connection`` (the two ends).
``text`` cleans what people type, ``errors`` has the two ways that it goes wrong, ``schema`` tells
other programs what the messages look like. No socket, no clock and no event loop is known here.
"""
