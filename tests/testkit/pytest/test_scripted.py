"""An operator who works by rules, at a real server."""

import pytest

from livehelp import ExpectationFailed, LinkUp, LiveHelpError
from livehelp.testing import (
    LinkMaker,
    OperatorMaker,
    ScriptedOperator,
    ScriptedOperatorMaker,
    ServerProcess,
    VisitorMaker,
)
from livehelp.testkit.server import PASSWORD
from livehelp.wire.events import Closed, Joined, Left, Line

pytestmark = pytest.mark.anyio
RULES = {r"hel+o": "Good morning", r"I am (\w+)": "Hello, {1}"}


async def test_whoever_waits_is_taken_greeted_and_answered(
    livehelp_visitor: VisitorMaker, livehelp_scripted_operator: ScriptedOperatorMaker
) -> None:
    async with livehelp_visitor() as pat, livehelp_visitor() as lou:
        await pat.start(name="Pat", topic="Plates")
        await pat.say("helllo")  # before anybody is there
        async with livehelp_scripted_operator(RULES, greeting="This is Dana") as dana:
            await pat.expect_line("This is Dana")
            await pat.expect_line("Good morning")
            await lou.start(name="Lou", topic="Taxes")
            await lou.say("I am Lou")
            await lou.say("nothing that a rule fits")
            await lou.expect_line("Hello, Lou", name="dana")
            await dana.expect_line(match="nothing", session=lou.session)
            assert [line.name for line in dana.heard] == ["Pat", "Lou", "Lou"]
            assert "Hello, Lou" in str(dana.seen)


async def test_a_word_ends_the_visit_once_it_is_answered(
    livehelp_visitor: VisitorMaker, livehelp_scripted_operator: ScriptedOperatorMaker
) -> None:
    async with (
        livehelp_scripted_operator({"bye": "Good bye"}, name="kim", ends_on="bye"),
        livehelp_visitor() as pat,
    ):
        await pat.start(name="Pat", topic="Plates")
        await pat.say("thanks, bye")
        await pat.expect_line("Good bye")
        await pat.expect(Closed, by="operator", name="kim")


async def test_what_another_operator_has_answered_is_not_answered_again(
    livehelp_visitor: VisitorMaker,
    livehelp_operator: OperatorMaker,
    livehelp_scripted_operator: ScriptedOperatorMaker,
) -> None:
    async with livehelp_visitor() as pat, livehelp_operator("kim") as kim:
        session = (await pat.start(name="Pat", topic="Plates")).session
        await pat.say("I am One")
        await kim.take()
        await kim.say(session, "Hello yourself")
        await pat.say("I am Two")
        async with livehelp_scripted_operator(RULES) as dana:
            await kim.transfer(session, "dana")
            await pat.expect(Joined, operator="dana")
            await pat.expect_line("Hello, Two")
            assert [line.text for line in dana.heard] == ["I am One", "I am Two"]


async def test_one_who_comes_back_to_their_visits_goes_on_where_they_stopped(
    livehelp_visitor: VisitorMaker, livehelp_scripted_operator: ScriptedOperatorMaker
) -> None:
    async with livehelp_visitor() as pat:
        async with livehelp_scripted_operator(RULES):
            await pat.start(name="Pat", topic="Plates")
            await pat.say("I am One")
            await pat.expect_line("Hello, One")
        async with livehelp_scripted_operator(RULES) as dana:
            await pat.say("I am Two")
            await pat.expect_line("Hello, Two")
            assert [line.text for line in dana.heard] == ["I am Two"]


async def test_what_is_said_while_one_is_away_is_answered_unless_an_operator_has_answered(
    livehelp_visitor: VisitorMaker,
    livehelp_operator: OperatorMaker,
    livehelp_scripted_operator: ScriptedOperatorMaker,
) -> None:
    async with livehelp_visitor() as pat:
        async with livehelp_scripted_operator(RULES):
            session = (await pat.start(name="Pat", topic="Plates")).session
            await pat.say("I am One")
            await pat.expect_line("Hello, One")
        await pat.say("I am Two")
        async with livehelp_operator() as by_hand:
            await by_hand.say(session, "Hello yourself")
        await pat.expect_line("Hello yourself")
        await pat.say("I am Three")
        await pat.say("I am Four")
        async with livehelp_scripted_operator(RULES) as dana:
            await pat.expect_line("Hello, Three")
            await pat.expect_line("Hello, Four")
            await pat.say("I am Five")
            await pat.expect_line("Hello, Five")
            heard = [line.text for line in dana.heard]
            assert heard == ["I am Three", "I am Four", "I am Five"]
            assert not [m for m in pat.seen if isinstance(m, Line) and m.text == "Hello, Two"]


async def test_a_visitor_who_is_handed_on_is_somebody_elses(
    livehelp_visitor: VisitorMaker,
    livehelp_operator: OperatorMaker,
    livehelp_scripted_operator: ScriptedOperatorMaker,
) -> None:
    async with (
        livehelp_visitor() as pat,
        livehelp_operator() as dana,
        livehelp_scripted_operator(RULES, name="kim") as kim,
    ):
        session = (await pat.start(name="Pat", topic="Plates")).session
        await pat.expect(Joined, operator="kim")
        # The same person at another screen hands the visit on.
        async with livehelp_operator("kim") as by_hand:
            await by_hand.transfer(session, "dana")
        await pat.expect(Left, operator="kim")
        await pat.say("hello")
        await dana.expect_line("hello")
        assert kim.heard == []


async def test_it_works_through_a_link_that_fails_and_a_server_that_dies(
    livehelp_server: ServerProcess,
    livehelp_visitor: VisitorMaker,
    livehelp_link: LinkMaker,
    livehelp_scripted_operator: ScriptedOperatorMaker,
) -> None:
    async with (
        livehelp_link("chaos") as link,
        livehelp_scripted_operator(RULES, through=link),
        livehelp_visitor() as pat,
    ):
        await pat.start(name="Pat", topic="Plates")
        for number in range(5):
            await pat.say(f"I am {number}")
        livehelp_server.kill()
        livehelp_server.start()
        for number in range(5):
            await pat.expect_line(f"Hello, {number}", within=20)
        await pat.expect(LinkUp, resumed=True)


async def test_when_it_has_to_stop_the_test_is_told_why(
    livehelp_server: ServerProcess,
    livehelp_visitor: VisitorMaker,
    livehelp_scripted_operator: ScriptedOperatorMaker,
) -> None:
    async def talk() -> None:
        async with livehelp_scripted_operator({"long": "x" * 3_000}), livehelp_visitor() as pat:
            await pat.start(name="Pat", topic="Plates")
            await pat.say("a long one, please")
            await pat.expect_line()

    with pytest.raises(LiveHelpError, match=r"^The scripted operator had to stop: say: .* 2,000"):
        await talk()


async def test_a_link_that_stays_silent_at_signing_in_is_told(livehelp_link: LinkMaker) -> None:
    async with livehelp_link() as link:
        link.stall(3_600)
        with pytest.raises(LiveHelpError, match=r"^no answer within 0\.05 s; the link is lost"):
            async with ScriptedOperator.connect(
                link.address, "kim", PASSWORD, answers=RULES, wait=True, within=0.05
            ):
                pytest.fail("nobody can have signed in")


async def test_a_line_that_is_not_heard_fails_with_what_was(
    livehelp_visitor: VisitorMaker, livehelp_scripted_operator: ScriptedOperatorMaker
) -> None:
    async with livehelp_scripted_operator() as dana, livehelp_visitor() as pat:
        await pat.start(name="Pat", topic="Plates")
        await pat.say("hello")
        await dana.expect_line("hello")
        with pytest.raises(ExpectationFailed, match=r"by='visitor' was expected(.|\n)*'hello'"):
            await dana.expect_line("good bye", within=0.01)


async def test_it_needs_no_pytest(livehelp_server: ServerProcess) -> None:
    async with ScriptedOperator.connect(
        livehelp_server.address, "kim", PASSWORD, answers=RULES
    ) as kim:
        assert kim.name == "kim"


async def test_what_goes_wrong_in_the_test_comes_out_as_it_is(
    livehelp_scripted_operator: ScriptedOperatorMaker,
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with livehelp_scripted_operator():
            raise ZeroDivisionError
