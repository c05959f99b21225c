"""The ``livehelp`` command: the one place that may reach every other package.

Each group of commands is a module of its own and imports what it needs only when it runs, so that
a kiosk's ``livehelp visit`` loads no database and a tester's script loads no screen.
"""

import typer

import livehelp
from livehelp.cli import accounts, demo, protocol, records, screens, serve, token

app = typer.Typer(
    name="livehelp",
    help="Live Help: talk with customer service in real time, from a terminal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"livehelp {livehelp.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Live Help: talk with customer service in real time, from a terminal."""


app.command(rich_help_panel="Talk")(screens.visit)
app.command(rich_help_panel="Talk")(screens.operate)
app.command(rich_help_panel="Talk")(demo.demo)
app.command(rich_help_panel="Run a server")(serve.serve)
app.add_typer(accounts.app, name="operators", rich_help_panel="Run a server")
app.add_typer(records.database_app, name="db", rich_help_panel="Run a server")
app.command(rich_help_panel="Records")(records.sessions)
app.command(rich_help_panel="Records")(records.transcript)
app.add_typer(token.app, name="token", rich_help_panel="Tools")
app.command(rich_help_panel="Tools")(protocol.protocol)


def main() -> None:
    """Run the command; errors are words on standard error and an exit code, never a traceback."""
    app()
