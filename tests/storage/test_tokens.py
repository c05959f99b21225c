"""The life of a token, and what happens when somebody uses a dead one."""

from pathlib import Path

import pytest

from storage import Archive, NoSuchSession, TokenState
from tests.storage.given import at, opening, sha, start

UNKNOWN = TokenState("unknown")
DEAD = TokenState("dead")


def present(archive: Archive, token: str, seconds: float = 100) -> TokenState:
    return archive.present_token(sha(token), at(seconds))


def next_visit(archive: Archive, reference: str, shown: str, new: str | None) -> int:
    """Come with one token and leave with another."""
    state = present(archive, shown)
    assert state.status == "live"
    return start(archive, reference, chain_id=state.chain_id, token=new)


def test_a_token_that_was_never_minted_is_unknown_and_tells_nothing(archive: Archive) -> None:
    start(archive)
    assert present(archive, "made up") == UNKNOWN
    assert archive.audit_entries() == []


def test_a_token_is_known_from_its_minting_on_dead_or_alive(archive: Archive) -> None:
    start(archive, "AAAA", token="t1")
    assert archive.knows_token(sha("t1"))
    next_visit(archive, "BBBB", shown="t1", new="t2")
    present(archive, "t2")
    assert present(archive, "t1") == DEAD
    assert archive.knows_token(sha("t1"))
    assert not archive.knows_token(sha("made up"))


def test_a_session_without_a_token_is_tied_to_none(archive: Archive) -> None:
    start(archive)
    header = archive.session("K7P4-MXQ2")
    assert header is not None
    assert header.chain_id is None


def test_a_token_names_the_latest_session_of_its_chain(archive: Archive) -> None:
    start(archive, "AAAA", token="t1")
    next_visit(archive, "BBBB", shown="t1", new="t2")
    state = present(archive, "t2")
    assert state.status == "live"
    assert state.session == archive.session("BBBB")


def test_a_visit_that_wants_no_new_token_still_belongs_to_the_chain(archive: Archive) -> None:
    start(archive, "AAAA", token="t1")
    next_visit(archive, "BBBB", shown="t1", new=None)
    state = present(archive, "t1")
    assert state.session == archive.session("BBBB")


def test_the_old_token_lives_until_the_new_one_is_first_used(archive: Archive) -> None:
    start(archive, "AAAA", token="t1")
    next_visit(archive, "BBBB", shown="t1", new="t2")
    assert present(archive, "t1").status == "live"
    assert present(archive, "t2").status == "live"
    assert present(archive, "t2").status == "live"
    assert present(archive, "t1") == DEAD


def test_a_dead_token_revokes_the_chain_and_that_is_audited_once(archive: Archive) -> None:
    start(archive, "AAAA", token="t1")
    next_visit(archive, "BBBB", shown="t1", new="t2")
    chain = present(archive, "t2").chain_id
    assert present(archive, "t1", seconds=200) == DEAD
    assert present(archive, "t2") == DEAD
    assert present(archive, "t1") == DEAD
    [entry] = archive.audit_entries()
    assert (entry.actor, entry.action, entry.subject) == ("system", "token_reused", "AAAA")
    assert entry.at == at(200)
    assert entry.detail["chain"] == chain


def test_a_revoked_chain_goes_no_further(archive: Archive) -> None:
    start(archive, "AAAA", token="t1")
    next_visit(archive, "BBBB", shown="t1", new="t2")
    chain = present(archive, "t2").chain_id
    present(archive, "t1")
    start(archive, "CCCC", chain_id=chain, token="t3")
    state = present(archive, "t3")
    assert state.status == "live"
    assert state.chain_id != chain
    start(archive, "DDDD", chain_id=chain)
    untied = archive.session("DDDD")
    assert untied is not None
    assert untied.chain_id is None


def test_other_chains_are_left_alone(archive: Archive) -> None:
    start(archive, "AAAA", token="t1")
    start(archive, "BBBB", token="other")
    next_visit(archive, "CCCC", shown="t1", new="t2")
    present(archive, "t2")
    assert present(archive, "t1") == DEAD
    assert present(archive, "other").status == "live"


def test_the_same_start_again_replaces_the_token_whose_answer_was_lost(archive: Archive) -> None:
    session_id = start(archive, "AAAA", token="lost")
    archive.mint_token(session_id, sha("again"), at(1))
    state = present(archive, "again")
    assert state.status == "live"
    assert state.session == archive.session("AAAA")
    assert present(archive, "lost") == DEAD


def test_the_token_whose_answer_arrived_lives_though_another_was_minted_after_it(
    archive: Archive,
) -> None:
    session_id = start(archive, "AAAA", token="kept")
    archive.mint_token(session_id, sha("of a late copy"), at(1))
    assert present(archive, "kept").session == archive.session("AAAA")


def test_a_token_that_was_used_does_not_die_by_another_being_minted(archive: Archive) -> None:
    session_id = start(archive, "AAAA", token="t1")
    present(archive, "t1")
    archive.mint_token(session_id, sha("t2"), at(1))
    assert present(archive, "t1").status == "live"


def test_a_session_that_began_without_a_token_may_get_one_later(archive: Archive) -> None:
    session_id = start(archive, "AAAA")
    archive.mint_token(session_id, sha("t1"), at(1))
    state = present(archive, "t1")
    assert state.session == archive.session("AAAA")
    assert state.chain_id is not None


def test_only_a_session_that_is_there_gets_a_token(archive: Archive) -> None:
    with pytest.raises(NoSuchSession):
        archive.mint_token(999, sha("t1"), at(1))


def test_each_opening_of_a_batch_begins_a_chain_of_its_own(archive: Archive) -> None:
    archive.write([opening("AAAA", token="a"), opening("BBBB", token="b")])
    assert present(archive, "a").chain_id != present(archive, "b").chain_id


def test_tokens_are_stored_as_hashes_only(archive: Archive, url: str) -> None:
    secret = "a-very-secret-token-of-43-characters-or-so"
    start(archive, "AAAA", token=secret)
    archive.close()
    if url.startswith("sqlite"):
        content = Path(url.removeprefix("sqlite:///")).read_bytes()
        assert sha(secret) in content
        assert secret.encode() not in content
