"""The protocol, sans-IO: messages, lines, and the order of things on a connection.

Read in this order: ``base`` (field types and limits), ``commands`` (what a client sends),
``events`` (what happened in a session), ``replies`` and ``signals`` (what else a server sends),
``frames`` (bytes to lines), ``codec`` (lines to messages), ``connection`` (the two ends).
``text`` cleans what people type. No socket, no clock and no event loop is known here.
"""
