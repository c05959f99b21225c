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


def test_the_server_of_the_documents_has_an_operator(programs: Programs) -> None:
    script = script_with("operators add").replace("livehelp serve", "livehelp operators list")
    done = programs.shell(script)
    assert (done.returncode, done.stderr) == (0, "")
    name, *_, state = done.stdout.splitlines()[-1].split()
    assert (name, state) == ("dana", "active")


def test_the_bot_of_the_documents_helps_a_visitor_who_comes(programs: Programs) -> None:
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


def test_the_bot_of_the_documents_helps_a_visitor_who_waits(programs: Programs) -> None:
    visitor = programs.visitor("--until-answered")
    visitor.type("I need plates")
    visitor.end_input()
    done = programs.shell(script_with("mkfifo commands"))
    assert (done.returncode, done.stderr) == (0, "")
    visitor.until("dana: Ask your county clerk.")
    assert visitor.ended() == 0


def test_the_bot_of_the_documents_stays_while_others_end_their_visits(programs: Programs) -> None:
    events = [
        *('{"type":"opened","session":"A"}', '{"type":"joined","session":"A","operator":"kim"}'),
        *('{"type":"visit","session":"B","phase":"talk"}', '{"type":"closed","session":"A"}'),
        '{"type":"visit","session":"C","phase":"waiting"}',
        *('{"type":"joined","session":"C","operator":"dana"}', '{"type":"closed","session":"B"}'),
        '{"type":"closed","session":"C"}',
    ]
    told = " ".join(f"'{event}'" for event in events)
    obey = """while read -r it; do echo "$it" >&2; case $it in *logout*) return ;; esac; done"""
    operator = f"livehelp() {{ printf '%s\\n' {told}; {obey}; }}"
    done = programs.shell(f"{operator}\n{script_with('mkfifo commands')}")
    assert done.stderr.splitlines() == [
        '{"type":"take","session":"A"}',
        '{"type":"take","session":"C"}',
        '{"type":"logout"}',
    ]
