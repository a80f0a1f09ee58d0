"""Offers in a terminal: look, answer, and follow a yes to its film and receipt."""

import shutil
from pathlib import Path

import anyio.to_thread
import click

from api.cli import show
from api.cli.ask import Consent, approves
from api.cli.edge import run
from api.cli.follow import until_film, when_interrupted
from api.cli.kit import CHANNEL, PERSON, config, looking, working
from api.quotes import answer_yes
from tools import jobs, media, quotes, receipts
from tools.approvals import Approver
from tools.clips import Clip
from tools.errors import Invalid
from tools.quotes import Quote
from tools.studio import Studio

UNSPENT = "Stopped. Nothing was spent."
EVERYBODY = None  # the person at the machine's own terminal sees every owner's offers


def recent(*, as_json: bool) -> None:
    run(lambda: _recent(as_json=as_json))


async def _recent(*, as_json: bool) -> None:
    async with looking(config()) as studio:
        await _expire(studio)
        async with studio.database.reading() as connection:
            found = await quotes.recent(connection, PERSON.name)
    if as_json:
        show.document([each.to_json() for each in found])
    else:
        show.quotes(found)


def show_one(quote_id: str, *, as_json: bool) -> None:
    run(lambda: _show(quote_id, as_json=as_json))


async def _show(quote_id: str, *, as_json: bool) -> None:
    async with looking(config()) as studio:
        offer = await _get(studio, quote_id)
        async with studio.database.reading() as connection:
            card = await quotes.card(connection, offer)
        if as_json:
            show.document(card)
            return
        show.quote(offer)
        if card["past_error"]:
            show.say(f"With this model, {card['past_error']['words']}.", "dim")
        if offer.state == "approved":
            await _tell_receipt(studio, offer)


def approve(quote_id: str, consent: Consent) -> None:
    run(lambda: _approve(quote_id, consent))


async def _approve(quote_id: str, consent: Consent) -> None:
    async with working(config()) as studio:
        offer = await _get(studio, quote_id)
        if offer.state != "issued":
            raise quotes.conflict(offer)
        show.quote(offer)
        await answer(studio, offer, consent, None)


def decline(quote_id: str, reason: str | None) -> None:
    run(lambda: _decline(quote_id, reason))


async def _decline(quote_id: str, reason: str | None) -> None:
    async with looking(config()) as studio:
        await _get(studio, quote_id)
        await _note_no(studio, quote_id, reason)
    show.say(f"Declined: {quote_id}. Nothing was spent.")


async def _get(studio: Studio, quote_id: str) -> Quote:
    await _expire(studio)
    async with studio.database.reading() as connection:
        return await quotes.get(connection, quote_id, EVERYBODY)


async def _expire(studio: Studio) -> None:
    """No offer is shown as open that has run out of time."""
    now = studio.clock()
    async with studio.database.transaction() as connection:
        await quotes.expire_due(connection, now)


async def _note_no(studio: Studio, quote_id: str, reason: str | None) -> None:
    async with studio.database.transaction() as connection:
        await quotes.decline(connection, quote_id, by=PERSON.name, reason=reason, at=studio.clock())


# --- from an answer to the film ---


def check_out(out: Path | None) -> None:
    """Refuse a place for the film before anything is done for it."""
    if out is None:
        return
    if out.is_dir():
        raise Invalid("--out", f"{out} is a folder; name a file in it")
    if not out.absolute().parent.is_dir():
        raise Invalid("--out", f"there is no folder {out.absolute().parent}")


async def answer(studio: Studio, offer: Quote, consent: Consent, out: Path | None) -> None:
    """Ask, and do what was answered: a no leaves no hold, a yes is followed to the film."""
    with when_interrupted(UNSPENT):
        yes = await approves(offer, consent)
    if not yes:
        await _note_no(studio, offer.id, None)
        show.err.print("Declined: nothing was spent.")
        raise click.exceptions.Exit(1)
    await answer_yes(studio, offer.id, offer.digest, Approver(PERSON.name, CHANNEL), EVERYBODY)
    await finish(studio, offer, out)


async def finish(studio: Studio, offer: Quote, out: Path | None = None) -> None:
    """Follow an approved offer to its film, and show what it came to."""
    made = await until_film(studio.database, offer)
    place = studio.kit.shelf.path(made.sha256)
    if out is not None:
        await anyio.to_thread.run_sync(shutil.copyfile, place, out)
    show.heading("The film")
    show.path_line("", out or place)
    show.say(await anyio.to_thread.run_sync(_facts, made, place), "dim")
    await _tell_losses(studio, offer)
    await _tell_receipt(studio, offer)


async def _tell_losses(studio: Studio, offer: Quote) -> None:
    async with studio.database.reading() as connection:
        made = await jobs.of_quote(connection, offer.id)
    for job in made:
        if job.state != "succeeded":
            show.say(f"Shot {job.n} is drawn, not rendered: {job.error or job.state}", "yellow")


def _facts(made: Clip, place: Path) -> str:
    look = media.probe(place)
    codecs = " + ".join(filter(None, (look.video_codec, look.audio_codec)))
    size = f"{made.bytes / 1_000_000:.1f} MB"
    return f"{look.seconds:.1f} s · {look.width} x {look.height} · {look.fps:g} frames a second · {codecs} · {size}"


async def _tell_receipt(studio: Studio, offer: Quote) -> None:
    async with studio.database.reading() as connection:
        bill = await receipts.receipt(connection, offer.id)
    show.heading("Receipt")
    show.receipt(bill)
