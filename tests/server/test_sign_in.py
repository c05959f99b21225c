"""Only authorized employees get in; who stays away or does nothing is signed out."""

import io
import threading
from datetime import UTC, datetime, timedelta

import pytest
import trio
from trio.testing import MockClock

from livehelp.testkit.server import PASSWORD
from livehelp.wire.commands import Login, Logout, Recall, Resume, Say, Take
from livehelp.wire.events import Closed, Joined, Left, Line
from livehelp.wire.replies import Ack, ErrorCode
from livehelp.wire.signals import Bye
from server.auth.secrets import hash_secret
from storage.archive import Archive
from storage.errors import ArchiveUnavailable
from tests.server.gate import Gate
from tests.server.harness import KEY
from tests.server.house import House, Server

pytestmark = pytest.mark.trio
WRONG = "wrong horse battery staple"


async def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(
    house: House,
) -> None:
    server = await house.serve()
    dana = await server.guest(role="operator")

    wrong = await dana.refused(Login(name="dana", password=WRONG, ref=1))
    unknown = await dana.refused(Login(name="nobody", password=PASSWORD, ref=1))

    assert wrong == unknown
    assert (wrong.code, wrong.ref) == (ErrorCode.LOGIN_FAILED, 1)
    failed = [e for e in house.archive.audit_entries() if e.action == "login_failed"]
    assert [e.subject for e in failed] == ["nobody", "dana"]


async def test_a_disabled_account_is_refused_in_the_same_words(house: House) -> None:
    house.archive.disable_operator("lee", datetime.now(UTC))
    server = await house.serve()
    lee = await server.guest(role="operator")

    disabled = await lee.refused(Login(name="lee", password=PASSWORD))
    wrong = await lee.refused(Login(name="dana", password=WRONG))

    assert disabled == wrong


async def test_a_name_is_the_accounts_whatever_capitals_are_typed(house: House) -> None:
    server = await house.serve()
    dana = await server.guest(role="operator")

    signed_in = await dana.login("  DANA ", PASSWORD, ref=4)

    assert (signed_in.name, signed_in.ref) == ("dana", 4)
    logins = [e for e in house.archive.audit_entries() if e.action == "login"]
    assert [(e.actor, e.subject) for e in logins] == [("dana", "dana")]


@pytest.mark.parametrize(
    "login", [Login(), Login(name="dana"), Login(password=PASSWORD), Login(ref=3)]
)
async def test_half_a_sign_in_is_refused(house: House, login: Login) -> None:
    server = await house.serve()
    dana = await server.guest(role="operator")

    assert (await dana.refused(login)).code is ErrorCode.BAD_FIELD


async def test_who_is_signed_in_cannot_sign_in_again(house: House) -> None:
    server = await house.serve()
    dana = await server.operator()

    refusal = await dana.refused(Login(name="lee", password=PASSWORD))

    assert refusal.code is ErrorCode.OUT_OF_TURN


async def test_a_ticket_signs_the_same_person_in_after_a_lost_link(house: House) -> None:
    server = await house.serve()
    dana = await server.operator()
    await dana.stream.aclose()
    back = await server.guest(role="operator")

    signed_in = await back.login_again(dana.ticket)

    assert (signed_in.name, signed_in.ticket) == ("dana", dana.ticket)
    assert signed_in.expires - datetime.now(UTC) > timedelta(hours=11)


async def test_a_ticket_outlives_a_restart_of_the_server(house: House) -> None:
    server = await house.serve()
    dana = await server.operator()
    await server.stop()
    server = await house.serve()
    back = await server.guest(role="operator")

    assert (await back.login_again(dana.ticket)).name == "dana"


@pytest.mark.parametrize("how", ["made up", "signed out", "disabled", "new password", "expired"])
async def test_a_dead_ticket_opens_nothing(house: House, how: str) -> None:
    server = await house.serve(ticket_hours=1e-6 if how == "expired" else 12)
    dana = await server.operator()
    ticket = dana.ticket
    if how == "made up":
        ticket = KEY
    elif how == "signed out":
        await dana.send(Logout())
        await dana.until(Ack)
    elif how == "disabled":
        house.archive.disable_operator("dana", datetime.now(UTC))
    elif how == "new password":
        house.archive.set_password("dana", "hash", datetime.now(UTC))
    back = await server.guest(role="operator")

    refusal = await back.refused(Login(ticket=ticket, ref=2))

    assert (refusal.code, refusal.ref) == (ErrorCode.LOGIN_FAILED, 2)
    assert (await back.refused(Take())).code is ErrorCode.LOGIN_FIRST


async def used_at(house: House, ticket: str) -> timedelta:
    """Return how long after its sign-in a ticket was last used, as the disk has it."""
    kept = await trio.to_thread.run_sync(
        house.archive.ticket, hash_secret(ticket), datetime.now(UTC)
    )
    assert kept is not None
    return kept.last_used_at - kept.opened_at


async def test_a_sign_in_ends_after_a_working_day_though_its_operator_is_at_work(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(ticket_hours=0.5, operator_grace=120)
    ann, dana = await server.pair()
    for minute in range(29):
        mock_clock.jump(60)
        await dana.say(f"minute {minute}", session=ann.session)
    mock_clock.jump(62)
    *_, bye = await dana.rest()

    assert isinstance(bye, Bye)
    assert (bye.reason, bye.retry) == ("expired", None)
    back = await server.guest(role="operator")
    assert (await back.refused(Login(ticket=dana.ticket))).code is ErrorCode.LOGIN_FAILED
    await back.login("dana", PASSWORD)  # and goes on with the visitor
    assert (await back.resume(ann.session)).phase == "active"


async def test_a_link_that_comes_and_goes_is_no_operator_who_presses_keys(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(operator_idle_timeout=1800, operator_grace=7200)
    ann, dana = await server.pair()
    mock_clock.jump(1000)
    await dana.barrier()
    await dana.stream.aclose()
    while len(server.service.connections) > 1:
        await ann.barrier()
    back = await server.guest(role="operator")
    await back.login_again(dana.ticket)
    await back.resume(ann.session)
    mock_clock.jump(802)
    *_, bye = await back.rest()

    assert isinstance(bye, Bye)
    assert bye.reason == "idle"


async def test_an_operator_whose_link_is_long_lost_signs_in_with_the_password(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(operator_idle_timeout=1800)
    dana = await server.operator()
    mock_clock.jump(61)
    await dana.refused(Take())
    await server.stop()
    forgotten = {hash_secret(dana.ticket): datetime.now(UTC) - timedelta(minutes=31)}
    house.archive.touch_tickets(forgotten)
    server = await house.serve(operator_idle_timeout=1800)
    back = await server.guest(role="operator")

    assert (await back.refused(Login(ticket=dana.ticket))).code is ErrorCode.LOGIN_FAILED
    await back.login("dana", PASSWORD)


async def test_a_half_open_link_knows_when_its_operator_pressed_a_key(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(operator_idle_timeout=1800, idle_timeout=7200)
    dana = await server.operator(run="r")
    mock_clock.jump(1700)
    await dana.refused(Take())
    back = await server.guest(role="operator", run="r")
    await back.login_again(dana.ticket)
    mock_clock.jump(1700)

    assert await back.news() == []


async def test_a_replaced_connection_that_ends_late_sets_no_clock_back(house: House) -> None:
    server = await house.serve()
    dana = await server.operator()
    accounts, digest = server.service.accounts, hash_secret(dana.ticket)

    accounts.note_use(digest, trio.current_time())
    accounts.note_use(digest, trio.current_time() - 1_000)

    signed_in = await accounts.by_ticket(dana.ticket)
    assert datetime.now(UTC) - signed_in.active_at < timedelta(seconds=500)


async def test_the_disk_knows_within_a_minute_when_an_operator_pressed_a_key(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve()
    dana = await server.operator()
    assert await used_at(house, dana.ticket) == timedelta()
    await dana.refused(Take())
    for _ in range(60):
        mock_clock.jump(1)
        await dana.barrier()
    while await used_at(house, dana.ticket) == timedelta():
        await trio.lowlevel.checkpoint()

    await dana.refused(Take())
    before = await used_at(house, dana.ticket)
    await server.stop()
    assert await used_at(house, dana.ticket) > before


async def test_who_signs_out_gives_their_visitors_back_to_the_front_of_the_queue(
    house: House,
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    ben = await server.visitor("Ben")
    lee = await server.operator("lee")

    await dana.send(Logout(ref=1))
    await dana.until(Ack, ref=1)
    left = await ann.until(Left)

    assert (left.operator, left.reason) == ("dana", "logged_out")
    assert (await lee.take()).session == ann.session
    assert (await lee.take()).session == ben.session
    assert (await dana.refused(Say(text="hi", session=ann.session))).code is ErrorCode.LOGIN_FIRST


async def test_who_signs_out_on_one_of_two_terminals_stays_in_their_sessions(
    house: House,
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    second = await server.operator("dana")
    await second.resume(ann.session)

    await dana.send(Logout(ref=1))
    await dana.until(Ack, ref=1)
    await second.say("still here")

    assert (await ann.until(Line)).text == "still here"
    assert house.kinds(ann.session) == ["opened", "joined", "line"]


async def test_an_operator_who_stays_away_too_long_gives_their_visitors_back(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(operator_grace=120)
    ann, dana = await server.pair()
    ben = await server.visitor("Ben")
    await dana.stream.aclose()
    await server_has(server, 2)
    mock_clock.jump(119)
    await ann.barrier()
    await server.settled()
    assert house.kinds(ann.session) == ["opened", "joined"]

    mock_clock.jump(3)
    left = await ann.until(Left)

    assert (left.operator, left.reason) == ("dana", "gone")
    lee = await server.operator("lee")
    assert (await lee.take()).session == ann.session
    assert (await lee.take()).session == ben.session


async def test_an_operator_who_comes_back_in_time_keeps_their_visitors(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(operator_grace=120)
    ann, dana = await server.pair()
    await dana.stream.aclose()
    await server_has(server, 1)
    mock_clock.jump(119)
    back = await server.guest(role="operator")
    await back.login_again(dana.ticket)
    await back.resume(ann.session)
    mock_clock.jump(60)
    await back.say("Here I am.")

    assert (await ann.until(Line)).text == "Here I am."
    assert house.kinds(ann.session) == ["opened", "joined", "line"]


async def test_an_operator_who_does_not_come_back_after_a_restart_gives_their_visitors_back(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve()
    ann, _ = await server.pair()
    await server.stop()
    server = await house.serve(operator_grace=120)
    back = await server.guest()
    await back.resume(ann.session, key=ann.key)

    mock_clock.jump(125)
    left = await back.until(Left)

    assert (left.operator, left.reason) == ("dana", "gone")


async def test_who_left_while_their_take_was_stored_is_gone_for_it_too(
    house: House, gate: Gate, mock_clock: MockClock
) -> None:
    server = await house.serve(operator_grace=120)
    dana, ann = await server.operator(), await server.visitor()
    gate.shut()
    await dana.send(Take(session=ann.session, ref=1))
    await gate.sees("joined")
    await dana.stream.aclose()
    while len(server.service.connections) > 1:
        await ann.barrier()
    for _ in range(2):  # longer than she is waited for
        mock_clock.jump(125)
        await ann.barrier()
    gate.open()
    await ann.until(Joined)

    for _ in range(2):
        mock_clock.jump(125)
        await ann.barrier()

    assert (await ann.until(Left)).reason == "gone"


async def test_who_signed_out_in_order_is_not_taken_for_gone(
    house: House, mock_clock: MockClock, log: io.StringIO
) -> None:
    server = await house.serve(operator_grace=120)
    dana = await server.operator()
    await dana.send(Logout(ref=1))
    await dana.until(Ack, ref=1)

    mock_clock.jump(125)
    await dana.barrier()

    assert "operator.gone" not in log.getvalue()


async def test_an_operator_who_presses_no_key_is_signed_out_though_the_client_pings(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(operator_idle_timeout=1800, idle_timeout=1800)
    ann, dana = await server.pair()
    for _ in range(17):
        mock_clock.jump(100)
        await dana.barrier()
        await ann.barrier()
    mock_clock.jump(105)
    *_, bye = await dana.rest()

    assert isinstance(bye, Bye)
    assert (bye.reason, bye.retry) == ("idle", None)
    assert "30 minutes" in bye.message
    back = await server.guest(role="operator")
    assert (await back.refused(Login(ticket=dana.ticket))).code is ErrorCode.LOGIN_FAILED


async def test_an_operator_of_whom_nothing_at_all_came_is_signed_out_as_well(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(operator_idle_timeout=1800, idle_timeout=1800)
    dana = await server.operator()

    mock_clock.jump(1802)
    *_, bye = await dana.rest()

    assert isinstance(bye, Bye)
    assert bye.reason == "idle"
    back = await server.guest(role="operator")
    assert (await back.refused(Login(ticket=dana.ticket))).code is ErrorCode.LOGIN_FAILED


async def test_an_idle_operator_is_signed_out_once_and_though_the_disk_is_full(
    house: House, mock_clock: MockClock, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    server = await house.serve(operator_idle_timeout=600)
    dana = await server.operator()
    asked: list[bytes] = []
    answer = threading.Event()

    def refuse(_: Archive, ticket: bytes, __: datetime) -> None:
        asked.append(ticket)
        assert answer.wait(10), "the test never let it answer"
        raise ArchiveUnavailable("The database failed: database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Archive, "end_ticket", refuse)
        mock_clock.jump(602)
        while not asked:
            await trio.lowlevel.checkpoint()
        for _ in range(3):  # rounds of the sweeper
            mock_clock.jump(1)
            await dana.barrier()
        answer.set()
        *_, bye = await dana.rest()

    assert isinstance(bye, Bye)
    assert bye.reason == "idle"
    assert len(asked) == 1
    assert "disk is full" in log.getvalue()
    back = await server.guest(role="operator")
    assert (await back.refused(Login(ticket=dana.ticket))).code is ErrorCode.LOGIN_FAILED

    # The disk has room again, and hears of it, so that no restart lets the ticket in.
    for _ in range(60):
        mock_clock.jump(1)
        await back.barrier()
    digest = hash_secret(dana.ticket)
    while house.archive.ticket(digest, datetime.now(UTC)) is not None:
        await trio.lowlevel.checkpoint()


async def test_the_log_holds_no_secret_and_nothing_that_was_typed(
    house: House, gate: Gate, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    dana = await server.guest(role="operator")
    await dana.refused(Login(name="my password is hunter2", password="typed-wrong-password"))
    await dana.login("dana", PASSWORD)
    ann = await server.guest(place="typed-place", client="typed-client")
    await ann.start("Typed-Name", "Typed-Topic", remember=True)
    token = ann.token
    assert token is not None
    await dana.take(ann.session)
    gate.fail(ArchiveUnavailable("disk full"))
    await ann.refused(Say(text="typed-text that was lost", ref=1))
    gate.poison("typed-text that is refused")
    await ann.refused(Say(text="typed-text that is refused", ref=2))
    await ann.say("typed-text", ref=3)
    await dana.note("typed-note")
    await dana.refused(Recall(session=ann.session))
    await ann.raw(b'typed-garbage\n{"type":"say","text":"typed-\xff"}\n')
    await ann.refused()
    await ann.refused()
    with monkeypatch.context() as patch:
        for call in ("session_by_key", "ticket", "operator", "present_token"):
            patch.setattr(f"storage.archive.Archive.{call}", _unavailable)
        await ann.refused(Resume(session=ann.session, key=ann.key))
        lee = await server.guest(role="operator")
        await lee.refused(Login(ticket=dana.ticket))
        await lee.refused(Login(name="typed-operator", password=PASSWORD))
    stranger = await server.connect()
    await stranger.hello(token=token)
    await ann.end()
    await dana.until(Closed)
    await dana.send(Logout())
    await dana.until(Ack)
    await server.stop()

    written = log.getvalue()
    assert "session.opened" in written
    assert "database.write_failed" in written
    assert "Traceback" in written or "frames" in written
    secrets = (PASSWORD, "hunter2", dana.ticket, ann.key, token, "correct horse")
    for secret in secrets:
        assert secret not in written
    assert "typed-" not in written.casefold()


async def server_has(server: Server, connections: int) -> None:
    while len(server.service.connections) > connections:
        await trio.lowlevel.checkpoint()


def _unavailable(*_: object, **__: object) -> None:
    raise ArchiveUnavailable("The database failed: disk I/O error")
