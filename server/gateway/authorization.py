"""Who may ask for what on a connection, before and after signing in.

Owns the tables. Which of the two sides may do what inside a session, and when, is the desk's.
"""

from typing import Final

from livehelp.wire.commands import (
    ClientHello,
    Command,
    End,
    Interview,
    Login,
    Note,
    Ping,
    RequestTranscript,
    Resume,
    Say,
    SetTopic,
    Start,
    Take,
    Transfer,
    Typing,
)
from livehelp.wire.replies import ErrorCode
from server.delivery.peer import Peer
from server.rules.refused import Refused

FOR_VISITORS: Final = frozenset(
    {Start, Resume, Say, Typing, End, Interview, RequestTranscript, Ping}
)
ONLY_VISITORS: Final = frozenset({Start, Interview, RequestTranscript})
BEFORE_LOGIN: Final = frozenset({Login, Ping})
IN_SESSION: Final = frozenset(
    {Say, End, Interview, RequestTranscript, Note, SetTopic, Transfer, Take}
)
# What a program sends when its link is back, whether anybody sits before it or not.
AUTOMATIC: Final = frozenset({ClientHello, Login, Resume})


def refuse_wrong_side(peer: Peer, command: Command) -> None:
    """Let a command pass that ``peer`` may give.

    Raises:
        Refused: it is for the other side, or for operators who have signed in.
    """
    kind = type(command)
    if kind is ClientHello:
        return
    if peer.is_visitor:
        if kind not in FOR_VISITORS:
            raise Refused(ErrorCode.NOT_YOURS, "Only operators can do that.")
    elif kind in ONLY_VISITORS:
        raise Refused(ErrorCode.NOT_YOURS, "Only visitors can do that.")
    elif peer.operator is None and kind not in BEFORE_LOGIN:
        raise Refused(ErrorCode.LOGIN_FIRST, "Sign in first, with login.")
