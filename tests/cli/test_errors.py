"""How what went wrong reads behind the command's name."""

import pytest
import typer

from livehelp.cli.errors import fail


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        ("There is no database here.", "livehelp: there is no database here."),
        (
            "A reference has 8 letters. Look again.",
            "livehelp: a reference has 8 letters. Look again.",
        ),
        ("Cannot listen on here:1.", "livehelp: cannot listen on here:1."),
        ("set LIVEHELP_PASSWORD there.", "livehelp: set LIVEHELP_PASSWORD there."),
    ],
)
def test_a_sentence_loses_its_capital_behind_the_name_of_the_command(
    capsys: pytest.CaptureFixture[str], sentence: str, line: str
) -> None:
    assert isinstance(fail(sentence), typer.Exit)
    assert capsys.readouterr().err == f"{line}\n"


@pytest.mark.parametrize(
    "sentence",
    [
        "Live Help works with SQLite and PostgreSQL.",
        "Dana is disabled.",
        "Settings.toml: there is no setting port.",
        "LIVEHELP_DATABASE is empty.",
        "--for 1: write a time.",
        "",
    ],
)
def test_a_name_keeps_its_capital_behind_the_name_of_the_command(
    capsys: pytest.CaptureFixture[str], sentence: str
) -> None:
    fail(sentence)
    assert capsys.readouterr().err == f"livehelp: {sentence}\n"
