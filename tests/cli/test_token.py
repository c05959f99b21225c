"""The token of a terminal can be found and deleted."""

import json
from pathlib import Path

import pytest

from livehelp.client.tokens import TokenFile
from tests.cli.command import Command

TOKEN = "t" * 43


@pytest.fixture
def tokens(livehelp: Command) -> TokenFile:
    """Tokens for two servers, where the command looks for them."""
    tokens = TokenFile()
    tokens.store("help.example:5483", TOKEN)
    tokens.store("other.example", TOKEN)
    return tokens


def test_where_prints_the_folder(livehelp: Command) -> None:
    assert livehelp("token", "where").out == f"{livehelp.folder / 'state' / 'livehelp'}\n"


def test_forget_deletes_the_token_of_one_server(livehelp: Command, tokens: TokenFile) -> None:
    # The address may be written in another way than when the token was kept.
    told = livehelp("token", "forget", "help.example").out
    assert told == "Forgotten: help.example:5483.\n"
    assert tokens.load("help.example") is None
    assert tokens.load("other.example") == TOKEN


def test_a_server_without_a_token_is_told_with_those_that_have_one(
    livehelp: Command, tokens: TokenFile
) -> None:
    """A mistyped host must not look as if the token were gone."""
    result = livehelp("token", "forget", "hepl.example")
    result.told("there was no token of hepl.example:5483; there is one of help.example:5483, other")
    assert tokens.load("help.example") == TOKEN
    assert livehelp("token", "forget", "a:b:c").told("no address of a server").code == 2


def test_forget_without_a_server_deletes_every_token(livehelp: Command, tokens: TokenFile) -> None:
    told = livehelp("token", "forget").out
    assert told == "Forgotten: help.example:5483, other.example:5483.\n"
    assert not list(tokens.directory.glob("*.token"))


def test_a_server_whose_address_is_not_in_the_file_s_name_is_told_by_that_name(
    livehelp: Command,
) -> None:
    """The name of a file holds 40 characters of the address, and no bracket or slash."""
    tokens = TokenFile()
    addresses = ("[::1]:5483", "unix:/run/livehelp.sock", f"{'h' * 38}.example:5483")
    for address in addresses:
        tokens.store(address, TOKEN)
    assert livehelp("token", "forget", "[::1]").out == "Forgotten: [::1]:5483.\n"
    names = sorted(tokens.path(address).name for address in addresses[1:])
    assert livehelp("token", "forget").out == f"Forgotten: {', '.join(names)}.\n"


def test_forget_on_a_machine_without_a_token_is_no_error(livehelp: Command) -> None:
    result = livehelp("token", "forget")
    assert (result.code, result.out) == (0, "There was no token.\n")


def test_a_token_that_cannot_be_deleted_is_an_error(livehelp: Command, tokens: TokenFile) -> None:
    path = tokens.path("help.example")
    path.unlink()
    path.mkdir()
    livehelp("token", "forget", "help.example").told("could not be deleted", path.name)
    every = livehelp("token", "forget")
    assert (every.code, every.out) == (1, "Forgotten: other.example:5483.\n")
    assert path.name in every.err


def test_the_schema_is_json_with_both_directions(livehelp: Command) -> None:
    result = livehelp("protocol", "--schema")
    assert (result.code, result.err) == (0, "")
    assert {"client", "server"} <= set(json.loads(result.out)["$defs"])


def test_the_protocol_s_version_is_told(livehelp: Command) -> None:
    assert livehelp("protocol").out.startswith("Live Help protocol 1;")
    assert (Path(__file__).parents[2] / "docs" / "protocol.md").exists()
