"""The `greenlight` command: results on stdout, progress on stderr, one clear line for a failure.

Exit 0 done, 1 failed, 2 wrong usage, 3 an approval was needed and nobody could be asked.
"""

import click

from api.auth import check_host
from api.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Talk to a film crew that cannot spend a cent until you say so."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8000, show_default=True, help="0 takes any free port.")
def serve(host: str, port: int) -> None:
    """Start the service and its page."""
    from api.serve import serve as run

    settings = Settings.read()
    check_host(settings, host)
    run(settings, host, port)
