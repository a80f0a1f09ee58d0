"""The one question a terminal is asked about money, and who may answer it."""

import os
import sys
from dataclasses import dataclass

import anyio
import anyio.to_thread
import click

from api.cli import show
from api.cli.edge import NobodyAsked
from tools.money import Money
from tools.quotes import Quote

LINE_BYTES_MAX = 65_536
YES = ("y", "yes")


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person said before there was an offer: `--yes`, for play money, and `--approve-up-to`."""

    yes: bool = False
    up_to: Money | None = None

    def covers(self, offer: Quote) -> bool:
        if self.up_to is not None and offer.ceiling <= self.up_to:
            return True
        return self.yes and offer.play_money


async def approves(offer: Quote, consent: Consent) -> bool:
    """The person's answer to an offer; `NobodyAsked` where it needs one and none can be had."""
    amount = show.money(offer.ceiling, play=offer.play_money)
    if consent.covers(offer):
        show.err.print(f"Approved by the command line: up to {amount}.")
        return True
    if consent.yes:
        raise NobodyAsked(f"--yes approves play money only; for real money, up to {amount}, leave it out")
    if not at_terminal():
        raise NobodyAsked(
            f"up to {amount} needs an approval, and there is no terminal to ask in; {_ways(offer)}"
        )
    answer = await read_line(f"Approve up to {amount}? [y/N] ")
    return (answer or "").strip().casefold() in YES


def _ways(offer: Quote) -> str:
    flag = "--yes" if offer.play_money else f"--approve-up-to {offer.ceiling}"
    return f"run `greenlight quotes approve {offer.id}` in a terminal, or add {flag}"


def at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison] -- None under some service managers


async def read_line(prompt: str) -> str | None:
    """A line from the person, None at the end of input. The studio goes on working meanwhile."""
    click.echo(prompt, nl=False, err=True)
    if not at_terminal():
        line = await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
        return line or None
    # A thread that waits for a key would outlive Ctrl-C, so the loop itself waits for the terminal,
    # which hands over one whole line at a time.
    await anyio.wait_readable(sys.stdin)
    line = os.read(sys.stdin.fileno(), LINE_BYTES_MAX).decode(errors="replace")
    if not line:
        click.echo(err=True)
    return line or None
