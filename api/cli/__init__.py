"""The `greenlight` command: results on stdout, progress on stderr, one clear line for a failure.

This page holds the names and options; what they do is imported when it is wanted, so that
`--help` answers at once.
"""

from pathlib import Path
from typing import Any

import click

from api.cli.edge import Front, Listing
from tools.money import ZERO, Money

RATIOS = ("16:9", "9:16", "1:1")


class Usd(click.ParamType[Money]):
    """An amount in dollars; money does not float."""

    name = "USD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Money:
        if isinstance(value, Money):
            return value
        try:
            amount = Money.usd(str(value).strip().removeprefix("$"))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if amount < ZERO:
            self.fail("cannot be negative", param, ctx)
        return amount


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
approve_up_to = click.option(
    "--approve-up-to", type=Usd(), help="Approve an offer without asking if it is at most this much."
)
stills = click.option("--stills", is_flag=True, help="One still picture a shot, instead of clips.")
approve_play = click.option(
    "--yes", is_flag=True, help="Approve play money without asking, never real money."
)


@click.group(cls=Front, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="greenlight")
def main() -> None:
    """Talk to a film crew that cannot spend a cent until you say so."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0 takes any free port."
)
def serve(host: str, port: int) -> None:
    """Start the service and its page."""
    from api.auth import check_host
    from api.cli.kit import settings
    from api.serve import serve as run

    read = settings()
    check_host(read, host)
    run(read, host, port)


@main.command()
def worker() -> None:
    """Render until stopped, and serve nothing: many workers can share one PostgreSQL."""
    from api.cli.worker import worker as run

    run()


@main.command()
@click.argument("path", default=".")
@approve_play
@approve_up_to
@click.option("--out", type=click.Path(path_type=Path), help="Copy the film to this file.")
@click.option("--seconds", type=int, help="How long the film should be.")
@stills
def demo(path: str, *, yes: bool, approve_up_to: Money | None, out: Path | None, **wishes: Any) -> None:
    """The whole job on a repository: read, plan, preview, quote, your answer, render, film."""
    from api.cli.ask import Consent
    from api.cli.demo import demo as run

    run(path, Consent(yes, approve_up_to), out, **wishes)


@main.command()
@click.option("--resume", metavar="ID", help="Go on with a conversation.")
@approve_up_to
def chat(resume: str | None, approve_up_to: Money | None) -> None:
    """Talk to the crew here. /quit or Ctrl-D ends."""
    from api.cli.ask import Consent
    from api.cli.chat import chat as run

    run(resume, Consent(up_to=approve_up_to))


@main.command()
@click.argument("path", default=".")
@click.option("--fresh", is_flag=True, help="Read it all again, even if nothing has changed.")
@as_json
def scan(path: str, *, fresh: bool, as_json: bool) -> None:
    """Read a repository and say what it is made of."""
    from api.cli.plans import scan as run

    run(path, fresh=fresh, as_json=as_json)


@main.command()
@click.argument("brief", default="")
@click.option("--repo", metavar="PATH", help="Plan from a repository, too.")
@click.option("--shots", type=int, help="How many shots.")
@click.option("--seconds", type=int, help="How long the film should be.")
@click.option("--style", help="A look, such as noir or documentary.")
@click.option("--mood", help="A mood, such as hopeful.")
@click.option("--tone", help="A tone, such as comedy.")
@click.option("--aspect-ratio", type=click.Choice(RATIOS), help="The picture's shape.")
@click.option("--template", help="A story, such as trailer, product-launch or credit-utilization.")
@click.option("--pattern", help="How shots follow each other: dialogue, action or montage.")
@click.option(
    "--metaphor",
    "metaphors",
    multiple=True,
    metavar="SENTENCE",
    help="Such as 'show retries as a dog that ...'.",
)
@click.option("--metaphors", "file", metavar="FILE", help="Metaphors of your own, as TOML.")
@click.option(
    "--character",
    "characters",
    multiple=True,
    metavar="SENTENCE",
    help="Such as 'Emma is a tired developer in a green raincoat'; a place likewise.",
)
@click.option("--provider", help="Who shall make it: the time is split into shots that this vendor sells.")
@click.option("--model", help="The vendor's video model.")
@click.option("--token-budget", metavar="LEVEL", help="Shorter prompts: ULTRA_LOW, LOW, MEDIUM or HIGH.")
@click.option(
    "--picture", metavar="FILE", help="A reference picture for the whole film; also its https address."
)
@click.option("--set", "facts", multiple=True, metavar="NAME=VALUE", help="A fact that a template asks for.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Write the shots file; `estimate` reads it."
)
@as_json
def plan(
    brief: str,
    repo: str | None,
    out: Path | None,
    *,
    as_json: bool,
    facts: tuple[str, ...],
    file: str | None,
    picture: str | None,
    **wishes: Any,
) -> None:
    """Plan a film from a brief, a repository, or both. Free.

    BRIEF is a story in plain words, or a .json file that holds one with its wishes, as in examples/.
    """
    from api.cli.plans import plan as run

    if not brief.strip() and repo is None and wishes["template"] is None:
        raise click.UsageError("Give a BRIEF, --repo PATH, or both.")
    if any("=" not in fact for fact in facts):
        raise click.UsageError("--set takes NAME=VALUE.")
    variables = dict(fact.split("=", 1) for fact in facts)
    run(brief, repo, wishes | {"variables": variables}, out, file, picture=picture, as_json=as_json)


@main.command()
@click.argument("file", metavar="FILE")
@click.argument("said", nargs=-1, required=True, metavar="WORDS...")
@click.option(
    "--picture", metavar="FILE", help="The picture of 'use this picture for shot 2'; also its https address."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the changed shots file.")
@as_json
def edit(file: str, said: tuple[str, ...], picture: str | None, out: Path | None, *, as_json: bool) -> None:
    """Change a shots file in plain words: 'lock shot 3' 'make it shorter' 'split shot 2'. Free."""
    from api.cli.plans import edit as run

    run(file, said, out, picture=picture, as_json=as_json)


@main.command()
@click.option("--shots", required=True, metavar="FILE", help="A shots file; - reads it from stdin.")
@click.option("--provider", help="Only this vendor; without it, everyone who can, cheapest first.")
@click.option("--model", help="The vendor's video model.")
@click.option("--resolution", help="Such as 720p.")
@click.option("--want", default="", metavar="WORDS", help='Such as "with sound, under 2 minutes".')
@click.option("--under", type=Usd(), help="Show plans that cost no more, and what each gives up.")
@click.option(
    "--only",
    type=int,
    multiple=True,
    metavar="N",
    help="This shot alone; the others stay as they were rendered before. May be said again.",
)
@stills
@as_json
def estimate(shots: str, *, as_json: bool, **said: Any) -> None:
    """What would these shots cost? Free, and not binding."""
    from api.cli.plans import Pricing
    from api.cli.plans import estimate as run

    if said["provider"] is None and said["model"] is not None:
        raise click.UsageError("--model needs --provider.")
    if said["provider"] is not None and said["want"]:
        raise click.UsageError("--want is for the table of all vendors.")
    if said["stills"] and said["under"] is not None:
        raise click.UsageError("--under makes plans for clips, not for --stills.")
    if said["only"] and said["under"] is not None:
        raise click.UsageError("--under makes plans for the whole film, not for --only some shots.")
    run(shots, Pricing(**said), as_json=as_json)


@main.group(cls=Listing)
def prices() -> None:
    """What rendering costs: every rate, where it was read, and when."""


@prices.command("list")
@as_json
def list_prices(*, as_json: bool) -> None:
    """The price book as it stands now."""
    from api.cli.prices import book

    book(as_json=as_json)


@prices.command("refresh")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the patch to this file.")
def refresh_prices(out: Path | None) -> None:
    """What vendors answered last beside the packaged book, as a patch to review. Fetches nothing."""
    from api.cli.prices import refresh

    refresh(out)


@prices.command("audit")
@as_json
def audit_prices(*, as_json: bool) -> None:
    """What vendors billed beside what was expected, for each model."""
    from api.cli.prices import audit

    audit(as_json=as_json)


@main.command()
@as_json
def models(*, as_json: bool) -> None:
    """Language models for GREENLIGHT_MODEL, and what they cost."""
    from api.cli.books import models as run

    run(as_json=as_json)


@main.group(cls=Listing)
def budget() -> None:
    """What may be spent this month, what is, and what is held."""


@budget.command("list")
@as_json
def list_budgets(*, as_json: bool) -> None:
    """The budgets as they stand."""
    from api.cli.books import budget as run

    run(as_json=as_json)


@budget.command("limit")
@click.argument("scope", metavar="BUDGET")
@click.argument("amount", type=Usd(), metavar="USD")
def limit_budget(scope: str, amount: Money) -> None:
    """Set this month's limit of month, play, model, project:NAME or user:NAME."""
    from api.cli.ledger import limit

    limit(scope, amount)


@budget.command("thaw")
@click.argument("scope", metavar="BUDGET")
def thaw_budget(scope: str) -> None:
    """Let a frozen budget be used again, after you have looked at why."""
    from api.cli.ledger import thaw

    thaw(scope)


@main.group()
def ledger() -> None:
    """The record of every hold, capture and release."""


@ledger.command("verify")
@as_json
def verify_ledger(*, as_json: bool) -> None:
    """Compute every sum and the whole chain again; names the first row that is wrong."""
    from api.cli.ledger import verify

    verify(as_json=as_json)


@ledger.command("reconcile")
@click.option("--trust", metavar="VENDOR", help="You have compared this vendor's own page with your jobs.")
@as_json
def reconcile_ledger(trust: str | None, *, as_json: bool) -> None:
    """Compare the vendors' books with yours, and list the jobs that nothing here explains."""
    from api.cli.ledger import reconcile

    reconcile(trust, as_json=as_json)


@main.group(cls=Listing)
def quotes() -> None:
    """Offers, and your answers to them."""


@quotes.command("list")
@as_json
def list_quotes(*, as_json: bool) -> None:
    """Offers made here, newest first."""
    from api.cli.offers import recent

    recent(as_json=as_json)


@quotes.command("show")
@click.argument("quote_id", metavar="ID")
@as_json
def show_quote(quote_id: str, *, as_json: bool) -> None:
    """An offer with every line, and its receipt once it was approved."""
    from api.cli.offers import show_one

    show_one(quote_id, as_json=as_json)


@quotes.command("approve")
@click.argument("quote_id", metavar="ID")
@approve_play
@approve_up_to
def approve_quote(quote_id: str, *, yes: bool, approve_up_to: Money | None) -> None:
    """Look at an offer, approve it, and follow the work to the film."""
    from api.cli.ask import Consent
    from api.cli.offers import approve

    approve(quote_id, Consent(yes, approve_up_to))


@quotes.command("decline")
@click.argument("quote_id", metavar="ID")
@click.option("--reason", help="Why not.")
def decline_quote(quote_id: str, reason: str | None) -> None:
    """Say no to an offer."""
    from api.cli.offers import decline

    decline(quote_id, reason)


@main.group(cls=Listing)
def jobs() -> None:
    """Render jobs: how they are, and a person's word where one is needed."""


@jobs.command("list")
@as_json
def list_jobs(*, as_json: bool) -> None:
    """Jobs, newest first."""
    from api.cli.work import recent

    recent(as_json=as_json)


@jobs.command("watch")
@as_json
def watch_jobs(*, as_json: bool) -> None:
    """Follow what is under way until it has ended."""
    from api.cli.work import watch

    watch(as_json=as_json)


@jobs.command("cancel")
@click.argument("job_id", metavar="ID")
def cancel_job(job_id: str) -> None:
    """Stop a job. What was not sent is released at once; for the rest the vendor's bill decides."""
    from api.cli.work import cancel

    cancel(job_id)


@jobs.command("resolve")
@click.argument("job_id", metavar="ID")
@click.option("--charged", type=Usd(), required=True, help="What the vendor charged; 0 if nothing.")
def resolve_job(job_id: str, charged: Money) -> None:
    """Your word on a job whose answer was lost."""
    from api.cli.work import resolve

    resolve(job_id, charged)
