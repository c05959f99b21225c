from livehelp.client import *  # noqa: F403 - the same names, in one place only

__version__: str
