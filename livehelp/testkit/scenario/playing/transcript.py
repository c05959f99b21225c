"""Reads a session's log over the wire as an operator, and makes a transcript of it."""

from collections.abc import Iterable
from typing import Any, cast

import anyio
import msgspec

from livehelp.client.address import Address
from livehelp.client.client_info import ClientInfo
from livehelp.client.connection import Connection
from livehelp.client.connection_lost import ConnectionLost
from livehelp.client.errors import LiveHelpError
from livehelp.client.timing import Timing
from livehelp.wire.commands import Login, Resume
from livehelp.wire.events import AnyEvent, Event
from livehelp.wire.replies import Error, LoggedIn, Resumed
from livehelp.wire.signals import ServerMessage


async def read_log(address: str, account: str, password: str, session: str) -> list[AnyEvent]:
    """Return the whole log of ``session``; empty if ``account`` was never in it.

    Raises:
        LiveHelpError: there is no server, or it does not let the operator in.
    """
    timing = Timing()
    events: list[AnyEvent] = []
    refused: list[Error] = []
    signed_in, done = anyio.Event(), anyio.Event()

    def receive(message: ServerMessage) -> None:
        if isinstance(message, Event) and message.session == session:
            events.append(message)
        elif isinstance(message, LoggedIn):
            signed_in.set()
        elif isinstance(message, Resumed) and message.session == session:
            done.set()
        elif isinstance(message, Error):
            refused.append(message)
            signed_in.set()
            done.set()

    async def ask() -> None:
        connection.post(Login(name=account, password=password))
        with anyio.move_on_after(timing.answer):
            await signed_in.wait()
            if not refused:
                events.clear()  # floor events; the log has them again
                connection.post(Resume(session=session))
                await done.wait()
        raise ConnectionLost("all was said")

    try:
        hello = ClientInfo("operator", "livehelp", None, None).hello(timing)
        connection = await Connection.open(Address.parse(address), hello, timing)
        await connection.run(receive, ask)
    except ConnectionLost as broken:
        if not done.is_set():
            raise LiveHelpError(f"The log could not be read: {broken}.") from None
    return [] if refused else events


def transcript_of(events: Iterable[AnyEvent]) -> dict[str, Any]:
    """Return the transcript that a log makes, as ``livehelp transcript --json`` shows it."""
    found: dict[str, Any] = {"operator_names": [], "exit_interview": [], "discussion": []}
    found |= dict.fromkeys(
        ("ended_by", "email", "host_address", "referring_page", "earlier_session")
    )
    for event in sorted(events, key=lambda event: event.seq):
        shown = cast("dict[str, Any]", msgspec.to_builtins(event))
        kind = shown.pop("type")
        found["discussion"].append({**shown, "event": kind})
        match kind:
            case "opened":
                found |= {
                    "visitor_name": shown["name"],
                    "topic": shown["topic"],
                    "client": shown["client"],
                    "client_version": shown["version"],
                    "host_ip": shown["ip"],
                    "host_address": shown.get("host"),
                    "referring_page": shown.get("place"),
                    "earlier_session": shown.get("previous"),
                }
            case "joined" if shown["operator"] not in found["operator_names"]:
                found["operator_names"].append(shown["operator"])
            case "host_found":
                found["host_address"] = shown["host"]
            case "topic_set":
                found["topic"] = shown["topic"]
            case "closed":
                found["ended_by"] = shown["by"]
            case "interview_answered":
                found["exit_interview"] = shown["answers"]
            case "transcript_requested":
                found["email"] = shown["email"]
            case _:
                pass
    return found
