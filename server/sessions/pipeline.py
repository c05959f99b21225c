"""The table of sessions, and the way of a command: receipt, rules, journal, hub, ack.

Owns the rooms. Must not know how people sign in or connect. Several servers may work on one
database: when another one was quicker, the room is read again and the command decided again
(optimistic concurrency).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
import trio

from livehelp.wire.commands import SessionCommand
from livehelp.wire.events import AnyEvent, Closed, Joined, Left, Line
from livehelp.wire.replies import Ack, ErrorCode
from server.delivery.hub import Hub
from server.delivery.operators_online import OperatorsOnline
from server.delivery.peer import Peer
from server.persistence.db_threads import DatabaseThreads
from server.persistence.journal import Journal
from server.rules.actors import Actor
from server.rules.decide import decide
from server.rules.refused import Refused
from server.rules.session import evolve
from server.rules.system_commands import SystemCommand
from server.sessions.pending_command import PendingCommand
from server.sessions.room import Parked, Room
from server.sessions.stored_log import StoredLog
from storage.archive import Archive

log = structlog.stdlib.get_logger()
# Commands that may wait while a room is read again: four people's windows of 64. That takes
# milliseconds; a database whose link has gone silent holds it up for a minute, and a program can
# say a million lines in that.
MAX_PARKED: Final = 256
TOO_LATE: Final = "That was refused before, and you have said something since. Send it again."


class Sessions:
    """The open sessions of this server, and those of closed ones that somebody still looks at.

    Args:
        archive: The database.
        journal: Its one writer.
        reader: Its reading threads.
        hub: Tells what was committed.
        floor: The operators.
        spawn: Starts a background task.
        clock: Returns the time (UTC, aware).
    """

    def __init__(
        self,
        archive: Archive,
        journal: Journal,
        reader: DatabaseThreads,
        hub: Hub,
        floor: OperatorsOnline,
        spawn: Callable[..., None],
        clock: Callable[[], datetime],
    ) -> None:
        self.rooms: dict[str, Room] = {}
        self._archive = archive
        self._journal = journal
        self._reader = reader
        self._hub = hub
        self._floor = floor
        self._spawn = spawn
        self._clock = clock

    async def load_open(self) -> int:
        """Read every session that was open when the last server stopped; return how many."""
        records = await self._reader(self._archive.open_sessions)
        for record in records:
            room = await self._load(record.reference, record.id)
            # Nobody is back yet; whoever does not come in time loses their place at the desk.
            for operator in room.tentative.operators:
                self._floor.left_at.setdefault(operator, trio.current_time())
        return len(records)

    async def room(self, reference: str) -> Room:
        """Return the room of a session, read from the database if it is not in memory.

        Raises:
            Refused: there is no such session.
        """
        room = self.rooms.get(reference)
        if room is not None:
            return room
        record = await self._reader(self._archive.session, reference)
        if record is None:
            raise Refused(ErrorCode.NO_SESSION, f"There is no session {reference}.")
        return await self._load(record.reference, record.id)

    def holding(self, run: str, ref: int) -> Room | None:
        """Return the room in which this command was carried out, for one that names none.

        Looks into every room, 1 ms for 10,000: only a ``take`` of whoever is next needs it.
        """
        receipt = (run, ref)
        rooms = self.rooms.values()
        return next((room for room in rooms if room.requests.get(receipt) is not None), None)

    async def refresh(self, room: Room) -> None:
        """Take in what another server appended, before somebody comes back to the session."""
        if room.stale or room.in_flight:
            return  # it is being read again, or a conflict will tell
        news = await self._reader(self._archive.events, room.id, room.committed_seq, 1)
        if news and news[0].seq > room.committed_seq and not (room.stale or room.in_flight):
            room.stale = room.reloading = True
            await self._reload(room)

    def add(self, room: Room) -> None:
        """Take a newly opened session into the table."""
        self.rooms[room.reference] = room
        self._floor.observe(room.tentative)

    def release(self, room: Room) -> None:
        """Forget a closed session that nobody is connected to.

        Not while anything of it is on its way to the disk: whoever came back meanwhile would be let
        into another room for the same session, and not be told.
        """
        over = room.committed.phase == "closed" and not room.in_flight and not room.stale
        ours = self.rooms.get(room.reference) is room
        if ours and over and not room.subscribers and room.visitor is None:
            del self.rooms[room.reference]

    def carry_out(
        self,
        room: Room,
        command: SessionCommand | SystemCommand,
        actor: Actor,
        peer: Peer | None = None,
        ref: int | None = None,
    ) -> None:
        """Decide a command and hand its events to the journal; the answer follows the commit.

        Never waits. A command that came before (same run and ref) is only answered again.
        """
        if room.stale:
            self._park(room, Parked(command, actor, peer, ref))
            return
        if peer is not None and ref is not None and self._answered(room, peer, ref):
            return
        now = max(self._clock(), room.tentative.last_at)  # a log's times never go back
        try:
            events = decide(room.tentative, command, actor, now)
        except Refused as refusal:
            if peer is not None:
                peer.refuse(refusal.code, refusal.message, ref)
            return
        if not events:
            return
        for event in events:
            room.tentative = evolve(room.tentative, event)
        entry = PendingCommand(self, room, command, actor, peer, ref, events)
        if entry.request_id is not None:
            room.requests.put(entry.request_id, entry)
        if type(events[0]) is not Line:
            self._floor.observe(room.tentative)
        room.in_flight += 1
        self._journal.submit(entry)

    def retry_reload(self) -> None:
        """Try again to read the rooms whose reading has failed; part of the regular round."""
        for room in list(self.rooms.values()):
            if room.stale:
                self._reload_when_settled(room)

    def stored(self, entry: PendingCommand) -> None:
        """The entry's events are on disk: tell everybody, answer the sender."""
        room, events, peer = entry.room, entry.events, entry.peer
        room.in_flight -= 1
        room.committed = entry.after
        if entry.request_id is not None:
            room.requests.settle(entry.request_id, room.committed_seq)
        self._hub.publish(room, events, peer)
        if peer is not None:
            peer.tell(Ack(ref=entry.ref, session=room.reference, seq=room.committed_seq))
        for event in events:
            if type(event) is not Line:
                self._follow(room, event)
        self.release(room)

    def conflicted(self, entry: PendingCommand) -> None:
        """Another server appended first, or an entry before this one was not stored.

        The room is read again, and the command is decided again on what it says then.
        """
        self._settle(entry)
        entry.room.returned.append(entry.undecided)

    def failed(self, entry: PendingCommand) -> None:
        """The database could not be written: the sender is told, the room is read again."""
        self._settle(entry)
        entry.undecided.refuse()

    def lost(self, entry: PendingCommand) -> None:
        """Nobody knows whether it is stored: the room is read again, and so may say the sender.

        A refusal might be wrong, and what was said again then would stand in the log twice. After
        a lost link the client sends the command again with its ``ref``, which tells.
        """
        self._settle(entry)
        if entry.peer is not None:
            entry.peer.abort()

    def _park(self, room: Room, waiting: Parked) -> None:
        if len(room.parked) < MAX_PARKED:
            room.parked.append(waiting)
        else:
            waiting.refuse()
        self._reload_when_settled(room)

    def _answered(self, room: Room, peer: Peer, ref: int) -> bool:
        """Answer a command that came before, and return whether it did."""
        known = room.requests.get((peer.run, ref))
        if isinstance(known, int):
            peer.tell(Ack(ref=ref, session=room.reference, seq=known))
        elif known is not None:
            known.answer_to(peer)
        elif room.requests.is_behind((peer.run, ref)):
            # Its refusal was lost with the link. Decided again it might be taken now, and would
            # stand behind what its sender said after it.
            peer.refuse(ErrorCode.OUT_OF_TURN, TOO_LATE, ref)
        else:
            return False
        return True

    def _settle(self, entry: PendingCommand) -> None:
        room = entry.room
        if entry.request_id is not None:
            room.requests.drop(entry.request_id)
        room.in_flight -= 1
        room.stale = True
        self._reload_when_settled(room)

    def _follow(self, room: Room, event: AnyEvent) -> None:
        """Let memberships follow what was committed."""
        if isinstance(event, Joined):
            here = self._floor.of(event.operator)
            for peer in here:
                if peer not in room.subscribers:
                    self._spawn(self._hub.catch_up, room, peer, 0)
            if not here:  # left while it was on its way to the disk
                self._floor.left_at.setdefault(event.operator, trio.current_time())
        elif isinstance(event, Left):
            for peer in self._floor.of(event.operator):
                room.unsubscribe(peer)
            if room.committed.phase == "waiting":  # the others know the link as it was before
                self._floor.tell_visitor_presence(room)
        elif isinstance(event, Closed):
            for peer in [p for p in room.subscribers if not p.is_visitor]:
                room.unsubscribe(peer)
            log.info("session.closed", session=room.reference, by=event.by, reason=event.reason)

    async def _load(self, reference: str, session_id: int) -> Room:
        stored = await self._reader(StoredLog.read, self._archive, reference, session_id)
        if (room := self.rooms.get(reference)) is not None:
            return room  # another task was quicker
        room = Room(session_id, stored.session)
        room.restore(stored.session, stored.receipts)
        self.add(room)
        if room.phase != "closed":
            # Opened on another server, or by a write whose outcome was not known.
            self._hub.announce(stored.events)
        return room

    def _reload_when_settled(self, room: Room) -> None:
        """Start reading the room again once none of its entries is on its way any more.

        Those that are come back unwritten (they see that the room is stale), so that what was
        said in order is decided again in order.
        """
        if room.in_flight == 0 and not room.reloading:
            room.reloading = True
            self._spawn(self._reload, room)

    async def _reload(self, room: Room) -> None:
        """Read the room again, tell what another server appended, go on with what was parked."""
        try:
            stored = await self._reader(StoredLog.read, self._archive, room.reference, room.id)
        except Exception:
            # As in the journal: whatever the database's reason, the people are told. The room
            # stays stale; the next command, or the next round, tries again. Until then the rules
            # and the queue go by what is known to be on the disk.
            log.exception("database.read_failed", session=room.reference)
            room.tentative = room.committed
            self._floor.observe(room.tentative)
            for parked in room.take_parked():
                parked.refuse()
            return
        finally:
            room.reloading = False
        news = [event for event in stored.events if event.seq > room.committed_seq]
        room.restore(stored.session, stored.receipts)
        self._floor.observe(room.tentative)
        self._hub.publish(room, news, None)
        for event in news:
            self._follow(room, event)
        for again in room.take_parked():
            self.carry_out(room, again.command, again.actor, again.peer, again.ref)
        self.release(room)
