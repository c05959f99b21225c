"""The ``livehelp`` command: the one place that may reach every other package.

Owns what is true of every command: words instead of tracebacks, and the exit code (0 done,
1 failed, 2 asked wrongly, 130 stopped by Ctrl-C). Everything is imported when it is needed and not
before, so that a kiosk's ``livehelp visit`` loads no database and a tester's script no screen.

``commands`` says which command is in which module. No commands are ``parameters``, ``asked``,
``config``, ``passwords`` and ``terminal`` (what comes in, and from where), ``stopping`` (signals),
``said`` and ``problems`` (what goes out: news, and words for errors), ``archive`` (the database,
for the commands that read it), and ``streams`` and ``demo_visit`` (the second half of ``screens``
and ``demo``).
"""

import sys


def main() -> None:
    """Run the command that ``sys.argv`` asks for, and exit.

    Raises:
        SystemExit: always, with the exit code.
    """
    try:
        _say_what_cannot_be_shown()
        from livehelp.cli.commands import command_for

        command_for(sys.argv[1:])()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as why:
        from livehelp.cli.errors import say_defect

        say_defect(why)
        sys.exit(1)


def _say_what_cannot_be_shown() -> None:
    """Escape what a terminal's encoding has no letter for, instead of failing in mid-transcript."""
    for stream in (sys.stdout, sys.stderr):
        # A stream is None when it was closed (>&-), and another kind of object under a test.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
