"""The one way a benchmark fails that is not a bug in it: the server did not play along."""


class LoadError(Exception):
    """The server refused, dropped a connection, did not start, or took longer than allowed."""
