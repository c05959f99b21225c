"""What the documents show of the streams is run as it stands."""

import re
from pathlib import Path

from tests.streams.program import Programs

GUIDE = Path(__file__).parents[2] / "docs" / "scripting.md"


def script_with(words: str) -> str:
    """Return the one script in the guide that has ``words`` in it."""
    guide = GUIDE.read_text(encoding="utf-8")
    (found,) = [each for each in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL) if words in each]
    return found


def test_the_bot_of_the_documents_helps_a_visitor(programs: Programs) -> None:
    visit = "livehelp visit --plain --name Pat --topic licences --until-answered --for 15s"
    loop = "while read -r event; do"
    # The visitor comes when the bot has signed in and its floor is told: who waits before that is
    # another kind of line.
    ready = "case $event in *roster*) [ -p ready ] && echo >ready; rm -f ready ;; esac"
    done = programs.shell(
        "mkfifo ready\n"
        f"(read -r _ <ready; printf 'Hi\\nI need plates\\n' | {visit} >answer; echo $? >code) &\n"
        f"{script_with('mkfifo commands').replace(loop, f'{loop} {ready}')}\n"
        "wait; cat answer code"
    )
    assert done.stderr == ""
    assert "dana: Ask your county clerk." in done.stdout
    assert done.stdout.endswith("\n0\n")
