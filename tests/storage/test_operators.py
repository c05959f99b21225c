"""Operators' accounts, their sign-ins, and the audit log."""

import pytest

from storage import Archive, NoSuchOperator, OperatorExists, OperatorRecord, TicketRecord
from tests.storage.given import at, sha


@pytest.fixture
def staffed(archive: Archive) -> Archive:
    archive.add_operator("Bo Helper", "$argon2id$1", at(0))
    return archive


def test_an_account_is_read_back(staffed: Archive) -> None:
    found = staffed.operator("Bo Helper")
    assert found is not None
    assert found == OperatorRecord(found.id, "Bo Helper", "$argon2id$1", at(0), None)
    assert staffed.operator("Nobody") is None


@pytest.mark.parametrize("same", ["Bo Helper", "bo helper", "BO HELPER", "\uff22o Helper"])
def test_a_name_is_one_operator_however_it_is_written(staffed: Archive, same: str) -> None:
    assert staffed.operator(same) == staffed.operator("Bo Helper")
    with pytest.raises(OperatorExists, match="already"):
        staffed.add_operator(same, "$argon2id$2", at(1))
    assert len(staffed.operators()) == 1


def test_operators_are_listed_by_name(staffed: Archive) -> None:
    for name in ("cy", "Al", "Ångström"):
        staffed.add_operator(name, "$", at(1))
    assert [o.name for o in staffed.operators()] == ["Al", "Bo Helper", "cy", "Ångström"]


def test_a_ticket_holds_until_it_expires(staffed: Archive) -> None:
    staffed.open_ticket(sha("t"), "bo helper", at(0), at(60))
    assert staffed.ticket(sha("t"), at(59)) == TicketRecord("Bo Helper", at(0), at(0), at(60))
    assert staffed.ticket(sha("t"), at(60)) is None
    assert staffed.ticket(sha("other"), at(1)) is None


def test_a_ticket_tells_when_it_was_last_used(staffed: Archive) -> None:
    staffed.open_ticket(sha("t"), "Bo Helper", at(0), at(60))
    staffed.open_ticket(sha("other"), "Bo Helper", at(0), at(60))
    staffed.open_ticket(sha("third"), "Bo Helper", at(0), at(60))
    staffed.touch_tickets({sha("t"): at(30), sha("other"): at(29), sha("unknown"): at(28)})
    found = [staffed.ticket(sha(t), at(31)) for t in ("t", "other", "third")]
    assert [t and t.last_used_at for t in found] == [at(30), at(29), at(0)]


def test_a_ticket_that_ended_holds_no_more(staffed: Archive) -> None:
    staffed.open_ticket(sha("t"), "Bo Helper", at(0), at(60))
    staffed.open_ticket(sha("other"), "Bo Helper", at(0), at(60))
    staffed.end_ticket(sha("t"), at(1))
    assert staffed.ticket(sha("t"), at(2)) is None
    assert staffed.ticket(sha("other"), at(2)) is not None


def test_a_new_password_ends_the_tickets_of_the_old_one(staffed: Archive) -> None:
    staffed.open_ticket(sha("old"), "Bo Helper", at(0), at(60))
    staffed.set_password("BO HELPER", "$argon2id$2", at(1))
    assert staffed.ticket(sha("old"), at(2)) is None
    staffed.open_ticket(sha("new"), "Bo Helper", at(2), at(60))
    assert staffed.ticket(sha("new"), at(3)) is not None
    found = staffed.operator("Bo Helper")
    assert found is not None
    assert found.password_hash == "$argon2id$2"


def test_a_disabled_operator_may_not_sign_in_and_is_signed_out(staffed: Archive) -> None:
    staffed.add_operator("Al", "$", at(0))
    staffed.open_ticket(sha("t"), "Bo Helper", at(0), at(60))
    staffed.open_ticket(sha("al"), "Al", at(0), at(60))
    staffed.disable_operator("bo helper", at(1))
    staffed.disable_operator("bo helper", at(9))
    assert staffed.ticket(sha("t"), at(2)) is None
    assert staffed.ticket(sha("al"), at(2)) is not None
    with pytest.raises(NoSuchOperator, match="may sign in"):
        staffed.open_ticket(sha("t2"), "Bo Helper", at(2), at(60))
    found = staffed.operator("Bo Helper")
    assert found is not None
    assert found.disabled_at == at(1)


def test_who_is_not_there_is_reported(staffed: Archive) -> None:
    with pytest.raises(NoSuchOperator, match="named Cy"):
        staffed.set_password("Cy", "$", at(0))
    with pytest.raises(NoSuchOperator, match="named Cy"):
        staffed.disable_operator("Cy", at(0))
    with pytest.raises(NoSuchOperator, match="named Cy"):
        staffed.open_ticket(sha("t"), "Cy", at(0), at(60))


def test_the_audit_log_is_read_newest_first(archive: Archive) -> None:
    archive.audit(at(0), "root", "operator_added", "Bo", {"by": "command line"})
    archive.audit(at(1), "Bo", "transcript_read", "K7P4-MXQ2", {})
    newest, oldest = archive.audit_entries()
    assert (newest.at, newest.actor, newest.action) == (at(1), "Bo", "transcript_read")
    assert (oldest.subject, dict(oldest.detail)) == ("Bo", {"by": "command line"})
    assert archive.audit_entries(limit=1) == [newest]
