"""``livehelp flaky``: a link that fails on purpose, between any client and any server.

Owns the options, and what the person is told while it runs and when it stops. The link itself is
``livehelp.testkit.faults``.
"""

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Final

import typer

from livehelp.cli.errors import explained
from livehelp.cli.options import DEFAULT_ADDRESS, DEFAULT_LISTEN, here_only, listening_explained
from livehelp.cli.output import say
from livehelp.words import count

if TYPE_CHECKING:
    from livehelp.testkit.faults import Profile
    from livehelp.testkit.faults.link import Told

# Short enough to be typed from a log, and a million is enough to choose from.
SEEDS: Final = 1_000_000


def flaky(
    *,
    listen: Annotated[
        str, typer.Option(help="Where clients connect.", metavar="HOST:PORT")
    ] = DEFAULT_LISTEN,
    to: Annotated[
        str, typer.Option(help="Where the server is: host:port or unix:/path.", metavar="ADDRESS")
    ] = DEFAULT_ADDRESS,
    profile: Annotated[
        str,
        typer.Option(help="What goes wrong: a name, settings, or both.", metavar="NAME,SETTING=…"),
    ] = "train",
    seed: Annotated[
        int | None,
        typer.Option(
            help="The same seed with the same bytes fails in the same way.",
            metavar="NUMBER",
            show_default="drawn, and told",
        ),
    ] = None,
    profiles: Annotated[
        bool, typer.Option("--profiles", help="List the profiles and the settings.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Tell each fault as it happens.")
    ] = False,
    anywhere: Annotated[
        bool,
        typer.Option(
            "--anywhere", help="Listen on an address that others reach; there is no protection."
        ),
    ] = False,
) -> None:
    """Put a link that fails on purpose between clients and a server.

    It cuts, stalls, delays and drips, drawn from a seed, so that a failure can be had again.
    Ctrl-C ends it.
    """
    from livehelp.testkit.faults import Profile

    if profiles:
        typer.echo(listed())
        return
    with explained(ValueError, code=2):
        parsed = Profile.parse(profile)
        here_only(listen, "a failing link has no protection", anywhere=anywhere)
    _run(listen, to, parsed, _drawn() if seed is None else seed, verbose=verbose)


def listed() -> str:
    """Return the profiles and the settings, as ``--profiles`` shows them."""
    from livehelp.testkit.faults.named import PROFILES
    from livehelp.testkit.faults.profile import SETTINGS

    lines = ["Profiles:"]
    for name, (words, settings) in PROFILES.items():
        lines += [f"  {name:<11}{words}", *([f"  {'':<11}{settings}"] if settings else [])]
    lines += ["", "Settings (times as 40ms or 0.5..2s, bytes as 200B or 1..8kB, shares as 10%):"]
    lines += [f"  {name.replace('_', '-'):<11}{each.words}" for name, each in SETTINGS.items()]
    lines += [
        "",
        "Bytes are counted from a connection's first one, each way by itself. Of a range, a number",
        "is drawn. 'none' takes a setting away: --profile train,cut=none",
        "With 'double' the server's side of a cut connection stays open beside the client's next",
        "one, and what was on its way arrives late, as when a computer changes its Wi-Fi.",
    ]
    return "\n".join(lines)


class Tally:
    """Counts what went wrong, and tells it at once if the person wants that."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._counts: Counter[str] = Counter()

    def note(self, told: "Told") -> None:
        """Count ``told``."""
        from livehelp.testkit.faults import Fault

        self._counts[told.kind if isinstance(told, Fault) else "turned away"] += 1
        if self._verbose:
            say(str(told))

    def sum(self, connections: int) -> str:
        """Return one line about all of it."""
        counts = self._counts
        return (
            f"{count(connections, 'connection', 'connections')}, "
            f"{counts['turned away']} turned away; {count(counts['cut'], 'cut', 'cuts')}, "
            f"{count(counts['stall'], 'stall', 'stalls')}, {counts['half-open']} half-open"
        )


def _drawn() -> int:
    import secrets

    return secrets.randbelow(SEEDS)


def _run(listen: str, to: str, profile: "Profile", seed: int, *, verbose: bool) -> None:
    import anyio

    with explained(ValueError, code=2), listening_explained():
        anyio.run(_relay, listen, to, profile, seed, Tally(verbose=verbose))


async def _relay(listen: str, to: str, profile: "Profile", seed: int, tally: Tally) -> None:
    """Run the link until the person, or a service manager, ends it."""
    import anyio

    from livehelp.cli.signals import stopping
    from livehelp.testkit.faults import flaky_link

    ended = anyio.Event()
    async with stopping(ended.set):
        async with flaky_link(
            to, profile=profile, seed=seed, listen=listen, tell=tally.note
        ) as link:
            say(f"Failing link on {link.address}, to {to}; seed {seed}, profile {profile}")
            await ended.wait()
        end_of_ctrl_c = "\n" if sys.stdout and sys.stdout.isatty() else ""  # a terminal shows ^C
        say(f"{end_of_ctrl_c}{tally.sum(link.connections)}; seed {seed}")
