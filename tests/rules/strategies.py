"""Anything that anybody could send to a desk, with texts as hostile as the wire lets through."""

from hypothesis import strategies as st

from livehelp.wire.commands import Answer, Interview, Transfer
from server.rules.actors import Actor, Operator, System, Visitor
from server.rules.system_commands import (
    CloseAbandoned,
    HostResolved,
    OperatorLoggedOut,
    OperatorTimedOut,
    SystemCommand,
)

# Two are enough to be in each other's way, and few enough to meet in one session often.
PEOPLE = st.sampled_from(["Dana", "Lee"])
PLAIN = ("Hello", "Zoë", "形", "[red]", "{helpers}", "a@b")
SPACES = (" ", "\n", "\r\n", "\t", "\x85", "\u2028")
CONTROLS = ("\x1b", "\x1b[2J", "\x9b31m", "\x07", "\x00", "\x7f")
UNSEEN = ("\u202e", "\u2066", "\u200b", "\u200d", "\ud800", "\ue000")
HOSTILE = st.lists(
    st.sampled_from([*PLAIN, *SPACES, *CONTROLS, *UNSEEN]), min_size=1, max_size=5
).map("".join)
# What the wire lets through as an address: one @ and no space in it.
EMAILS = st.tuples(
    st.sampled_from(["ann", "\x07", "a\u200bb", "\u202e"]),
    st.sampled_from(["example.org", "\x00", "b\u2066.org"]),
).map("@".join)
ANSWERS = st.builds(Answer, question=HOSTILE, answer=HOSTILE)

INTERVIEWS = st.builds(Interview, answers=st.lists(ANSWERS, min_size=1, max_size=3).map(tuple))
TRANSFERS = st.builds(Transfer, to=st.none() | PEOPLE | HOSTILE)
ORDERS: st.SearchStrategy[SystemCommand] = st.one_of(
    st.builds(HostResolved, HOSTILE),
    st.just(CloseAbandoned()),
    st.builds(OperatorTimedOut, PEOPLE),
    st.builds(OperatorLoggedOut, PEOPLE),
)
OPERATORS = st.builds(Operator, PEOPLE)
ACTORS: st.SearchStrategy[Actor] = OPERATORS | st.just(Visitor()) | st.just(System())
