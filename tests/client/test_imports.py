"""The library is light: what an import may bring with it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import livehelp
from livehelp import client

HEAVY = (
    "trio",
    "asyncio",
    "sqlmodel",
    "sqlalchemy",
    "textual",
    "typer",
    "server",
    "storage",
    "tui",
)


def loaded_by(statement: str) -> set[str]:
    """Return the names of all modules that are there after ``statement``, in a new program."""
    program = f"import sys; {statement}; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return set(result.stdout.split())


def test_the_client_brings_no_event_loop_no_database_and_no_screen() -> None:
    modules = loaded_by("from livehelp import VisitorClient, OperatorClient, TokenFile")
    assert {"livehelp.client.visitor", "livehelp.client.operator"} <= modules
    assert not modules.intersection(HEAVY)


def test_what_a_screen_needs_first_does_not_bring_the_link() -> None:
    modules = loaded_by("import livehelp.client.states, livehelp.client.errors; import livehelp")
    assert "livehelp.client.reconnecting" not in modules
    assert "importlib.metadata" not in modules


def test_the_package_itself_brings_nothing() -> None:
    before = loaded_by("pass")
    assert loaded_by("import livehelp") - before == {"livehelp"}


def test_every_name_of_the_client_is_a_name_of_the_package() -> None:
    for name in client.NAMES:
        assert getattr(livehelp, name) is getattr(client, name)


@pytest.mark.parametrize("package", ["livehelp", "livehelp.client", "livehelp.testing"])
def test_all_names_can_be_imported_at_once(package: str) -> None:
    names: dict[str, object] = {}
    exec(f"from {package} import *", names)  # noqa: S102 - there is no other way to say it
    assert set(sys.modules[package].__all__) == names.keys() - {"__builtins__"}
    assert "VisitorClient" in names or "VisitorMaker" in names


def test_the_names_are_listed_for_whoever_looks() -> None:
    for module in (livehelp, client):
        assert set(client.NAMES) <= set(dir(module))
    assert "__version__" in dir(livehelp)


def test_the_stub_tells_the_same_names() -> None:
    stub = ast.parse(Path(client.__file__).with_suffix(".pyi").read_text())
    imported = {
        (alias.name, node.module)
        for node in ast.walk(stub)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    here = {(name, f"livehelp.client.{module}") for name, module in client.NAMES.items()}
    assert imported == here
    listed = stub.body[-1]
    assert isinstance(listed, ast.Assign)
    assert ast.literal_eval(listed.value) == list(client.NAMES)


def test_the_version_is_the_installed_one() -> None:
    assert livehelp.__version__.count(".") == 2


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    for module in (livehelp, client):
        for name in ("Spaghetti", "_private"):
            with pytest.raises(AttributeError, match=name):
                getattr(module, name)
