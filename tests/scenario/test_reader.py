"""Files to scenarios: what is in them, and every mistake with its line and what would be right."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from livehelp.scenario.document import MAX_BYTES, Unreadable
from livehelp.scenario.model import Act, Actor, Expect, Scenario
from livehelp.scenario.reader import OPTIONS, read_file, read_text
from livehelp.scenario.verbs import verbs_of
from server.settings import Settings
from tests.scenario.conftest import EXAMPLE

HEAD = "actors: {pat: visitor, lee: visitor, dana: operator}\nsteps:\n"


def read(*steps: str) -> Scenario:
    return read_text(HEAD + "".join(f"  - {step}\n" for step in steps), "x.yaml")


def mistakes(text: str) -> list[str]:
    with pytest.raises(Unreadable) as wrong:
        read_text(text, "x.yaml")
    return str(wrong.value).splitlines()


def test_the_example_is_read() -> None:
    scenario = read_text(EXAMPLE, "x.yaml")
    assert scenario.actors["pat"] == Actor("pat", "visitor", "pat", linked=True)
    assert scenario.accounts == ("dana",)
    assert len(scenario.steps) == 10
    assert scenario.own_server is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('dana: say "hello" to pat', 'dana: {say: "hello", to: pat}'),
        ('dana: say "hello" to pat', 'dana: say {text: "hello", to: pat}'),
        ('dana: say "hello" to pat', 'dana: say "hello" {to: pat}'),
        ("dana: transfer pat to the queue", "dana: {transfer: pat, to: queue}"),
        ("dana: take pat {refused: full}", "dana: {take: pat, refused: full}"),
        ("pat: request transcript a@b", "pat: {request transcript: a@b}"),
        ("pat: interview {1: Yes}", "pat: {interview: {1: Yes}}"),
        ("pat: typing on", "pat: {typing: on}"),
        (r'pat: say "a\n\tb \"c\" \x41 \\"', r'pat: {say: "a\n\tb \"c\" \x41 \\"}'),
    ],
)
def test_an_act_may_be_written_in_several_ways(one: str, other: str) -> None:
    [first], [second] = read(one).steps, read(other).steps
    assert isinstance(first, Act)
    assert isinstance(second, Act)
    assert (first.verb, first.values, first.refused) == (second.verb, second.values, second.refused)


def test_an_expectation_may_be_written_in_several_ways() -> None:
    written = ["{expect: line, text: /a+/, within: 2s}", "expect line {text: /a+/, within: 2000ms}"]
    for step in written:
        [found] = read(f"dana: {step}").steps
        assert isinstance(found, Expect)
        assert (str(found), found.within) == ("line {text: /a+/}", 2.0)


@pytest.mark.parametrize("side", ["visitor", "operator"])
def test_the_example_of_every_verb_is_read(side: str) -> None:
    who = {"visitor": "pat", "operator": "dana"}[side]
    for verb in verbs_of(side).values():
        [step] = read(f"{who}: {verb.example}").steps
        assert isinstance(step, Act)
        assert step.verb == verb


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("dana: tkae pat", "`tkae` is not a verb of an operator; did you mean `take`?"),
        ("dnaa: take pat", "`dnaa` is not an actor; did you mean `dana`?"),
        ("dana: take pta", "`pta` is not one of the visitors under `actors`; did you mean"),
        (
            "pat: say hello you",
            '`say` does not take `you`; put a text in double quotes, as in: say "',
        ),
        ("pat: say", "`say` needs more words, as in: say"),
        ('pat: say "hello', "a double quote is missing in"),
        ("pat: start {nmae: Pat}", "`nmae` is not a field of `start`; did you mean `name`?"),
        ("pat: start {name: [Pat]}", "this is a text"),
        ("pat: {}", "there is no verb in the braces"),
        ("pat: [say, hello]", 'what an actor does is a mapping, such as `say "hello"`'),
        ("pat: end {refused: ful}", "`ful` is not a refusal; did you mean `full`?"),
        ("pat: end {refused: disk_full}", "`disk_full` is not a refusal; there are `line_"),
        ("pat: end {within: 5}", "write a time with its unit, such as 500ms, 5s, 2m or 1h"),
        ("pat: typing maybe", "this is `yes` or `no`"),
        ("dana: expect lien", "`lien` is not something that comes; did you mean `line`?"),
        ("dana: expect", "`expect` takes one word"),
        ("dana: {expect: line, txt: a}", "`txt` is not a field of `line`; did you mean `text`?"),
        ("dana: {expect: line, text: '/(/'}", "/(/ is no regular expression"),
        ("dana: {expect: position, position: x}", "this is a number"),
        ("dana: {expect: roster, by: pat}", "`roster` is by no visitor"),
        ("link pta: cut", "`pta` is not an actor"),
        ("link pat: brake", "a link can `cut 2s`"),
        ("link pat: cut soon", "write a time with its unit"),
        ("link pat: profile nowhere", "'nowhere' is no profile; there are "),
        (r'pat: say "C:\dir"', "this is no YAML: while scanning a double-quoted scalar"),
        (r'pat: say "\uD800"', r"\ud800 is half a character"),
        ("pat: end {within: 200s}", "a whole scenario has 120 s"),
        ("dana: {expect: line, of: lee, by: pat}", "`by: pat` is in the visit of pat, and not"),
        ("dana: {expect: line, again: yes}", "`again` is not a field of `line`"),
        ("server: dance", "`dance` is not something that happens to a server"),
        (
            "transcript: {lines: 1}",
            "whose transcript is it? Write `of:` and one of `pat` and `lee`",
        ),
        (
            "transcript: {of: pat, lnes: 1}",
            "`lnes` is not something that a transcript has; did you",
        ),
        ("together: []", "this is a list; each item begins with a hyphen"),
        ("together", "a step is one line with who and what"),
    ],
)
def test_a_mistake_in_a_step_has_its_place_and_what_would_be_right(step: str, told: str) -> None:
    [line] = mistakes(f"{HEAD}  - {step}\n")
    place, _, words = line.partition(": ")
    assert re.fullmatch(r"x\.yaml:3:\d+", place)
    assert words.startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "1:1: a scenario is a mapping"),
        ("steps: []", "1:1: there is no `actors`"),
        ("actors: {pat: visitor}\nsteps: []", "2:8: this is a list"),
        ("actors: {pat: visiter}\nsteps: [pat: end]", "1:15: an actor is `visitor` or `operator`"),
        ("actors: {server: visitor}\nsteps: [pat: end]", "1:10: `server` means something else"),
        ("actors: {system: visitor}\nsteps: [pat: end]", "1:10: `system` means something else"),
        (
            "actors: {d: {operator: {token: yes}}}\nsteps: [d: take]",
            "1:25: `token` is not something",
        ),
        (EXAMPLE.replace("server: fresh", "server: old"), "1:9: `server` is `fresh`"),
        (EXAMPLE.replace("fresh", "{fresh: {grace: 1s}}"), "1:18: `grace` is not an option"),
        (EXAMPLE.replace("fresh", "{fresh: {visit-grace: 1}}"), "1:31: write a time"),
        (EXAMPLE.replace("server", "sever"), "1:1: `sever` is not a part of a scenario; did you"),
    ],
)
def test_a_mistake_at_the_top_has_its_place_and_what_would_be_right(text: str, told: str) -> None:
    assert mistakes(text)[0].startswith(f"x.yaml:{told}"), mistakes(text)


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    assert (
        len(mistakes(HEAD + "  - pat: sya\n  - dana: take\n  - dana: tkae\n  - lnk pat: cut\n"))
        == 3
    )


def test_a_file_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with pytest.raises(Unreadable, match="No such file"):
        read_file(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Unreadable, match="no text in UTF-8"):
        read_file(path)
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(Unreadable, match="no scenario is"):
        read_file(path)


def test_the_options_of_a_server_are_settings_of_the_server() -> None:
    settings = {field.name.replace("_", "-") for field in fields(Settings)}
    apart = {"listen", "database", "upgrade", "log-level", "log-format"}
    assert set(OPTIONS) == settings - apart


def test_an_operator_whose_first_step_is_to_sign_in_is_not_there_before() -> None:
    late = read('pat: say "a"', "dana: sign in").actors["dana"]
    early = read("dana: take", "dana: sign out", "dana: sign in").actors["dana"]
    assert (late.signs_in, early.signs_in) == (True, False)


def test_two_operators_may_have_one_account() -> None:
    text = "actors: {dana: operator, desk: {operator: {account: dana}}}\nsteps: [desk: take]"
    assert read_text(text, "x.yaml").accounts == ("dana",)


@pytest.mark.parametrize(
    ("steps", "seed"), [(["profile train seed 0", "cut"], 0), (["cut", "profile train seed 7"], 7)]
)
def test_the_seed_of_a_link_may_stand_in_any_of_its_steps(steps: list[str], seed: int) -> None:
    assert read(*(f"link pat: {step}" for step in steps)).actors["pat"].seed == seed


def test_a_link_has_one_seed() -> None:
    steps = "  - link pat: profile train seed 1\n  - link pat: profile train seed 2\n"
    [told] = mistakes(HEAD + steps)
    assert told.startswith("x.yaml:4:5: one seed is for all that is drawn on a link, and above")
