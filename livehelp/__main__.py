"""``python -m livehelp``: the same command, where the script is not on the path."""

from livehelp.cli import main

main()
