"""Every rule of docs/protocol.md has a test here, or a reason why it can have none.

The other way round as well: no test cites a rule that is gone, no reason outlives its need.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conformance import document
from tests.conformance.test_messages import HOST_FOUND, TYPES

MODULES: Final = [
    ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).parent.glob("test_*.py"))
    if path.name not in {Path(__file__).name, "test_the_suite.py"}
]
# Rules that cannot be seen from the outside of a server.
NOT_OF_A_SERVER: Final = {
    "P-2.12": "how a client shows text",
    "P-3.14": "how a client comes back after a lost link",
    "P-5.10": "which numbers a client keeps; what it is sent for that is tested with [P-5.18]",
    "P-5.26": "what a client on a shared machine stores",
    "P-10.1": "what a client does after a goodbye",
    "P-12.2": "how this document is changed",
}
# Error codes that no test can bring out.
NOT_SENT: Final = {
    "other": "it is never sent",
}
# Tables that have no mark of their own.
CHAPTERS: Final = {f"chapter {number}" for number in range(6, 12)}


def calls() -> Iterator[ast.Call]:
    return (node for tree in MODULES for node in ast.walk(tree) if isinstance(node, ast.Call))


def texts(nodes: list[ast.expr]) -> set[str]:
    """Return the texts that are written out among these expressions."""
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def cited() -> set[str]:
    """Return every rule that a test cites."""
    return {
        text
        for call in calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr == "rule"
        for text in texts(call.args)
    }


def reasons() -> set[str]:
    """Return every ``reason`` that a test waits for."""
    return {
        text
        for call in calls()
        for keyword in call.keywords
        if keyword.arg == "reason"
        for text in texts([keyword.value])
    }


def codes() -> set[str]:
    """Return every error code that a test expects: named in a call, or compared with."""
    named = {text for call in calls() for text in texts(call.args)}
    compared = {
        text
        for tree in MODULES
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare | ast.Return)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant)
        for text in texts([part])
    }
    return (named | compared) & set(document.error_codes())


def test_every_rule_has_a_test_or_a_reason_and_none_has_both() -> None:
    rules = set(document.rules())
    assert len(rules) > 50
    assert cited() - CHAPTERS == rules - set(NOT_OF_A_SERVER)
    assert set(NOT_OF_A_SERVER) <= rules


def test_every_chapter_of_tables_has_its_tests() -> None:
    # Those of chapters 8 to 10 are marked message by message.
    marked = {mark for param in TYPES for rule in param.marks for mark in rule.args}
    assert cited() | marked >= CHAPTERS


def test_every_error_code_is_provoked_or_has_a_reason_and_none_has_both() -> None:
    assert codes() == set(document.error_codes()) - set(NOT_SENT)


def test_every_reason_of_a_goodbye_is_provoked() -> None:
    assert reasons() >= set(document.bye_reasons())


def test_every_message_of_a_server_is_looked_at() -> None:
    looked_at = {str(param.values[0]) for param in TYPES}
    chapters = (document.REPLIES, document.EVENTS, document.SIGNALS)
    assert looked_at | {HOST_FOUND} == {
        name for chapter in chapters for name in document.messages(chapter)
    }


@pytest.mark.parametrize("command", document.messages(document.COMMANDS))
def test_every_command_is_sent(command: str) -> None:
    assert any(command in texts(call.args) for call in calls())
