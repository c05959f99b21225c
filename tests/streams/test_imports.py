"""The streams need the base install and no more."""

import subprocess
import sys

import pytest

from livehelp.testkit.server import environment

HEAVY = {
    "textual",
    "rich",
    "trio",
    "sqlmodel",
    "sqlalchemy",
    "pydantic",
    "server",
    "storage",
    "tui",
}
# Stands in for the command's own module: runs it, then tells what it had imported.
WATCH = """
import sys
from livehelp.cli import main
sys.argv = ["livehelp", *sys.argv[1:]]
try:
    main()
finally:
    print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words", [("visit", "--plain", "--topic", "plates"), ("operate", "--json", "--name", "dana")]
)
def test_a_stream_loads_no_screen_no_database_and_no_other_loop(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        # Nobody listens on port 1: all is loaded, and nothing else is done.
        [sys.executable, "-c", WATCH, *words, "127.0.0.1:1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**environment(), "LIVEHELP_PASSWORD": "secret"},
        check=False,
    )
    assert "cannot connect" in done.stderr
    loaded = set(done.stderr.rpartition("LOADED ")[2].split())
    assert "livehelp" in loaded
    assert not loaded & HEAVY
