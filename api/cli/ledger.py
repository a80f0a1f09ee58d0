"""The ledger in a terminal: prove it, and a person's word on a budget."""

from dataclasses import asdict

import click

from api.cli import show
from api.cli.edge import Failed, run
from api.cli.kit import PERSON, config, looking, working
from tools import ledger, proof, render, standstill
from tools.clock import period
from tools.errors import Invalid
from tools.ledger import Wall
from tools.money import ZERO, Money


def verify(*, as_json: bool) -> None:
    run(lambda: _verify(as_json=as_json))


async def _verify(*, as_json: bool) -> None:
    async with looking(config()) as studio, studio.database.reading() as connection:
        verdict = await proof.verify(connection)
    if as_json:
        show.document(asdict(verdict) | {"sound": not verdict.faults})
    if verdict.faults:
        first = verdict.faults[0]
        more = f" ({len(verdict.faults)} faults in all)" if len(verdict.faults) > 1 else ""
        raise Failed(f"{first.table} {first.row}: {first.why}{more}")
    if not as_json:
        click.echo(
            f"The books add up: {verdict.entries} entries, {verdict.budgets} budgets and an unbroken chain of {verdict.deeds} deeds."
        )


def limit(scope: str, amount: Money) -> None:
    run(lambda: _limit(scope, amount))


async def _limit(scope: str, amount: Money) -> None:
    if amount < ZERO:
        raise Invalid("USD", "a limit cannot be negative")
    async with looking(config()) as studio:
        now = studio.clock()
        wall = Wall(scope, studio.config.limits.of(scope))
        async with studio.database.transaction() as connection:
            after = await ledger.set_limit(connection, wall, period(now), amount, by=PERSON.name, at=now)
    click.echo(f"{scope} may spend ${after.limit} in {after.period}; ${after.headroom} of it is left.")


def thaw(scope: str) -> None:
    run(lambda: _thaw(scope))


async def _thaw(scope: str) -> None:
    async with looking(config()) as studio:
        now = studio.clock()
        wall = Wall(scope, studio.config.limits.of(scope))
        async with studio.database.transaction() as connection:
            before = await ledger.read(connection, wall, period(now))
            if before.frozen_reason is None:
                raise Invalid(scope, "is not frozen")
            await ledger.thaw(connection, wall, period(now), by=PERSON.name, at=now)
    click.echo(f"{scope} can be used again. It was frozen because {before.frozen_reason}.")


def reconcile(trusted: str | None, *, as_json: bool) -> None:
    run(lambda: _reconcile(trusted, as_json=as_json))


async def _reconcile(trusted: str | None, *, as_json: bool) -> None:
    async with working(config()) as studio:
        if trusted is not None and not await render.trust(studio.kit, trusted, by=PERSON.name):
            raise Invalid(trusted, "is not standing still")
        await render.reconcile_all(studio.kit)
        async with studio.database.reading() as connection:
            found = await render.orphans(connection)
            still = sorted(await standstill.standing(connection))
    if as_json:
        show.document({"orphans": [asdict(each) for each in found], "standing_still": still})
        return
    for each in found:
        click.echo(f"{each.provider} made {each.provider_job_id} at {each.made_at}; no job here explains it")
    click.echo(f"{len(found)} orphans." if found else "Every job that the vendors list is one of yours.")
    for vendor in still:
        show.say(
            f"Nothing is sent to {vendor}: the database was restored from a backup. Compare its own page "
            f"with `greenlight jobs`, then run `greenlight ledger reconcile --trust {vendor}`."
        )
