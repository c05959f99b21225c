"""The profiles that have a name, and the reason for each number.

Owns the names. A profile is written here as a person would write it. Sizes are those of a chat, not
of a film: a line with its ack is some 300 bytes, a hello 200 up and 600 down, a whole visit 10 kB.
"""

from typing import Final, NamedTuple


class NamedProfile(NamedTuple):
    """A named profile: what it is like, in words, and as settings."""

    words: str
    settings: str


PROFILES: Final = {
    "good": NamedProfile("nothing goes wrong", ""),
    # 30 to 40 ms there and back: another town, over a wire.
    "office": NamedProfile("a wired office, another town: some delay", "delay=15ms,jitter=5ms"),
    # LTE answers in 70 to 150 ms; 250 kB/s is a cell's edge. A change of cell holds everything
    # up for a moment, and the connection is lost about once a visit.
    "phone": NamedProfile(
        "a mobile phone that walks about: delay, hold-ups, now and then a lost connection",
        "delay=35ms,jitter=40ms,rate=250kB/s,stall=2..20kB,pause=0.2..2s,cut=5..50kB,down=0.5..2s",
    ),
    # Real tunnels take up to a minute. These are shorter, for a test has other things to do, and
    # long enough that a person sees "the link is lost". Most losses are a network that gives up
    # (FIN) and not one that resets.
    "train": NamedProfile(
        "a train: tunnels in which everything waits, or the connection is lost",
        "delay=60ms,jitter=60ms,stall=2..10kB,pause=2..8s,cut=4..20kB,reset=20%,down=2..10s",
    ),
    # 35,786 km up and down again at the speed of light are 239 ms each way, the rest is equipment.
    "satellite": NamedProfile(
        "a geostationary satellite: more than half a second there and back",
        "delay=270ms,jitter=30ms,rate=125kB/s",
    ),
    # A hello takes 3 s: a client that gives up after 10 s still gets in.
    "drip": NamedProfile("bytes that come in drops", "rate=200B/s,chunk=1..8B"),
    # Nothing of it can be seen on a socket: only a heartbeat finds the one, only a server that
    # knows a run's refs the other.
    "ghost": NamedProfile(
        "connections that are dead and do not say so, and connections that come twice",
        "half-open=3..12kB,cut=1..6kB,double=100%,late=0.5..3s",
    ),
    # Quick, for thousands of random runs: waits are below what a person notices. A connection
    # lives for a few lines, and in some cases not for its hello.
    "chaos": NamedProfile(
        "all of it, quickly; for random tests (give clients a short heartbeat)",
        "jitter=3ms,chunk=1..200B,stall=0.5..6kB,pause=5..50ms,cut=0.2..8kB,down=0..40ms,"
        "double=30%,late=0..150ms,half-open=2..40kB",
    ),
}
