"""The server's settings: one list of them, given in four ways, and which way counts."""

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import pytest
import typer.main
from typer.core import TyperOption

from livehelp.cli import serve
from livehelp.cli.config import read_config
from server.settings import Settings
from tests.cli.command import Command

ROOT = Path(__file__).parents[2]
NAMES = [field.name for field in fields(Settings)]
DEFAULTS = Settings()
# The one line of deploy/livehelp.toml that is not commented out.
SERVICE_DATABASE = "/var/lib/livehelp/livehelp.db"
# For each setting a value that is not the default: as text, and as the settings have it.
OTHERS: dict[str, tuple[str, Any]] = {
    "listen": ("127.0.0.1:0; unix:/run/x.sock", ("127.0.0.1:0", "unix:/run/x.sock")),
    "database": ("sqlite:////tmp/other.db", "sqlite:////tmp/other.db"),
    "upgrade": ("true", True),
    "notice": ("Be brief; be kind.", "Be brief; be kind."),
    "topics": ("Fish;Game", ("Fish", "Game")),
    "questions": ("Why?", ("Why?",)),
    "hello_timeout": ("1.5", 1.5),
    "half_line_timeout": ("2", 2.0),
    "idle_timeout": ("3", 3.0),
    "operator_idle_timeout": ("4", 4.0),
    "visit_grace": ("5", 5.0),
    "operator_grace": ("6", 6.0),
    "shutdown_grace": ("0", 0.0),
    "max_connections": ("8", 8),
    "max_waiting": ("7", 7),
    "ticket_hours": ("9", 9.0),
    "resolve_hosts": ("false", False),
    "log_level": ("debug", "debug"),
    "log_format": ("json", "json"),
}
Serve = Callable[..., Settings]


@pytest.fixture
def served(livehelp: Command, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Run ``livehelp serve`` as far as the settings; returns them."""

    def run(*words: object, env: dict[str, str] | None = None) -> Settings:
        taken: list[Settings] = []
        with monkeypatch.context() as patch:
            patch.setattr(serve, "_run", taken.append)
            result = livehelp("serve", *words, env=env)
        assert result.code == 0, result
        return taken[0]

    return run


def options() -> dict[str, TyperOption]:
    app = typer.Typer(add_completion=False)
    app.command()(serve.serve)
    command = typer.main.get_command(app)
    return {param.name: param for param in command.params if isinstance(param, TyperOption)}


def toml(name: str) -> str:
    # JSON's texts, lists, numbers and booleans are TOML's too.
    return f"{name} = {json.dumps(OTHERS[name][1])}\n"


def as_text(value: object) -> str:
    return ";".join(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else str(value)


def as_option(name: str, value: object) -> list[str]:
    option = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{option}" if value else f"--no-{option}"]
    return [f"--{option}", as_text(value)]


def test_every_setting_is_an_option_with_its_environment_variable() -> None:
    assert set(options()) == {*NAMES, "config"}
    for name, option in options().items():
        assert f"--{name.replace('_', '-')}" in option.opts
        assert option.envvar == f"LIVEHELP_{name.upper()}"
        assert option.help


def test_the_defaults_that_help_shows_are_the_settings() -> None:
    for name, option in options().items():
        if name in {"config", "database", "notice"}:  # told in words
            assert option.default is None
            continue
        shown = option.default
        if name in serve.LISTS:
            assert isinstance(shown, str)
            shown = tuple(part.strip() for part in shown.split(";"))
        assert shown == getattr(DEFAULTS, name), name


def test_the_commented_configuration_shows_every_setting_at_its_default(tmp_path: Path) -> None:
    written = (ROOT / "deploy" / "livehelp.toml").read_text(encoding="utf-8")
    assert tomllib.loads(written) == {"database": SERVICE_DATABASE}
    everything = tmp_path / "everything.toml"
    everything.write_text(re.sub(r"(?m)^#(?=[a-z_]+ = )", "", written), encoding="utf-8")
    values = read_config(everything)
    assert list(values) == [name for name in _in_the_file_s_order(written) if name in NAMES]
    assert set(values) == set(NAMES)
    assert values.pop("database") == SERVICE_DATABASE  # the default depends on the user
    for name, value in values.items():
        assert value == getattr(DEFAULTS, name), name


def _in_the_file_s_order(written: str) -> list[str]:
    return re.findall(r"(?m)^#?([a-z_]+) = ", written)


def test_the_manual_lists_every_setting_with_its_default() -> None:
    manual = (ROOT / "docs" / "manual.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"(?m)^\| `([a-z_]+)` \| (.+?) \|", manual))
    assert set(rows) == set(NAMES)
    for name in NAMES:
        default = getattr(DEFAULTS, name)
        match default:
            case bool():
                assert rows[name] == f"`{str(default).lower()}`"
            case int() | float():
                assert rows[name].replace(",", "") == f"`{default:g}`", name
            case tuple() if name == "listen":
                assert rows[name] == f"`{default[0]}`"
            case _ if name in {"log_level", "log_format"}:
                assert rows[name] == f"`{default}`"
            case _:  # told in words
                assert rows[name]


def test_without_anything_the_defaults_are_served(served: Serve) -> None:
    assert served() == Settings()


@pytest.mark.parametrize("name", NAMES)
def test_the_option_counts_before_the_variable_before_the_file_before_the_default(
    served: Serve, tmp_path: Path, name: str
) -> None:
    text, other = OTHERS[name]
    variable = f"LIVEHELP_{name.upper()}"
    default = getattr(served(), name)
    in_file = tmp_path / "help.toml"
    in_file.write_text(toml(name))

    assert getattr(served("--config", in_file), name) == other
    assert getattr(served(env={variable: text}), name) == other
    assert getattr(served(*as_option(name, other)), name) == other

    back = as_text(default)
    assert getattr(served("--config", in_file, env={variable: back}), name) == default
    assert getattr(served(*as_option(name, default), env={variable: text}), name) == default
    assert getattr(served("--config", in_file, *as_option(name, default)), name) == default


def test_the_file_may_be_named_by_the_environment(served: Serve, tmp_path: Path) -> None:
    in_file = tmp_path / "help.toml"
    in_file.write_text("hello_timeout = 7\n")
    assert served(env={"LIVEHELP_CONFIG": str(in_file)}).hello_timeout == 7


def test_a_file_s_list_may_hold_what_separates_values_elsewhere(
    served: Serve, tmp_path: Path
) -> None:
    in_file = tmp_path / "help.toml"
    in_file.write_text('topics = ["Cars; boats", "Taxes"]\n')
    assert served("--config", in_file).topics == ("Cars; boats", "Taxes")


def test_a_database_s_file_name_is_enough(served: Serve, tmp_path: Path) -> None:
    assert served("--database", "some/help.db").database == "sqlite:///some/help.db"
    home = {"HOME": "/home/ann"}
    assert served("-d", "~/help.db", env=home).database == "sqlite:////home/ann/help.db"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('hello_timeout = "soon"', 'hello_timeout must be a number, not "soon".'),
        ("hello_timeout = true", "hello_timeout must be a number, not true."),
        ("hello_timeout = 0", "hello_timeout: must be more than 0, not 0."),
        ("hello_timeout = nan", "hello_timeout: must be a number that time can reach"),
        ("shutdown_grace = -1", "shutdown_grace: must be 0 or more"),
        ("max_connections = 2.5", "max_connections must be a whole number, not 2.5."),
        ("max_connections = 1", "max_connections: a visitor and an operator are two."),
        ("max_waiting = 0", "max_waiting: at least one visitor must be able to wait."),
        ("upgrade = 1", "upgrade must be true or false, not 1."),
        ('listen = "127.0.0.1:1"', 'listen must be a list of texts, such as ["one", "two"]'),
        ("listen = [5483]", "listen must be a list of texts"),
        ("listen = []", "listen: name at least one address"),
        ('listen = ["here:there"]', "listen: 'here:there' is no address to listen on"),
        pytest.param(
            f'topics = ["Taxes", "{"x" * 81}"]', "xx' is no topic: one has 1 to 80", id="topic"
        ),
        ('topics = [" "]', "topics: ' ' is no topic: one has 1 to 80 characters"),
        pytest.param(
            f'questions = ["{"x" * 201}"]', "is no question: one has 1 to 200", id="question"
        ),
        (f"questions = {[str(n) for n in range(11)]}", "questions: at most 10 can be answered"),
        (f"topics = {[str(n) for n in range(51)]}", "topics: at most 50 can be looked through"),
        pytest.param(
            f'notice = "{"x" * 4_001}"', "notice: it has 4,001 characters, and at", id="notice"
        ),
        ('log_level = "loud"', "log_level: one of debug, info, warning, error, not 'loud'."),
        ('log_format = "xml"', "log_format: auto, text or json, not 'xml'."),
        ("hello_timout = 3", "there is no setting hello_timout; did you mean hello_timeout?"),
        ("zebra = 3", "there is no setting zebra; there are listen, database"),
        ("[server]\nport = 1", "there is no setting server"),
        ("[listen]\nport = 1", "listen must be a list of texts, such as"),
        ("this is no TOML", "is no TOML file"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_the_file_and_the_key(
    livehelp: Command, line: str, words: str
) -> None:
    Path("wrong.toml").write_text(line)
    assert livehelp("serve", "--config", "wrong.toml").told("wrong.toml", words).code == 2


def test_a_file_that_cannot_be_read_is_told(livehelp: Command) -> None:
    assert (
        livehelp("serve", "--config", "none.toml").told("cannot read none.toml: No such").code == 2
    )
    assert livehelp("serve", "--config", ".").told("cannot read .: Is a directory").code == 2
    Path("latin.toml").write_bytes(b'notice = "\xe4"')
    assert livehelp("serve", "--config", "latin.toml").told("latin.toml is no TOML file").code == 2


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--hello-timeout", "soon", "must be a number, not 'soon'."),
        ("--hello-timeout", "0", "--hello-timeout (or LIVEHELP_HELLO_TIMEOUT): must be more than"),
        ("--hello-timeout", "inf", "must be a number that time can reach"),
        ("--listen", "here:there", "--listen (or LIVEHELP_LISTEN): 'here:there' is no address"),
        ("--listen", ";", "name at least one address"),
        ("--database", "what?.db", "cannot have a question mark"),
        ("--questions", " ; ".join("Why?" for _ in range(11)), "at most 10 can be answered"),
        ("--log-level", "loud", "must be one of debug, info, warning, error, not 'loud'."),
        ("--max-connections", "1", "a visitor and an operator are two"),
    ],
)
def test_a_mistake_in_an_option_or_a_variable_is_told_with_its_name(
    livehelp: Command, option: str, value: str, words: str
) -> None:
    assert livehelp("serve", option, value).told(words).code == 2
    variable = f"LIVEHELP_{option.removeprefix('--').replace('-', '_').upper()}"
    assert livehelp("serve", env={variable: value}).told(words).code == 2
