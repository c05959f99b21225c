"""Signing operators in and out: only authorized employees get in (POLICY).

Owns the check of passwords and tickets and the slow-down after failures. Hashing runs in a
thread, one at a time: it takes 19 MiB and 25 ms of processor each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
import trio

from livehelp.wire.replies import ErrorCode
from livehelp.wire.text import clean_name
from server.auth.passwords import verify_password
from server.auth.secrets import hash_secret, new_secret
from server.auth.throttle import Throttle, network_of
from server.persistence.db_threads import DatabaseThreads
from server.persistence.journal import Journal
from server.rules.refused import Refused
from storage.archive import Archive
from storage.operators import fold

log = structlog.stdlib.get_logger()
# Honest people mistype twice; with the third failure the waiting begins.
FREE_BY_NAME: Final = 3
# All operators of an office may come from one address (an SSH host, a NAT), and one person's
# mistakes must not keep the others out. Beyond this somebody is trying many names.
FREE_BY_NETWORK: Final = 30
LOGIN_FAILED: Final = (
    "The name or the password is wrong. Check both; your supervisor can set a new password."
)
TICKET_DEAD: Final = "This sign-in has ended. Sign in again with your name and password."


@dataclass(frozen=True, slots=True)
class SignIn:
    """An operator who proved who they are.

    Attributes:
        name: The account's.
        ticket: Signs the same person in after a cut,
        expires: until then,
        active_at: unless they have done nothing since this for too long.
    """

    name: str
    ticket: str
    expires: datetime
    active_at: datetime


class Accounts:
    """Checks who operators are.

    Args:
        archive: Where accounts and tickets are.
        journal: Its one writer.
        reader: Its reading threads.
        clock: Returns the time (UTC, aware).
        lifetime: How long a ticket lives.
        patience: How long it lives when the operator does nothing.
    """

    def __init__(
        self,
        archive: Archive,
        journal: Journal,
        reader: DatabaseThreads,
        clock: Callable[[], datetime],
        lifetime: timedelta,
        patience: timedelta,
    ) -> None:
        self._archive = archive
        self._journal = journal
        self._reader = reader
        self._clock = clock
        self._lifetime = lifetime
        self._patience = patience
        self._by_name = Throttle(FREE_BY_NAME)
        self._by_network = Throttle(FREE_BY_NETWORK)
        self._hashing = trio.CapacityLimiter(1)
        # Tickets that were ended, while the disk does not know it yet.
        self._ending: set[bytes] = set()
        # When those that are used here were used last (trio's clock), while the disk does not know
        # it yet: one for each operator who did something in the last minute.
        self._used: dict[bytes, float] = {}

    async def by_password(self, name: str, password: str, ip: str) -> SignIn:
        """Sign in with name and password.

        Raises:
            Refused: they do not fit (``LOGIN_FAILED``), or failed too often (``SLOW_DOWN``).
        """
        network = network_of(ip)
        # As the accounts are told apart: else one name could be guessed at in many spellings.
        who = f"{fold(clean_name(name))} {network}"
        self._refuse_hurry(who, network)
        account = await self._reader(self._archive.operator, clean_name(name))
        usable = account is not None and account.disabled_at is None
        stored = account.password_hash if account is not None and usable else None
        async with self._hashing:
            # Again: others may have failed while this one waited for its turn.
            self._refuse_hurry(who, network)
            fits = await trio.to_thread.run_sync(verify_password, stored, password)
            if not fits:
                self._by_name.failed(who, trio.current_time())
                self._by_network.failed(network, trio.current_time())
        if account is None or not fits:
            await self._audit("login_failed", clean_name(name), ip)
            log.warning("operator.login_failed", ip=ip)
            raise Refused(ErrorCode.LOGIN_FAILED, LOGIN_FAILED)
        self._by_name.forget(who)
        # One for one: colleagues who mistype now and then never add up to a guesser.
        self._by_network.forgive(network)
        now = self._clock()
        signed_in = SignIn(account.name, new_secret(), now + self._lifetime, now)
        await self._journal.run_sync(
            partial(
                self._archive.open_ticket,
                hash_secret(signed_in.ticket),
                account.name,
                now,
                signed_in.expires,
            )
        )
        await self._audit("login", account.name, ip)
        return signed_in

    async def by_ticket(self, ticket: str) -> SignIn:
        """Sign in again after a lost link; that a program does so is no sign of its operator.

        Raises:
            Refused: the ticket has ended or expired, its operator has done nothing for too long, or
                the account was disabled.
        """
        now, digest = self._clock(), hash_secret(ticket)
        used = self._used.get(digest)  # before the disk is read: it may be stored meanwhile
        record = await self._reader(self._archive.ticket, digest, now)
        if record is None or digest in self._ending:
            raise Refused(ErrorCode.LOGIN_FAILED, TICKET_DEAD)
        used = self._used.get(digest, used)
        active_at = record.last_used_at if used is None else self._moment(used)
        if now - active_at > self._patience:
            await self.sign_out(digest)
            raise Refused(ErrorCode.LOGIN_FAILED, TICKET_DEAD)
        return SignIn(record.operator, ticket, record.expires_at, active_at)

    def note_use(self, ticket: bytes, at: float) -> None:
        """Note when the operator did something with a sign-in (trio's clock)."""
        # A connection that was replaced may end late, and knows of less than the one after it.
        self._used[ticket] = max(at, self._used.get(ticket, at))

    async def store_uses(self) -> None:
        """Let the disk know of the uses that were noted, so that a restart does not forget them.

        And of the sign-ins that were ended when it refused.

        Raises:
            StorageError: it does not; they are stored with those of the next time.
        """
        for ticket in tuple(self._ending):
            await self.sign_out(ticket)
        uses = dict(self._used)
        if not uses:
            return
        moments = {ticket: self._moment(at) for ticket, at in uses.items()}
        await self._journal.run_sync(partial(self._archive.touch_tickets, moments))
        for ticket, at in uses.items():
            if self._used.get(ticket) == at:
                del self._used[ticket]

    def _moment(self, at: float) -> datetime:
        """Return what time it was then (trio's clock)."""
        return self._clock() - timedelta(seconds=trio.current_time() - at)

    async def sign_out(self, ticket: bytes) -> None:
        """End a ticket, given by its hash: for this server at once, even if the disk refuses.

        Raises:
            StorageError: it could not be stored. That is tried again with ``store_uses``; after a
                restart before that the ticket would sign in again.
        """
        self._ending.add(ticket)
        await self._journal.run_sync(partial(self._archive.end_ticket, ticket, self._clock()))
        self._ending.discard(ticket)

    async def audit_read(self, name: str, session: str) -> None:
        """Note that an operator read an earlier visit.

        The statement promises that only authorized employees read transcripts
        (docs/architecture.md, "What is promised"); the log shows who did.
        """
        await self._journal.run_sync(
            partial(self._archive.audit, self._clock(), name, "transcript_read", session, {})
        )

    def _refuse_hurry(self, who: str, network: str) -> None:
        now = trio.current_time()
        wait = max(self._by_name.wait(who, now), self._by_network.wait(network, now))
        if wait > 0:
            raise Refused(
                ErrorCode.SLOW_DOWN,
                f"Too many sign-ins have failed. Try again in {int(wait) + 1} seconds.",
            )

    async def _audit(self, action: str, name: str, ip: str) -> None:
        await self._journal.run_sync(
            partial(self._archive.audit, self._clock(), name, action, name, {"ip": ip})
        )
