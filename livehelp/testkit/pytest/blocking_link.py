"""``FlakyLink`` without an event loop. Owns nothing: each method is the link's."""

from livehelp.testkit.faults import FlakyLink, Profile, Side
from livehelp.testkit.pytest.held import Held


class BlockingLink(Held[FlakyLink]):
    """A failing link, for tests without an event loop; see ``FlakyLink``."""

    @property
    def address(self) -> str:
        """Where clients connect, ``host:port``."""
        return self._held.address

    @property
    def connections(self) -> int:
        """How many there have been."""
        return self._held.connections

    @property
    def profile(self) -> Profile:
        """What goes wrong just now."""
        return self._held.profile

    @property
    def seed(self) -> int:
        """Of all draws."""
        return self._held.seed

    def cut(self, seconds: float = 0) -> None:
        """Break every connection now; for so long, new ones are cut at once."""
        self._do(self._held.cut, seconds)

    def stall(self, seconds: float) -> None:
        """Let nothing pass for so long, then everything that waited."""
        self._do(self._held.stall, seconds)

    def half_open(self, side: Side = "client") -> None:
        """Let the present connections fall silent for ever, without FIN; new ones work."""
        self._do(self._held.half_open, side)

    def use(self, profile: Profile) -> None:
        """Let other things go wrong from now on."""
        self._do(self._held.use, profile)

    def mend(self) -> None:
        """Let everything pass again."""
        self._do(self._held.mend)
