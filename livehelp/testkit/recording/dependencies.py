"""In which order the clients' lines of a recording are sent, and what each of them waits for.

A line is recorded before the other side can answer it, so whatever it answers stands before it. Two
lines that crossed on the wire stand in either order; the server's numbers tell which it took first.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from livehelp.testkit.recording.compare import Message, read
from livehelp.testkit.recording.recording_file import Entry

# The answer to a command without a ref, if it is not an error.
_REPLIES: Final = {
    "hello": "hello",
    "start": "started",
    "resume": "resumed",
    "login": "logged_in",
    "ping": "pong",
}
_UNANSWERED: Final = "typing"
# Why the server writes into a session's log without a command of anybody. (When it finds the name
# of a host is not waited for: it may have found it before.)
_UNASKED: Final = {"gone", "idle"}
# Its ack names another session's log.
_OF_ANOTHER: Final = "recall"


class Step(Struct, frozen=True):
    """One thing that a client does.

    Attributes:
        number: Of its entry. All that the server said before it in the recording comes first.
        after: Entries of the server that must have come as well, so that the server numbers all in
            this order again: the answers to earlier steps of other connections, and what it had
            written unasked before it took this.
        refused: The answer in the recording was an error.
    """

    number: int
    after: frozenset[int]
    refused: bool


def steps(entries: Sequence[Entry]) -> list[Step]:
    """Return what the clients do, in the order in which the server took it."""
    replies = _replies(entries)
    before_it = dict(_before(entries, replies))
    found: list[Step] = []
    open_replies: dict[int, int] = {}
    for number in _ordered(entries, replies):
        connection = entries[number].connection
        open_replies = {reply: who for reply, who in open_replies.items() if reply > number}
        after = frozenset(reply for reply, who in open_replies.items() if who != connection)
        after |= before_it.get(number, frozenset())
        reply = replies.get(number)
        found.append(Step(number, after, reply is not None and _is_error(entries[reply])))
        if reply is not None:
            open_replies[reply] = connection
    return found


def _before(
    entries: Sequence[Entry], replies: dict[int, int]
) -> Iterator[tuple[int, frozenset[int]]]:
    """Give each command that was acked, and what the server had written unasked before it.

    That was on its way when the command was sent: that an operator is gone, while the visitor
    speaks. What is told anew, after a ``take``, comes behind the number of that command.
    """
    for session, taken, command in _numbered(entries, replies):
        found: list[int] = []
        for number in range(command + 1, replies[command]):
            entry = entries[number]
            told = entry.side == "server" and entry.connection == entries[command].connection
            message = read(entry.data) if told and not entry.what else None
            if message is None or message.get("session") != session:
                continue
            seq = message.get("seq")
            if isinstance(seq, int) and seq >= taken:
                break
            if message.get("reason") in _UNASKED:
                found.append(number)
        yield command, frozenset(found)


def _is_error(entry: Entry) -> bool:
    message = read(entry.data)
    return message is not None and message.get("type") == "error"


def _replies(entries: Sequence[Entry]) -> dict[int, int]:
    """Return the entry that answers each command, by number."""
    waiting: dict[int, list[tuple[int, Message]]] = defaultdict(list)
    found: dict[int, int] = {}
    for number, entry in enumerate(entries):
        message = None if entry.what else read(entry.data)
        if message is None:
            continue
        asked = waiting[entry.connection]
        if entry.side == "client":
            if message.get("type") != _UNANSWERED:
                asked.append((number, message))
            continue
        for each in asked:
            if _answers(message, each[1]):
                found[each[0]] = number
                asked.remove(each)
                break
    return found


def _answers(reply: Message, command: Message) -> bool:
    if reply.get("ref") != command.get("ref"):
        return False
    if reply.get("type") == "error":
        return True
    return reply.get("type") == _REPLIES.get(str(command.get("type")), "ack")


def _ordered(entries: Sequence[Entry], replies: dict[int, int]) -> list[int]:
    """Return the numbers of the clients' entries, each after those that the server took before it.

    Those are the ones before it on its connection, and those whose ack has a lower number in the
    same session. Otherwise the order of the recording stays.
    """
    own = [number for number, entry in enumerate(entries) if entry.side == "client"]
    later: dict[int, set[int]] = defaultdict(set)
    earlier: dict[int, set[int]] = defaultdict(set)
    for before, after in _pairs(entries, own, replies):
        later[before].add(after)
        earlier[after].add(before)
    ready = [number for number in own if not earlier[number]]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        number = heapq.heappop(ready)
        order.append(number)
        for after in later[number]:
            earlier[after].discard(number)
            if not earlier[after]:
                heapq.heappush(ready, after)
    # Numbers that contradict the order of a connection are no server's; then the file's counts.
    return order if len(order) == len(own) else own


def _pairs(
    entries: Sequence[Entry], own: Sequence[int], replies: dict[int, int]
) -> Iterator[tuple[int, int]]:
    lines: dict[object, list[int]] = defaultdict(list)
    numbered: dict[object, list[tuple[int, int]]] = defaultdict(list)
    for number in own:
        lines[entries[number].connection].append(number)
    for session, seq, number in _numbered(entries, replies):
        numbered[session].append((seq, number))
    for taken in lines.values():
        yield from pairwise(taken)
    for acked in numbered.values():
        yield from pairwise(number for _, number in sorted(acked))


def _numbered(
    entries: Sequence[Entry], replies: dict[int, int]
) -> Iterator[tuple[object, int, int]]:
    """Give session and number of each command that was acked with one, and its entry."""
    for number, answer in replies.items():
        command, reply = read(entries[number].data), read(entries[answer].data)
        if command and reply and command.get("type") != _OF_ANOTHER:
            seq = reply.get("seq")
            if reply.get("type") == "ack" and isinstance(seq, int):
                yield reply.get("session"), seq, number
