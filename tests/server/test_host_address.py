"""Reverse DNS: the host address comes when it comes, and delays nobody."""

import threading
from collections.abc import Iterator

import pytest
from trio.testing import MockClock

from livehelp.wire.events import HostFound, Opened
from livehelp.wire.signals import Visit
from server import reverse_dns
from tests.server.house import House

pytestmark = pytest.mark.trio


class Resolver:
    """The machine's resolver, which answers when the test says so."""

    def __init__(self) -> None:
        self.answer = threading.Event()
        self.asked: list[str] = []
        self.name: str | None = "kiosk3.frankfort.example"

    def look_up(self, ip: str) -> str | None:
        self.asked.append(ip)
        assert self.answer.wait(10), "the test never let it answer"
        return self.name


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    dns = Resolver()
    monkeypatch.setattr(reverse_dns.Resolver.__init__, "__defaults__", (dns.look_up,))
    yield dns
    dns.answer.set()


async def test_a_resolver_that_hangs_delays_nothing_and_its_answer_is_in_the_transcript(
    house: House, dns: Resolver
) -> None:
    server = await house.serve(resolve_hosts=True)
    ann, dana = await server.pair()
    assert (await ann.say("no waiting")).seq == 3
    opened = next(m for m in ann.heard if isinstance(m, Opened))
    assert (opened.ip, opened.host) == ("127.0.0.1", None)

    dns.answer.set()
    found = await dana.until(HostFound)

    assert (found.session, found.seq, found.host) == (ann.session, 4, dns.name)
    session = house.archive.session(ann.session)
    assert session is not None
    assert session.host == "kiosk3.frankfort.example"
    lee = await server.operator("lee")
    assert [m.host for m in lee.heard if isinstance(m, Visit)] == [dns.name]


async def test_the_next_visit_from_there_knows_it_at_once(house: House, dns: Resolver) -> None:
    dns.answer.set()
    server = await house.serve(resolve_hosts=True)
    ann = await server.guest()
    await ann.start()
    await ann.until(HostFound)

    ben = await server.guest()
    await ben.start("Ben")

    assert (await ben.until(Opened)).host == "kiosk3.frankfort.example"
    assert dns.asked == ["127.0.0.1"]


async def test_a_name_is_asked_for_again_after_an_hour_for_addresses_change_hands(
    house: House, dns: Resolver, mock_clock: MockClock
) -> None:
    dns.answer.set()
    server = await house.serve(resolve_hosts=True)
    ann = await server.guest()
    await ann.start()
    await ann.until(HostFound)

    dns.name = "kiosk9.paducah.example"
    mock_clock.jump(reverse_dns.KNOWN_FOR + 1)
    ben = await server.guest()
    await ben.start("Ben")

    assert (await ben.until(HostFound)).host == "kiosk9.paducah.example"


async def test_an_address_without_a_name_is_no_event(house: House, dns: Resolver) -> None:
    dns.name = None
    dns.answer.set()
    server = await house.serve(resolve_hosts=True)
    ann = await server.visitor()

    await server.stop()

    assert house.kinds(ann.session) == ["opened"]


async def test_an_answer_that_comes_too_late_is_not_waited_for(
    house: House, dns: Resolver, mock_clock: MockClock
) -> None:
    server = await house.serve(resolve_hosts=True)
    ann = await server.visitor()
    mock_clock.jump(reverse_dns.TIMEOUT + 1)
    await ann.barrier()
    dns.answer.set()
    await ann.say("still no host", ref=1)

    assert house.kinds(ann.session) == ["opened", "line"]


async def test_a_name_that_a_terminal_would_obey_is_cleaned(house: House, dns: Resolver) -> None:
    dns.name = "\x1b[2Jevil.example"
    dns.answer.set()
    server = await house.serve(resolve_hosts=True)
    ann = await server.guest()
    await ann.start()

    assert (await ann.until(HostFound)).host == "evil.example"


async def test_nobody_is_looked_up_where_the_deployment_does_not_want_it(
    house: House, dns: Resolver
) -> None:
    server = await house.serve(resolve_hosts=False)
    await server.visitor()

    assert dns.asked == []
