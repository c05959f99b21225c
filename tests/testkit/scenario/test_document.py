"""Files as nodes: every value is text, steps are read as people write them, places are right."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.scenario.location import Unreadable
from livehelp.testkit.scenario.reading.document import (
    MAX_DEPTH,
    Entries,
    Items,
    Node,
    Text,
    read_document,
)


def plain(node: Node) -> object:
    match node:
        case Text():
            return node.text
        case Items():
            return [plain(each) for each in node.items]
        case Entries():
            return {name.text: plain(each) for name, each in node.entries}


def read(text: str) -> object:
    return plain(read_document(text, "x.yaml"))


@pytest.mark.parametrize(
    "word", ["no", "12:30", "1e3", "null", "~", "0x10", "2005-12-19", "=", "1_000"]
)
def test_every_value_is_the_text_that_was_written(word: str) -> None:
    assert read(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("step", "meant"),
    [
        ('say "hello"', 'say "hello"'),
        ('say "hello: you, {there} [you] #1"', 'say "hello: you, {there} [you] #1"'),
        ('say "don\'t"', 'say "don\'t"'),
        ("take pat  # the first", "take pat"),
        (r'say "C:\\" # c', r'say "C:\\"'),
        ("start {name: Pat, topic: plates}", {"start": {"name": "Pat", "topic": "plates"}}),
        ('say "a, {b}" {refused: full} # c', {'say "a, {b}"': {"refused": "full"}}),
        ("start {name: '}#', topic: \"# }\"}", {"start": {"name": "}#", "topic": "# }"}}),
        ("{say: hello}", {"say": "hello"}),
        ('"quoted: already"', "quoted: already"),
    ],
)
def test_a_step_is_read_as_people_write_it(step: str, meant: object) -> None:
    assert read(f"- pat: {step}\n- dana: end") == [{"pat": meant}, {"dana": "end"}]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("about: One: and\n  two # no\nb: c", {"about": "One: and two", "b": "c"}),
        ('- pat: say "a\n    b: c"\n- x: y', [{"pat": 'say "a b: c"'}, {"x": "y"}]),
        (
            "- pat: start {name: Pat, # who\n    topic: 'a #b'\n    }\n- x: y",
            [{"pat": {"start": {"name": "Pat", "topic": "a #b"}}}, {"x": "y"}],
        ),
        ("- pat: end\n    # all\n\n- x: y", [{"pat": "end"}, {"x": "y"}]),
    ],
)
def test_a_step_may_go_on_in_lines_that_are_indented_deeper(text: str, meant: object) -> None:
    assert read(text) == meant


def test_a_place_in_a_step_of_two_lines_is_that_of_the_file() -> None:
    with pytest.raises(Unreadable, match=r"x\.yaml:2:5: `name` stands here a second time"):
        read_document("- pat: start {name: Pat,\n    name: Lee}\n", "x.yaml")


@pytest.mark.parametrize(
    "text", ["- together:\n    - pat:\n        expect: line\n\n# c\n- x: y", "- pat: end # all"]
)
def test_what_a_file_has_for_a_step_is_kept_whole(text: str) -> None:
    node = read_document(text, "x.yaml")
    assert isinstance(node, Items)
    step = node.items[0]
    assert isinstance(step, Entries)
    assert step.source in {"together: - pat: expect: line", "pat: end"}


def test_a_step_with_a_colon_may_stand_in_a_sentence_about_it() -> None:
    assert read("about: Two things: one {and} two") == {"about": "Two things: one {and} two"}


def test_a_block_of_text_is_left_alone() -> None:
    text = '- pat:\n    say: |\n      - pat: say "x"\n\n      it\'s\n- pat: say "y"\n'
    assert read(text) == [{"pat": {"say": '- pat: say "x"\n\nit\'s\n'}}, {"pat": 'say "y"'}]


@given(
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='"\\') | st.just(" "))
)
def test_whatever_stands_in_double_quotes_arrives(text: str) -> None:
    assert read(f'- pat: say "{text}"') == [{"pat": f'say "{text}"'}]


def test_a_place_is_that_of_the_file_and_not_of_what_yaml_got() -> None:
    text = '- pat: say "don\'t" {refused: full}'
    node = read_document(text, "x.yaml")
    assert isinstance(node, Items)
    [step] = node.items
    assert isinstance(step, Entries)
    [(_, action)] = step.entries
    assert isinstance(action, Entries)
    [(verb, fields)] = action.entries
    assert isinstance(fields, Entries)
    assert verb.location.column == text.index("say") + 1
    assert [name.location.column for name, _ in fields.entries] == [text.index("refused") + 1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: &x 1\n", r"x\.yaml:1:4: anchors"),
        ("a: 1\nb: *x\n", r"x\.yaml:2:4: anchors"),
        ("a: !!str 1\n", r"x\.yaml:1:4: tags"),
        ("a: 1\na: 2\n", r"x\.yaml:2:1: `a` stands here a second time; the first is in line 1"),
        ("a: [1\n", r"x\.yaml:\d+:\d+: this is no YAML"),
        ("a: \x07\n", r"x\.yaml:1:1: this is no YAML"),
        ("? [a]\n: b\n", r"x\.yaml:1:3: a name is text"),
        (r'a: "\uD800"', r"x\.yaml:1:4: \\ud800 is half a character; write \\U"),
        ("", r"x\.yaml:1:1: the file is empty"),
        ("- pat: start {name: Pat\n", r"x\.yaml:\d+:\d+: this is no YAML"),
    ],
)
def test_what_a_scenario_has_no_use_for_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Unreadable) as wrong:
        read_document(text, "x.yaml")
    assert re.match(told, str(wrong.value)), wrong.value


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("{text: /[/}", r"1:16: .*put the text in quotes"),
        ("{text: /a{2}/}", r"1:17: .*put the text in quotes"),
        ("{text: @x}", r"1:15: .*put the text in quotes"),
        (r'{text: "Hello\?"}', r"1:22: .*'\?'; in double quotes a backslash is written twice"),
        ('{text: "say "hi""}', r'1:21: .*inside double quotes a quotation mark is \\"'),
        ("{text: x} {within: 2s}", r"1:18: .*all fields of a step stand in one pair of braces"),
        ("{text: x", r"1:8: .*the braces of this line are not closed"),
        ("{text: [x", r"1:15: .*the brackets of this line are not closed"),
        ('{text: "x}', r"1:15: .*the quotation mark that stands here has no second one"),
        (
            "{text: [x,\n   /x: y: z/]}",
            r"2:9: .*a colon and a blank cannot stand here; put the text in",
        ),
        ("{1: x} {refused: full}", r"1:15: .*all fields of a step stand in one pair of braces"),
        ("{text: x}\n pat: end", r"2:2: .*a hyphen is missing, or this is not indented"),
        ("{text: x}\n\t- pat: end", r"2:1: there is a tab; indent with blanks"),
        ("{text: x}\n-\tpat: end", r"2:2: there is a tab; indent with blanks"),
    ],
)
def test_a_slip_in_yaml_is_told_with_what_would_be_right(step: str, told: str) -> None:
    with pytest.raises(Unreadable) as wrong:
        read_document(f"- pat: {step}\n- dana: end\n", "x.yaml")
    assert re.match(rf"x\.yaml:{told}", str(wrong.value)), wrong.value


def test_a_file_that_is_all_brackets_is_refused() -> None:
    with pytest.raises(Unreadable, match="nested deeper"):
        read_document("[" * MAX_DEPTH + "[", "x.yaml")
