"""Live Help: a live customer-service chat in the terminal. The library that testers import.

``from livehelp import VisitorClient, OperatorClient`` and the other names of ``livehelp.client``.
``import livehelp`` itself costs nothing: each name is loaded when it is first used (PEP 562).
``__init__.pyi`` tells type checkers and editors the names.
"""


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib import metadata  # noqa: PLC0415 - 20 ms that most programs do not need

        return metadata.version("livehelp")
    if name == "__all__":
        return _names()
    if not name.startswith("_") and name in _names():
        from importlib import import_module  # noqa: PLC0415 - as above

        return getattr(import_module("livehelp.client"), name)
    raise AttributeError(f"module 'livehelp' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), "__version__", *_names()]


def _names() -> list[str]:
    from importlib import import_module  # noqa: PLC0415 - as above

    return [*import_module("livehelp.client").NAMES]
