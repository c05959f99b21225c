"""Addresses as people write them."""

import pytest

from livehelp.client import DEFAULT_PORT, Address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("help.ky.gov", Address("help.ky.gov", DEFAULT_PORT)),
        ("help.ky.gov:80", Address("help.ky.gov", 80)),
        (" localhost:5483 ", Address("localhost", 5483)),
        ("10.0.0.9", Address("10.0.0.9", DEFAULT_PORT)),
        ("[::1]", Address("::1", DEFAULT_PORT)),
        ("[::1]:80", Address("::1", 80)),
        ("fe80::1", Address("fe80::1", DEFAULT_PORT)),
        ("unix:/run/livehelp.sock", Address(path="/run/livehelp.sock")),
    ],
)
def test_what_is_written_is_understood_and_written_back(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert Address.parse(str(address)) == address
    assert Address.parse(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ":5483",
        "host:",
        "host:0",
        "host:65536",
        "host:http",
        "host:-1",
        "host:५४",
        "[::1",
        "[::1]5483",
        "[::1]:",
        "[]:80",
        "two words",
        "user@host",
        "http://host",
        "unix:",
    ],
)
def test_what_is_no_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"Write host|a port is a number"):
        Address.parse(text)


@pytest.mark.parametrize("text", ["http://example.org", "http://example.org:80/", "a:b:c"])
def test_a_url_and_what_is_no_ipv6_address_are_told_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no address of a server\. Write host, host:port"):
        Address.parse(text)


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("127.0.0.1:1", True),
        ("127.8.8.8", True),
        ("[::1]:1", True),
        ("localhost", True),
        ("unix:/x", True),
        ("0.0.0.0:5483", False),
        ("10.0.0.9", False),
        ("help.example.gov", False),
    ],
)
def test_whether_only_this_machine_is_meant_is_known(text: str, here: bool) -> None:
    assert Address.parse(text).is_here is here


def test_a_relay_may_listen_on_any_free_port_and_on_no_socket_file() -> None:
    assert Address.parse_listen("[::1]:0") == Address("::1", 0)
    assert Address.parse_listen("localhost") == Address("localhost")
    with pytest.raises(ValueError, match="write host:port to listen on"):
        Address.parse_listen("unix:/x")


def test_the_port_spells_live_on_a_telephone() -> None:
    assert DEFAULT_PORT == 5483
