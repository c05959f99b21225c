"""Files to scenarios: what is in them, and every mistake with its line and what would be right."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from livehelp.testkit.scenario.actions import actions_of
from livehelp.testkit.scenario.location import Unreadable
from livehelp.testkit.scenario.model import Act, Actor, Expect, Scenario
from livehelp.testkit.scenario.reading.document import MAX_BYTES
from livehelp.testkit.scenario.reading.reader import OPTIONS, read_file, read_text
from livehelp.testkit.scenario.reading.static_checks import unknown_operators
from server.settings import Settings
from tests.testkit.scenario.conftest import EXAMPLE

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
        ("pat: interview {1: Yes}", "pat: interview {answers: {1: Yes}}"),
        ("pat: typing on", "pat: {typing: on}"),
        (r'pat: say "a\n\tb \"c\" \x41 \\"', r'pat: {say: "a\n\tb \"c\" \x41 \\"}'),
    ],
)
def test_an_act_may_be_written_in_several_ways(one: str, other: str) -> None:
    [first], [second] = read(one).steps, read(other).steps
    assert isinstance(first, Act)
    assert isinstance(second, Act)
    assert (first.action, first.values, first.refused) == (
        second.action,
        second.values,
        second.refused,
    )


def test_an_expectation_may_be_written_in_several_ways() -> None:
    written = ["{expect: line, text: /a+/, within: 2s}", "expect line {text: /a+/, within: 2000ms}"]
    for step in written:
        [found] = read(f"dana: {step}").steps
        assert isinstance(found, Expect)
        assert (str(found), found.within) == ("line {text: /a+/}", 2.0)


@pytest.mark.parametrize("side", ["visitor", "operator"])
def test_the_example_of_every_action_is_read(side: str) -> None:
    who = {"visitor": "pat", "operator": "dana"}[side]
    head = HEAD.replace("pat: visitor", "pat: {visitor: {token: yes}}")
    for action in actions_of(side).values():
        [step] = read_text(f"{head}  - {who}: {action.example}\n", "x.yaml").steps
        assert isinstance(step, Act)
        assert step.action == action


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("dana: tkae pat", "`tkae` is not an action of an operator; did you mean `take`?"),
        ("dana: {expect: opened}", "`opened` is called `entered` in a step"),
        ("dnaa: take pat", "`dnaa` is not an actor; did you mean `dana`?"),
        ("dana: take pta", "`pta` is not one of the visitors under `actors`; did you mean"),
        (
            "pat: say hello you",
            '`say` does not take `you`; put a text in double quotes, as in: say "',
        ),
        ('pat: say "x" dana', '`say` does not take `dana`; right is: say "hello"'),
        (
            'dana: say "x" pat',
            '`say` does not take `pat`; write `to` before a name, as in: say "hello" to pat',
        ),
        (
            'dana: note "x" for pat',
            '`note` does not take `for pat`; write `of` before a name, as in: note "sent the form"',
        ),
        (
            "dana: note sent it of pat",
            '`note` does not take `it of pat`; put a text in double quotes, as in: note "sent',
        ),
        ("dana: take pat now", "`take` does not take `now`; right is: take pat"),
        ("dana: take pat within 5s", "`within` stands in braces, as in: take pat {within: 5s}"),
        ("dana: take pat refused full", "`refused` stands in braces, as in: take pat {refused: al"),
        (
            "transcript: {of: pat, operators: lee, dana}",
            "several names stand in brackets, as in: operators: [dana, kim]",
        ),
        ("pat: say", "`say` needs more words, as in: say"),
        ("wait 2s", "no step waits for a time; expect what you wait for, or that nothing comes"),
        ("sleep: 2s", "no step waits for a time; expect what you wait for, or that nothing comes"),
        ("dana: wait 2s", "no step waits for a time"),
        ("pat: interview {Yes, No}", "an answer is a text behind its question or the number of it"),
        ("pat: {expect: noted}", "`noted` never comes to a visitor"),
        ("dana: {expect: position}", "`position` never comes to an operator"),
        ("pat: go on", "pat keeps no token; under `actors` write pat: {visitor: {token: yes}}"),
        (
            "dana: {expect: closed, reason: gone}",
            "`gone` is not a value of `reason` of `closed`; there are `ended` and `idle`",
        ),
        ("dana: {never: closed, reason: /gone/}", "`/gone/` is not a value of `reason` of"),
        ("dana: {expect: line, by: dnaa}", "`dnaa` is not a value of `by` of `line`; did you mean"),
        ("dana: {expect: joined, by: kim}", "`kim` is not one of the operators under `actors`"),
        (
            "transcript: {of: pat, interview: skip}",
            'what is expected here is `none`, how many answers, or all: {1: "Yes."}',
        ),
        ("transcript: {of: pat, ended by: pat}", "`pat` is not a value of `ended by`; there are"),
        ("transcript: {of: pat, events: [entred]}", "`entred` is not a value of `events`; did"),
        ('pat: say "hello', "a double quote is missing in"),
        ("pat: start {nmae: Pat}", "`nmae` is not a field of `start`; did you mean `name`?"),
        ("pat: start {name: [Pat]}", "what is expected here is a text"),
        ("pat: {}", "there is no action in the braces"),
        ("pat: [say, hello]", 'what an actor does is a mapping, such as `say "hello"`'),
        ("pat: end {refused: ful}", "`ful` is not a refusal; did you mean `full`?"),
        ("pat: end {refused: disk_full}", "`disk_full` is not a refusal; there are `line_"),
        ("pat: end {within: 5}", "write a time with its unit, such as 500ms, 5s, 2m or 1h"),
        ("pat: typing maybe", "what is expected here is `yes` or `no`"),
        ("dana: expect lien", "`lien` is not something that comes; did you mean `line`?"),
        ("dana: expect", "`expect` takes one word, and all else in braces, as in: expect line {"),
        ("dana: expect line hello", "`expect` takes one word, and all else in braces, as in: "),
        ("dana: {never: joined by dana}", "`never` takes one word, and all else in braces, as"),
        ("dana: {expect: line, txt: a}", "`txt` is not a field of `line`; did you mean `text`?"),
        ("dana: {expect: line, text: '/(/'}", "/(/ is no regular expression"),
        ("pat: {expect: position, position: x}", "what is expected here is a number"),
        ("dana: {expect: roster, by: pat}", "`roster` is by no visitor"),
        ("link pta: cut", "`pta` is not an actor"),
        ("link pat: brake", "a link can `cut 2s`"),
        ("link pat: cut soon", "write a time with its unit"),
        ("link pat: profile nowhere", "'nowhere' is no profile; there are "),
        (
            r'pat: say "C:\dir"',
            "this is no YAML: found unknown escape character 'd'; in double quotes a backslash is",
        ),
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
        ("together: []", "`together` is a list: one step a line below it, each after a hyphen"),
        ("pat:", "there is nothing after `pat:`; write what pat does"),
        ('link pat: " "', "what happens here is said in words, without braces, as in: link"),
        ('server: " "', "what happens here is said in words, without braces, as in: server: kill"),
        ("pat:start", "a colon and a blank are missing after `pat`"),
        ("pat start", "a colon and a blank are missing after `pat`"),
        (
            "pat: say \u201chello\u201d",
            "\u201c is no quotation mark here; write the text in double",
        ),
        ("pat: say 'hello'", "' is no quotation mark here; write the text in double quotes: "),
        ("pat: start {name: \u201cPat\u201d}", "\u201c is no quotation mark here"),
        ("link pat: {cut: 2s}", "what happens here is said in words, without braces, as in: link"),
        ("server: {kill: yes}", "what happens here is said in words, without braces, as in: serv"),
        (
            "transcript: {of: pat, talk: [/^Pat: x/]}",
            "put the text in quotes, for there is a colon and a blank in it",
        ),
        ("together", "a step is one line with who and what"),
    ],
)
def test_a_mistake_in_a_step_has_its_place_and_what_would_be_right(step: str, told: str) -> None:
    [line] = mistakes(f"{HEAD}  - {step}\n")
    location, _, words = line.partition(": ")
    assert re.fullmatch(r"x\.yaml:3:\d+", location)
    assert words.startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "1:1: a scenario is a mapping"),
        ("steps: []", "1:1: there is no `actors`"),
        ("actors: {pat: visitor}\nsteps: []", "2:8: `steps` is a list"),
        (
            "actors: {pat visitor}\nsteps: [pat: end]",
            "1:10: a colon and a blank are missing, as in",
        ),
        (
            "actors: {pat:visitor}\nsteps: [pat: end]",
            "1:10: a colon and a blank are missing, as in",
        ),
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


def test_what_never_comes_may_be_held_never_to_come() -> None:
    read("pat: {never: noted}", "dana: {never: position}", "pat: go on {refused: no_earlier}")


def test_what_one_of_few_values_must_be_may_be_searched_for() -> None:
    read("dana: {expect: closed, reason: /e/}", "transcript: {of: pat, ended by: none}")
    read(
        "transcript: {of: pat, events: [entered, /./, closed]}", "transcript: {of: pat, events: 3}"
    )


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ("dana: transfer pat to bob", ["bob"]),
        ("dana: transfer pat to bob {refused: no_operator}", []),
        ("dana: transfer pat to the queue", []),
        ("dana: transfer pat to dana", []),
        ("dana: recall pat {operators: [dana, bob, /./]}", ["bob"]),
        ("transcript: {of: pat, operator: bob}", ["bob"]),
        ("transcript: {of: pat, operators: 1}", []),
    ],
)
def test_operators_whom_only_another_server_can_have_are_known(step: str, names: list[str]) -> None:
    told = [
        mistake.words.partition(" is not one of")[0] for mistake in unknown_operators(read(step))
    ]
    assert told == [f"`{name}`" for name in names]


def test_a_question_may_have_the_name_of_an_option() -> None:
    [step] = read("pat: interview {answers: {refused: a, within: b}, refused: full}").steps
    assert isinstance(step, Act)
    assert step.values["answers"] == (("refused", "a"), ("within", "b"))
    assert step.refused == "full"


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    assert (
        len(mistakes(HEAD + "  - pat: sya\n  - dana: take\n  - dana: tkae\n  - lnk pat: cut\n"))
        == 3
    )


def test_a_file_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with pytest.raises(Unreadable, match=r"x\.yaml: No such file"):
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
