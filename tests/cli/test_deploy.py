"""What deploy/ has for a machine of its own: the service's unit, and the versions to install."""

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.cli.test_serve_settings import ROOT, SERVICE_DATABASE


def pinned(lock: str) -> dict[str, list[str]]:
    """The lines of a lock, by package with its version: what it is for, and its hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=[a-z])", text)[1:]
    return {each.split()[0]: re.findall(r"--hash=\S+", each) for each in entries}


def test_the_service_leaves_every_setting_to_the_file_of_settings() -> None:
    """A variable in the unit would count before whatever somebody writes into the file."""
    unit = (ROOT / "deploy" / "livehelp.service").read_text(encoding="utf-8")
    assert "Environment" not in unit
    (command,) = re.findall(r"(?m)^ExecStart=\S+ (.+)$", unit)
    assert command == "serve --config /etc/livehelp/livehelp.toml"
    (folder,) = re.findall(r"(?m)^StateDirectory=(.+)$", unit)
    assert Path(SERVICE_DATABASE).parent == Path("/var/lib") / folder


def test_what_is_installed_is_what_was_tested_without_the_developers_tools() -> None:
    tested, installed = pinned("requirements.lock"), pinned("deploy/requirements.lock")
    assert installed == {name: tested[name] for name in installed}
    names = {each.partition("==")[0] for each in installed}
    assert {"trio", "sqlmodel", "textual", "typer"} <= names
    assert not names & {"pytest", "ruff", "uv", "basedpyright"}


def wanted_extras() -> dict[str, str]:
    """What the installed packages ask of each other with extras: `coverage[toml]`, by package."""
    wanted: dict[str, str] = {}
    for package in distributions():
        for each in map(Requirement, package.requires or ()):
            if each.extras and (each.marker is None or each.marker.evaluate({"extra": ""})):
                name = canonicalize_name(each.name)
                wanted[name] = f"{name}[{','.join(sorted(each.extras))}]"
    return wanted


@pytest.mark.parametrize("lock", ["requirements.lock", "deploy/requirements.lock"])
def test_a_newer_version_of_a_package_with_extras_does_not_break_the_install(lock: str) -> None:
    """Without its extras in the lock, pip looks for the newest `coverage[toml]`: no hash there."""
    wanted = wanted_extras()
    assert "markdown-it-py" in wanted, "Textual asks for markdown-it-py[linkify]"
    names = {each.partition("==")[0] for each in pinned(lock)}
    bare = {name: extras for name, extras in wanted.items() if name in names}
    assert bare == {}
