"""The blocking clients say and hear the same as the async ones."""

import inspect
from collections.abc import Callable

import pytest

from livehelp import (
    LinkEnded,
    LinkLost,
    LiveHelpError,
    OperatorClient,
    Refused,
    TokenFile,
    VisitorClient,
)
from livehelp.testing import (
    Blocking,
    BlockingLink,
    BlockingOperator,
    BlockingScriptedOperator,
    BlockingVisitor,
    LinkMaker,
    OperatorMaker,
    ScriptedOperator,
    ScriptedOperatorMaker,
    ServerProcess,
    VisitorMaker,
)
from livehelp.testkit.faults import FlakyLink
from livehelp.testkit.server import PASSWORD
from livehelp.wire.events import Closed, Line, Opened
from livehelp.wire.signals import Roster

PAIRS = [
    (VisitorClient, BlockingVisitor),
    (OperatorClient, BlockingOperator),
    (ScriptedOperator, BlockingScriptedOperator),
    (FlakyLink, BlockingLink),
]
# Made by the fixture; the link's listener calls the others.
NOT_BLOCKING = {"connect", "relay", "turn_away"}
MAKERS = [
    (VisitorMaker, Blocking.visitor),
    (OperatorMaker, Blocking.operator),
    (LinkMaker, Blocking.link),
    (ScriptedOperatorMaker, Blocking.scripted_operator),
]


def methods(kind: type) -> dict[str, Callable[..., object]]:
    found = inspect.getmembers(kind, inspect.isroutine)
    return {name: what for name, what in found if not name.startswith("_")}


def signature(method: Callable[..., object]) -> str:
    """As text, for each file has type variables of its own."""
    return str(inspect.signature(method))


@pytest.mark.parametrize(("of", "blocking"), PAIRS)
def test_the_methods_have_the_same_names_and_signatures(of: type, blocking: type) -> None:
    there = methods(of)
    here = methods(blocking)
    assert here.keys() - {"close"} == there.keys() - NOT_BLOCKING
    for name in here.keys() - {"close"}:
        assert signature(here[name]) == signature(there[name]), name


@pytest.mark.parametrize(("of", "blocking"), PAIRS)
def test_the_properties_have_the_same_names(of: type, blocking: type) -> None:
    def properties(kind: type) -> set[str]:
        return {name for name, _ in inspect.getmembers(kind, inspect.isdatadescriptor)}

    missing = properties(of) - properties(blocking)
    assert missing <= {"__weakref__", "__dict__"}


@pytest.mark.parametrize(("maker", "blocking"), MAKERS)
def test_what_a_maker_can_be_told_a_blocking_one_can(
    maker: type, blocking: Callable[..., object]
) -> None:
    made = inspect.getattr_static(maker, "__call__")
    assert signature(blocking).partition(" -> ")[0] == signature(made).partition(" -> ")[0]


def test_a_visit_from_its_start_to_the_interview(livehelp_blocking: Blocking) -> None:
    pat = livehelp_blocking.visitor(client="Kiosk", version="7", place="Hall")
    dana = livehelp_blocking.operator("dana")
    kim = livehelp_blocking.operator("kim")
    assert pat.connected
    assert pat.server is not None
    session = pat.start(name="Pat", topic="Plates").session
    assert pat.session == session
    pat.typing(True)
    dana.expect(Opened, session=session)
    (visit,) = dana.overview.waiting
    assert (visit.client, visit.version, visit.place) == ("Kiosk", "7", "Hall")
    dana.expect(Roster, operators=("dana", "kim"))
    assert dana.overview.roster == ("dana", "kim")
    dana.take()
    dana.typing(session, True)
    dana.set_topic(session, "Taxes")
    dana.note(session, "Has been here before")
    dana.transfer(session, "kim")
    pat.say("hello")
    kim.expect_line("hello", name="Pat", session=session)
    kim.say(session, "Good morning")
    pat.expect_line(match="morning")
    assert pat.seq == kim.seq(session) == 9
    kim.end(session)
    pat.interview({pat.server.questions[0]: "Yes"})
    assert pat.request_transcript("pat@example.org").session == session
    dana.logout()
    assert dana.name is None
    dana.login("dana", PASSWORD)
    assert dana.name == "dana"
    assert "Good morning" in str(pat.seen)


def test_a_visitor_who_comes_again_is_known(
    livehelp_blocking: Blocking, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tokens = TokenFile(tmp_path_factory.mktemp("tokens"))
    with livehelp_blocking.visitor(tokens=tokens) as pat:
        first = pat.start(name="Pat", topic="Plates").session
    with livehelp_blocking.visitor(tokens=tokens) as pat:
        assert pat.resume_earlier().session == first
        pat.end()
    with livehelp_blocking.visitor(tokens=tokens) as pat:
        second = pat.start(name="Pat", topic="Plates").session
        dana = livehelp_blocking.operator()
        dana.take()
        assert [event.session for event in dana.recall(second)] == [first, first]


def test_a_link_breaks_by_hand(livehelp_blocking: Blocking) -> None:
    link = livehelp_blocking.link("delay=1ms", seed=7)
    pat = livehelp_blocking.visitor(through=link)
    pat.start(name="Pat", topic="Plates")
    link.cut()
    pat.expect(LinkLost)
    assert pat.say("one").seq == 2
    link.stall(0.01)
    assert pat.say("two").seq == 3
    assert (link.connections, link.seed, str(link.profile)) == (2, 7, "delay=1ms")
    link.use(type(link.profile)())
    link.half_open("server")
    link.mend()
    assert pat.say("three").seq == 4


def test_a_scripted_operator_who_had_to_stop_says_so_at_once(livehelp_blocking: Blocking) -> None:
    dana = livehelp_blocking.scripted_operator({"long": "x" * 3_000})
    pat = livehelp_blocking.visitor()
    pat.start(name="Pat", topic="Plates")
    pat.say("a long one, please")
    for end in (lambda: dana.expect_line("something else"), dana.close):
        with pytest.raises(LiveHelpError, match="had to stop: say"):
            end()
    assert dana.name == "dana"
    assert len(dana.heard) == 1
    assert "a long one" in str(dana.seen)


def test_leaving_twice_is_leaving(livehelp_blocking: Blocking) -> None:
    pat = livehelp_blocking.visitor()
    pat.close()
    pat.close()


def test_a_client_that_shall_not_come_back_does_not(
    livehelp_blocking: Blocking, livehelp_server: ServerProcess
) -> None:
    pat = livehelp_blocking.visitor(reconnect=False)
    livehelp_server.kill()
    pat.expect(LinkEnded)
    assert not pat.connected


def test_the_record_is_there_before_anybody_looks_and_has_a_clock(
    livehelp_blocking: Blocking,
) -> None:
    pat = livehelp_blocking.visitor()
    dana = livehelp_blocking.operator()
    session = pat.start(name="Pat", topic="Plates").session
    dana.take()
    dana.say(session, "Good morning")
    dana.end(session)
    pat.expect(Closed)
    dana.never(Line, within=0)
    seen = pat.seen
    assert [m.text for m in seen if isinstance(m, Line)] == ["Good morning"]
    assert seen.now == seen.now > 0


def test_a_command_without_an_answer_fails_and_tells_what_was_seen(
    livehelp_server: ServerProcess,
    livehelp_visitor: VisitorMaker,
    livehelp_operator: OperatorMaker,
    livehelp_link: LinkMaker,
    livehelp_scripted_operator: ScriptedOperatorMaker,
) -> None:
    with Blocking(
        livehelp_visitor,
        livehelp_operator,
        livehelp_link,
        livehelp_scripted_operator,
        answer=0.05,
    ) as blocking:
        pat = blocking.visitor()
        livehelp_server.kill()
        pat.expect(LinkLost)
        with pytest.raises(LiveHelpError) as failed:
            pat.end()
        words = str(failed.value).splitlines()
        assert words[0] == "no answer within 0.05 s; the link is lost"
        assert any(word.endswith("-> end (not sent)") for word in words)


def test_an_empty_password_is_a_password(livehelp_blocking: Blocking) -> None:
    with pytest.raises(Refused):
        livehelp_blocking.operator("dana", password="")
