"""What is remembered of the commands that came before has an end, however they came."""

from server.delivery.peer import Peer
from server.sessions.idempotency import MAX_REFS, IdempotencyWindow

RUN = "run"


class OnItsWay:
    """A command that is not on the disk yet."""

    def answer_to(self, peer: Peer) -> None:
        raise AssertionError(f"{peer} has not asked again")


def test_of_more_commands_at_once_than_are_remembered_the_last_ones_are() -> None:
    receipts = IdempotencyWindow()
    refs = range(1, 2 * MAX_REFS + 1)
    for ref in refs:
        receipts.put((RUN, ref), OnItsWay())

    for ref in refs:
        receipts.settle((RUN, ref), seq=ref)

    assert [ref for ref in refs if receipts.get((RUN, ref))] == list(refs[MAX_REFS:])
    assert receipts.is_behind((RUN, MAX_REFS))
