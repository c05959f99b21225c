"""The operator's state: who is new, what is unread, when the bell is due."""

from dataclasses import replace

import pytest

from livehelp.client.overview import Overview
from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkUp
from livehelp.sentences import Reader
from livehelp.wire.events import Event
from livehelp.wire.signals import Bye, Presence, Roster, TypingSignal, Visit
from tests.tui.told import (
    EARLIER_LOG,
    NOW,
    OTHER,
    REF,
    closed,
    joined,
    later,
    left,
    opened,
    said,
    stopped_clock,
    visit,
)
from tui.operator.chat import Chat
from tui.operator.overview_state import FloorView
from tui.operator.reducer import MAX_ENDED, apply
from tui.operator.session_list import items_of
from tui.operator.state import OperatorState, Stage
from tui.operator.visitor_details import facts_of

WIDTH = 26


class Desk:
    """Dana's desk: a floor as the client keeps it, and the state beside it."""

    def __init__(self) -> None:
        self.floor = Overview()
        self.state = OperatorState()
        self.seconds = 0.0

    def view(self) -> FloorView:
        return FloorView.of(self.floor)

    def hear(self, *messages: Incoming, wait: float = 10.0) -> OperatorState:
        for message in messages:
            if isinstance(message, Visit | Presence | Roster):
                self.floor.signal(message)
            elif isinstance(message, Event):
                self.floor.event(message)
            self.seconds += wait
            self.state = apply(self.state, message, self.view(), later(self.seconds))
        return self.state

    def sign_in(self, *visits: Visit) -> "Desk":
        self.hear(LinkUp(resumed=False))
        self.state = self.state.signing_in("dana")
        self.floor.begin("dana")
        self.hear(*visits, Roster(operators=("dana", "eli")))
        self.state = self.state.signed_in("dana", self.view())
        return self

    def take(self, session: str = REF) -> "Desk":
        self.state = self.state.take_asked()
        self.hear(joined(session=session))
        self.state = self.state.take_answered(self.view(), session)
        return self

    def lines(self) -> list[str]:
        """The list as it is shown, a row each."""
        items = items_of(self.state, later(self.seconds), WIDTH)
        return [line.rstrip() for item in items for line in item.lines]


def with_ann_and_bob() -> Desk:
    desk = Desk().sign_in()
    desk.hear(opened(), opened(OTHER, "Bob"))
    return desk.take(REF).take(OTHER)


def test_a_visitor_who_enters_rings_once_and_is_new_until_looked_at() -> None:
    desk = Desk().sign_in()
    state = desk.hear(opened())
    assert state.rings == 1
    assert state.unseen == {REF}
    assert "* Ann Lee        NEW 4 min" in desk.lines()

    desk.state = state.look_at(REF)
    assert desk.state.unseen == frozenset()
    assert "> Ann Lee            4 min" in desk.lines()
    assert desk.state.rings == 1


def test_who_was_there_before_signing_in_is_listed_and_does_not_ring() -> None:
    desk = Desk().sign_in(visit(REF), visit(OTHER, name="Bob"))
    assert (desk.state.rings, desk.state.unseen) == (0, frozenset())
    assert "Waiting  2" in desk.lines()


def test_who_entered_while_the_link_was_lost_rings_when_it_is_back() -> None:
    desk = Desk().sign_in(visit(REF))
    desk.hear(LinkLost("reset", 1.0))
    desk.floor.begin("dana")
    state = desk.hear(visit(REF), visit(OTHER, name="Bob"), LinkUp(resumed=True))
    assert state.rings == 1
    assert state.unseen == {OTHER}


def test_a_rush_is_one_ring() -> None:
    desk = Desk().sign_in()
    desk.hear(opened(), opened(OTHER), opened("R4T6-ZZK9"), wait=0.1)
    assert desk.state.rings == 1
    assert len(desk.state.unseen) == 3
    assert desk.hear(opened("X2Y3-ZZZ2")).rings == 2


def test_a_visitor_whom_another_operator_takes_is_new_no_longer() -> None:
    desk = Desk().sign_in()
    desk.hear(opened())
    state = desk.hear(joined(operator="eli"))
    assert state.unseen == frozenset()
    assert state.desk == ()


def test_a_visitor_who_is_put_back_in_the_queue_rings_again() -> None:
    desk = Desk().sign_in()
    desk.hear(opened(), joined(operator="eli"))
    state = desk.hear(left(3, "eli"))
    assert (state.rings, state.unseen) == (2, frozenset({REF}))


def test_a_take_brings_the_visitor_into_view_without_a_ring() -> None:
    desk = Desk().sign_in()
    desk.hear(opened())
    desk.take()
    assert (desk.state.current, desk.state.desk, desk.state.rings) == (REF, (REF,), 1)
    assert desk.state.may_write
    assert desk.state.status(NOW) == "You are talking with Ann Lee"


def test_the_answer_to_a_take_may_come_before_its_events() -> None:
    desk = Desk().sign_in()
    desk.hear(opened())
    desk.state = desk.state.take_asked().take_answered(desk.view(), REF)
    sessions = [item.session for item in items_of(desk.state, NOW, WIDTH) if item.session]
    assert sessions == [REF]
    assert desk.hear(joined()).rings == 1


def test_a_take_that_is_refused_changes_nothing_on_the_desk() -> None:
    desk = Desk().sign_in()
    state = desk.state.take_asked().take_answered(desk.view())
    assert (state.taking, state.desk, state.current) == (False, (), "")


def test_a_take_that_the_end_of_the_link_left_unanswered_is_no_take_any_more() -> None:
    desk = Desk().sign_in()
    desk.state = desk.state.take_asked()
    assert not desk.hear(LinkEnded("Sign in again. Your ticket has expired.")).taking


def test_a_line_in_a_session_not_in_view_rings_and_is_counted_until_seen() -> None:
    desk = with_ann_and_bob()
    rings = desk.state.rings
    state = desk.hear(said(3, "Hello?"), said(4, "Anybody?"))
    assert state.chat(REF).unread == 2
    assert state.rings == rings + 2
    assert state.news == (REF,)
    assert "* 1 Ann Lee          2 new" in desk.lines()

    state = state.look_at(REF)
    assert (state.chat(REF).unread, state.news) == (0, ())


def test_a_line_in_view_is_read_at_once_unless_nobody_watches_the_terminal() -> None:
    desk = with_ann_and_bob()
    rings = desk.state.rings
    assert desk.hear(said(3, "Hello", session=OTHER)).rings == rings

    desk.state = desk.state.watch(watching=False)
    state = desk.hear(said(4, "Still there?", session=OTHER))
    assert (state.rings, state.chat(OTHER).unread) == (rings + 1, 1)
    assert state.watch(watching=True).chat(OTHER).unread == 0


def test_ones_own_sessions_are_there_again_after_signing_in_and_their_old_lines_are_read() -> None:
    desk = Desk()
    desk.hear(LinkUp(resumed=False))
    desk.state = desk.state.signing_in("dana")
    desk.floor.begin("dana")
    desk.hear(visit(phase="active", operators=("dana",)), opened(), joined(), said(3, "Hello"))
    desk.state = desk.state.signed_in("dana", desk.view())
    assert (desk.state.desk, desk.state.current, desk.state.rings) == ((REF,), REF, 0)
    assert desk.state.chat(REF).unread == 0


def test_a_session_that_is_handed_over_to_me_rings_and_is_marked() -> None:
    desk = Desk().sign_in()
    desk.hear(opened(), joined(operator="eli"))
    rings = desk.state.rings
    state = desk.hear(joined(4, "dana"), left(5, "eli"))
    assert (state.desk, state.rings, state.chat(REF).unread) == ((REF,), rings + 1, 1)


def test_a_session_that_i_hand_over_leaves_the_desk_and_the_next_comes_into_view() -> None:
    desk = with_ann_and_bob()
    desk.state = desk.state.look_at(REF)
    desk.hear(joined(3, "eli"))
    state = desk.hear(left(4))
    assert (state.desk, state.current) == ((OTHER,), OTHER)


def test_an_ended_session_stays_to_be_read_until_it_is_put_away() -> None:
    desk = with_ann_and_bob()
    state = desk.hear(closed(3, by="visitor"))
    assert state.desk == (REF, OTHER)
    assert "  1 Ann Lee          ended" in desk.lines()
    state = state.look_at(REF)
    assert not state.may_write
    words = "The conversation with Ann Lee has ended. F10 puts it away."
    assert state.status(NOW) == words
    assert state.visit(REF) is not None

    state = state.put_away(REF)
    assert (state.desk, state.current) == ((OTHER,), OTHER)
    assert REF not in state.chats


def test_no_more_than_a_page_of_ended_sessions_is_kept() -> None:
    desk = Desk().sign_in()
    sessions = [f"REF-{number:02}" for number in range(MAX_ENDED + 3)]
    for session in sessions:
        desk.hear(opened(session))
        desk.take(session)
        desk.hear(closed(3, session=session))
    assert desk.state.desk == tuple(sessions[3:])


def test_a_session_of_others_that_ends_is_forgotten() -> None:
    desk = Desk().sign_in()
    desk.hear(opened())
    desk.state = desk.state.look_at(REF)
    state = desk.hear(closed(2, by="visitor"))
    assert (state.current, dict(state.chats), state.unseen) == ("", {}, frozenset())


def test_what_happened_while_the_link_was_lost_is_put_right() -> None:
    desk = with_ann_and_bob()
    desk.hear(LinkLost("reset", 2.0))
    assert desk.state.status(later(desk.seconds)).startswith("Connection lost.")
    desk.floor.begin("dana")
    # Ann's session has ended; Bob's was given to eli.
    desk.hear(visit(OTHER, name="Bob", phase="active", operators=("eli",)))
    state = desk.hear(LinkUp(resumed=True))
    assert state.desk == (REF,)
    assert state.chat(REF).ended


def test_when_the_link_has_ended_one_signs_in_again_and_drafts_are_there() -> None:
    desk = with_ann_and_bob()
    desk.state = desk.state.with_chat(
        OTHER, desk.state.chat(OTHER).drafted("Good afternoon", noting=False)
    )
    state = desk.hear(LinkEnded("Sign in again. Your ticket has expired."))
    assert state.stage is Stage.SIGN_IN
    assert "ticket has expired" in state.problem

    desk.sign_in(
        visit(REF, phase="active", operators=("dana",)),
        visit(OTHER, name="Bob", phase="active", operators=("dana",)),
    )
    assert desk.state.desk == (REF, OTHER)
    assert desk.state.chat(OTHER).written == "Good afternoon"


@pytest.mark.parametrize("reason", ["idle", "expired"])
def test_who_was_signed_out_is_told_why_and_once(reason: str) -> None:
    why = "You were signed out after 30 minutes without a key pressed."
    refused = LinkEnded("Sign in again. This sign-in has ended.")
    desk = with_ann_and_bob()
    state = desk.hear(Bye(reason=reason, message=why), LinkLost(why.rstrip("."), 1.0), refused)
    assert (state.stage, state.problem) == (Stage.SIGN_IN, why)

    # A goodbye from before the link was up again explains nothing any more.
    desk = with_ann_and_bob()
    desk.hear(Bye(reason="idle", message="Nothing came."), LinkLost("Nothing came", 1.0))
    state = desk.hear(LinkUp(resumed=True), refused)
    assert state.problem == refused.why


def test_a_waiting_visitor_whose_link_is_lost_is_marked_in_words() -> None:
    desk = Desk().sign_in(visit(name="Ann", online=False))
    assert "  Ann            LINK LOST" in desk.lines()
    state = desk.state.look_at(REF)
    assert state.status(NOW).startswith("Ann waits, and lost the connection.")


def test_a_lost_visitor_link_is_marked_in_words() -> None:
    desk = with_ann_and_bob()
    desk.hear(Presence(session=OTHER, by="visitor", name="Bob", online=False))
    assert "> 2 Bob          LINK LOST" in desk.lines()
    assert desk.state.status(NOW).startswith("Bob lost the connection.")


def test_each_session_has_its_own_draft_and_its_own_note() -> None:
    desk = with_ann_and_bob()
    state = desk.state.with_chat(OTHER, desk.state.chat(OTHER).drafted("to Bob", noting=False))
    state = state.noting(noting=True)
    assert state.status(NOW) == "NOTE: Bob will not see what you write now."
    state = state.with_chat(OTHER, state.chat(OTHER).drafted("about Bob", noting=True))
    assert state.chat(OTHER).written == "about Bob"
    assert state.noting(noting=False).chat(OTHER).written == "to Bob"
    assert state.look_at(REF).chat(REF).written == ""


def test_after_one_note_one_talks_again() -> None:
    chat = Chat(draft="to Bob", noting=True, note_draft="about Bob")
    sent = chat.typed(1, "about Bob", "dana", NOW)
    assert (sent.noting, sent.note_draft, sent.written) == (False, "", "to Bob")


def test_a_note_cannot_be_begun_where_one_cannot_write() -> None:
    desk = Desk().sign_in()
    desk.hear(opened())
    state = desk.state.look_at(REF)
    assert state.noting(noting=True) == state


def test_who_types_is_shown_for_a_while() -> None:
    desk = with_ann_and_bob()
    signal = TypingSignal(session=OTHER, by="visitor", name="Bob", on=True)
    chat = desk.hear(signal).chat(OTHER)
    assert chat.typist(later(desk.seconds + 1)) == "Bob is typing ..."
    assert chat.typist(later(desk.seconds + 60)) == ""
    assert desk.hear(said(3, "Hi", session=OTHER)).chat(OTHER).typing_at is None


def test_who_waits_is_listed_oldest_first_below_ones_own() -> None:
    desk = Desk().sign_in(
        visit("CCCC-2222", name="Cy", at=later(-60)),
        visit("BBBB-2222", name="Ben", at=later(-3700)),
    )
    desk.hear(opened())
    desk.take()
    assert desk.lines() == [
        "My visitors  1",
        "> 1 Ann Lee",
        "    Driver licences",
        "",
        "Waiting  2",
        "  Ben             1 h 02 m",
        "    Driver licences",
        "  Cy                 2 min",
        "    Driver licences",
    ]


def test_an_empty_desk_says_so() -> None:
    assert Desk().sign_in().lines() == [
        "My visitors  0",
        "  none yet",
        "",
        "Waiting  0",
        "  nobody",
    ]


def test_long_names_are_cut_and_the_figures_stay() -> None:
    desk = Desk().sign_in()
    desk.hear(opened(name="Bartholomew Featherstonehaugh", topic="A topic that is far too long"))
    rows = desk.lines()
    assert "* Bartholomew F… NEW 4 min" in rows
    assert all(len(row) <= WIDTH for row in rows)


def test_leaving_names_the_visitors_who_would_wait_again() -> None:
    desk = with_ann_and_bob()
    assert desk.state.loss == "Your 2 visitors go back in the queue."
    chat = desk.state.chat(REF).typed(1, "x", "dana", NOW)
    assert desk.state.with_chat(REF, chat).loss == "1 line is not sent yet."
    desk.hear(closed(3), closed(3, session=OTHER))
    assert desk.state.loss == ""


def test_the_figures_count_operators_and_who_waits() -> None:
    desk = Desk().sign_in()
    desk.hear(opened())
    assert desk.state.summary() == "2 operators  1 waiting"


def test_the_card_shows_all_that_the_policy_lets_operators_see() -> None:
    desk = Desk().sign_in()
    desk.hear(opened(previous="B222-CCCC"))
    found = desk.state.visit(REF)
    assert found is not None
    facts = dict(facts_of(found, desk.state.chat(REF), stopped_clock(), NOW))
    assert facts == {
        "Name": "Ann Lee",
        "Topic": "Driver licences",
        "Reference": REF,
        "Since": "13:58 (4 min)",
        "Link": "connected",
        "With": "nobody yet",
        "Client": "livehelp 0.1.0",
        "Host": "kiosk-7.frankfort.example.gov",
        "IP": "192.0.2.17",
        "Place": "State office building, kiosk 7",
        "Earlier": "B222-CCCC",
    }


def test_the_earlier_visit_is_kept_apart_from_the_present_one() -> None:
    chat = Chat().recalling()
    assert chat.earlier_words == "Fetching the earlier visit ..."
    chat = chat.recalled(EARLIER_LOG, Reader("dana"))
    assert chat.earlier is not None
    assert [entry.who for entry in chat.earlier.entries] == ["", "Ann Lee", "eli"]
    assert (chat.talk.entries, chat.earlier_words) == ((), "")
    assert Chat().not_recalled("It is gone.").earlier_words == "It is gone."


def test_a_session_of_another_operator_can_be_looked_at_but_not_written_in() -> None:
    desk = Desk().sign_in()
    desk.hear(opened(), joined(operator="eli"))
    state = desk.state.look_at(REF)
    assert not state.may_write
    assert state.status(NOW) == "Ann Lee is talking with eli"


def test_a_refused_line_says_why() -> None:
    desk = with_ann_and_bob()
    chat = desk.state.chat(REF).typed(1, "x", "dana", NOW)
    state = desk.state.with_chat(REF, chat).refused(REF, 1, "The session has ended.")
    assert state.chat(REF).talk.entries[-1].why == "The session has ended."


def test_signing_in_that_fails_says_why() -> None:
    state = OperatorState().signing_in("dana").not_signed_in("Name or password is wrong.")
    assert (state.stage, state.problem) == (Stage.SIGN_IN, "Name or password is wrong.")


def test_a_state_is_never_changed_in_place() -> None:
    desk = with_ann_and_bob()
    before, same = desk.state, replace(desk.state)
    desk.hear(said(3, "Hello"), closed(4))
    assert before == same
