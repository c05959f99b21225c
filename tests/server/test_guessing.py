"""Guessing passwords is slowed down, and honest people are not made to pay for it."""

import pytest
import trio
from trio.testing import MockClock

from livehelp.testkit.server import PASSWORD
from livehelp.wire.commands import Login
from livehelp.wire.replies import ErrorCode
from server.auth.throttle import MEMORY, Throttle, network_of
from tests.server.house import House

WRONG = "wrong horse battery staple"


@pytest.mark.trio
async def test_after_some_failures_even_the_right_password_must_wait_its_time(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve()
    dana = await server.guest(role="operator")
    for _ in range(3):
        assert (await dana.refused(Login(name="dana", password=WRONG))).code == "login_failed"

    refusal = await dana.refused(Login(name="dana", password=PASSWORD, ref=1))
    assert (refusal.code, refusal.ref) == (ErrorCode.SLOW_DOWN, 1)
    assert "2 seconds" in refusal.message

    mock_clock.jump(1.1)
    assert (await dana.refused(Login(name="dana", password=WRONG))).code == "login_failed"
    mock_clock.jump(1.1)
    assert (await dana.refused(Login(name="dana", password=PASSWORD))).code == "slow_down"
    mock_clock.jump(1.1)
    assert (await dana.login("dana", PASSWORD)).name == "dana"


@pytest.mark.trio
async def test_guessing_on_many_connections_at_once_is_slowed_down_as_well(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve()
    guessers = [await server.guest(role="operator") for _ in range(12)]
    codes: list[str] = []

    async def guess(n: int) -> None:
        codes.append((await guessers[n].refused(Login(name="dana", password=WRONG + str(n)))).code)

    async with trio.open_nursery() as nursery:
        for n in range(12):
            nursery.start_soon(guess, n)

    assert sorted(codes) == ["login_failed"] * 3 + ["slow_down"] * 9


@pytest.mark.trio
async def test_another_spelling_of_a_name_is_no_new_name(house: House) -> None:
    server = await house.serve()
    dana = await server.guest(role="operator")

    for spelling in ("dana", "DaNa", "\uff44\uff41\uff4e\uff41"):  # the last in wide letters
        assert (await dana.refused(Login(name=spelling, password=WRONG))).code == "login_failed"

    assert (await dana.refused(Login(name="Da\uff4ea", password=PASSWORD))).code == "slow_down"


@pytest.mark.trio
async def test_one_persons_mistakes_do_not_keep_the_colleagues_at_the_same_address_out(
    house: House,
) -> None:
    server = await house.serve()
    lee = await server.guest(role="operator")
    for _ in range(3):
        assert (await lee.refused(Login(name="lee", password=WRONG))).code == "login_failed"
    assert (await lee.refused(Login(name="lee", password=WRONG))).code == "slow_down"
    dana = await server.guest(role="operator")

    assert (await dana.login("dana", PASSWORD)).name == "dana"


@pytest.mark.trio
async def test_trying_many_names_from_one_address_is_slowed_down(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.auth.sign_in.FREE_BY_NETWORK", 4)
    server = await house.serve()
    guesser = await server.guest(role="operator")
    for n in range(4):
        assert (await guesser.refused(Login(name=f"n{n}", password=WRONG))).code == "login_failed"

    assert (await guesser.refused(Login(name="n5", password=WRONG))).code == "slow_down"


@pytest.mark.trio
async def test_who_gets_in_takes_one_failure_off_the_address(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.auth.sign_in.FREE_BY_NETWORK", 4)
    server = await house.serve()
    office = await server.guest(role="operator")
    for n in range(3):
        assert (await office.refused(Login(name=f"n{n}", password=WRONG))).code == "login_failed"
    await (await server.guest(role="operator")).login("dana", PASSWORD)

    assert (await office.refused(Login(name="n3", password=WRONG))).code == "login_failed"
    assert (await office.refused(Login(name="n4", password=WRONG))).code == "login_failed"
    assert (await office.refused(Login(name="n5", password=WRONG))).code == "slow_down"


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.17", "192.0.2.17"),
        ("::ffff:192.0.2.17", "192.0.2.17"),
        ("2001:db8:1:2::17", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::17", "2001:db8:1:3::/64"),
        ("fe80::17%eth0", "fe80::/64"),
        ("local", "local"),
    ],
)
def test_whoever_has_many_addresses_of_one_network_is_counted_as_one(ip: str, network: str) -> None:
    assert network_of(ip) == network


def test_failures_are_forgiven_one_by_one_and_forgotten_after_a_while() -> None:
    throttle = Throttle(free=2)
    for _ in range(3):
        throttle.failed("office", now=0)
    assert throttle.wait("office", now=0) == 2

    throttle.forgive("office")
    assert throttle.wait("office", now=0) == 1
    throttle.forgive("office")
    assert throttle.wait("office", now=0) == 0
    throttle.forgive("office")
    throttle.forgive("office")  # there is none any more
    for _ in range(2):
        throttle.failed("office", now=0)
    assert throttle.wait("office", now=0) == 1
    assert throttle.wait("office", now=MEMORY + 1) == 0
