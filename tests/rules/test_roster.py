"""Which operators are signed in."""

import pytest

from livehelp.wire.replies import ErrorCode
from server.rules.refused import Refused
from server.rules.roster import Roster


def test_an_empty_roster_has_nobody():
    assert Roster().names == ()
    assert len(Roster()) == 0


def test_the_names_are_in_order_and_counted_once():
    roster = Roster().sign_in("Lee").sign_in("Dana").sign_in("Dana")
    assert roster.names == ("Dana", "Lee")
    assert len(roster) == 2


def test_an_operator_with_two_terminals_is_there_until_both_are_closed():
    roster = Roster().sign_in("Dana").sign_in("Dana").sign_out("Dana")
    assert roster.names == ("Dana",)
    assert roster.sign_out("Dana").names == ()


def test_signing_out_leaves_the_others_and_the_roster_before_as_they_were():
    before = Roster().sign_in("Dana").sign_in("Lee")
    assert before.sign_out("Dana").names == ("Lee",)
    assert before.names == ("Dana", "Lee")


def test_signing_out_without_having_signed_in_changes_nothing():
    roster = Roster().sign_in("Lee")
    assert roster.sign_out("Dana") == roster
    assert roster.sign_out("Dana").sign_in("Dana").names == ("Dana", "Lee")


def test_an_operator_who_is_there_is_good_for_a_transfer():
    Roster().sign_in("Dana").require("Dana")


@pytest.mark.parametrize("name", ["Dana", "lee", "Lee\x07"])
def test_an_operator_who_is_not_there_is_refused_by_name(name: str):
    with pytest.raises(Refused) as refusal:
        Roster().sign_in("Lee").require(name)
    assert refusal.value.code is ErrorCode.NO_OPERATOR
    shown = name.removesuffix("\x07")
    assert refusal.value.message == f"No operator called {shown!r} is signed in. Choose one who is."
