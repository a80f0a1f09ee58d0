"""How things look in a terminal: the shot list, a comparison, an offer's card, a receipt.

Names and sentences come from repositories and vendors, so everything goes through `plain`:
no text of theirs can move the cursor, colour a line or hide an amount.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click
from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tools.budget import Budget
from tools.jobs import Job
from tools.money import ZERO, Money
from tools.prices import age_warning
from tools.quotes import Quote
from tools.repo import RepoProfile
from tools.repo.text import plain, plain_path, shorten
from tools.shots import Shot, ShotList

SENTENCE_CHARACTERS_MAX = 160
PURPOSE_CHARACTERS_MAX = 200
AROUND_MAX = 8
PLACE_WIDTH_MAX = 28
NUMBERS = {
    *("#", "s", "raised", "caught", "price", "$ in", "$ out"),
    *("expected", "at most", "charged", "limit", "spent", "held", "left"),
}
WHOLE = {
    "quote",
    "job",
    "state",
    "vendor",
    "size",
    "shots of",
    "as of",
    "GREENLIGHT_MODEL",
}  # never broken

out = Console(markup=False, highlight=False, emoji=False)
err = Console(stderr=True, markup=False, highlight=False, emoji=False)


def document(value: Any) -> None:
    """One JSON document on stdout."""
    utf8 = (sys.stdout.encoding or "").casefold().replace("-", "") == "utf8"
    click.echo(json.dumps(value, indent=2, ensure_ascii=not utf8))


def say(text: str, style: str = "") -> None:
    out.print(Text(plain(text), style))


def stream(text: str) -> None:
    """A piece of a reply as it comes: lines stay lines, and nothing else moves the cursor."""
    click.echo("\n".join(plain_path(line) for line in text.split("\n")), nl=False)


def path_line(label: str, path: object) -> None:
    """A path in one piece, however narrow the terminal, so that it can be copied."""
    out.print(Text.assemble((f"{label} " if label else "", "dim"), plain(str(path))), soft_wrap=True)


def heading(text: str) -> None:
    out.print()
    out.print(Text(plain(text), "bold"))


def money(amount: object, *, play: bool) -> str:
    return f"${amount} of play money" if play else f"${amount}"


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="dim", pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        justify = "right" if column in NUMBERS else "left"
        table.add_column(column, justify=justify, no_wrap=column in NUMBERS | WHOLE, overflow="fold")
    return table


# --- what was read and planned ---


def profile(read: RepoProfile, seconds: float | None = None) -> None:
    counts = read.counts
    found = (
        (counts.files, "files"),
        (counts.classes, "classes"),
        (counts.functions, "functions"),
        (len(read.errors), "kinds of error"),
    )
    took = "" if seconds is None else f" in {seconds:.1f} s"
    out.print(Text(plain(read.name), "bold"))
    if read.purpose:
        say(shorten(plain(read.purpose), PURPOSE_CHARACTERS_MAX), "italic")
    say(" · ".join(f"{count:,} {what}" for count, what in found) + took)
    if read.themes:
        say(f"Themes: {', '.join(read.themes)}", "dim")
    for line in _about(read):
        say(line, "dim")
    if read.partial:
        say(f"Read in part: {read.partial}", "yellow")
    if read.redacted:
        say(f"{read.redacted} secrets were left out", "yellow")


def _about(read: RepoProfile) -> Iterator[str]:
    """What stands around the code, a line each, of what there is."""
    if read.licence:
        yield f"Licence: {read.licence}"
    if read.entry_points:
        yield f"Starts with: {', '.join(plain(one.name) for one in read.entry_points[:AROUND_MAX])}"
    if read.tests.files:
        yield f"Tests: {read.tests.files:,} files in {', '.join(map(plain, read.tests.folders))}"
    if read.dependencies:
        more = len(read.dependencies) - AROUND_MAX
        yield f"Needs: {', '.join(map(plain, read.dependencies[:AROUND_MAX]))}" + (
            f" and {more} more" if more > 0 else ""
        )
    if read.history:
        yield f"Lately: {read.history[0].day} {plain(read.history[0].subject)}"


def concepts(read: RepoProfile, count: int = 12) -> None:
    if read.concepts:
        table = _table("what", "name", "where")
        for each in read.concepts[:count]:
            table.add_row(each.kind, plain(each.name), _place(each.path, each.line))
        out.print(table)
    if read.errors:
        table = _table("error", "raised", "caught", "first")
        for each in read.errors[:count]:
            first = each.evidence[0] if each.evidence else None
            where = _place(first.path, first.line) if first else ""
            table.add_row(plain(each.name), str(each.raised), str(each.caught), where)
        out.print(table)


def _place(path: str, line: int) -> str:
    return f"{plain(path)}:{line}"


def shots(plan: ShotList) -> None:
    look = ", ".join(filter(None, (plan.style, plan.tone, plan.aspect_ratio)))
    heading(plan.title)
    say(f"{len(plan.shots)} shots, {plan.seconds} seconds · {look}")
    table = _table("#", "s", "what is seen", "from")
    table.columns[-1].max_width = PLACE_WIDTH_MAX
    for shot in plan.shots:
        where = _place(shot.evidence[0].path, shot.evidence[0].line) if shot.evidence else ""
        table.add_row(str(shot.shot_number), str(shot.duration), _seen(shot), Text(where, "cyan"))
    out.print(table)


def _seen(shot: Shot) -> Text:
    """What the camera sees, and below it what the title card says."""
    sentence, stop, _ = plain(shot.enhanced_prompt).partition(". ")
    seen = Text(shorten(sentence + stop.strip(), SENTENCE_CHARACTERS_MAX))
    if shot.title_card:
        seen.append(f"\n{plain(shot.title_card)}", "italic dim")
    return seen


# --- what it costs ---


def comparison(rows: Iterable[Mapping[str, Any]], refused: Iterable[Mapping[str, Any]]) -> None:
    """One line for each way to render, cheapest first, and why others cannot."""
    table = _table("vendor", "video model", "size", "expected", "at most")
    for row in rows:
        notes = ["play money"] if row["play_money"] else []
        notes += [] if row["ready"] else ["not set up here"]
        notes += [word for word in row.get("differs", row["notes"]) if word not in notes and "$" not in word]
        model = Text.assemble(row["model"], ("\n" + ", ".join(notes) if notes else "", "dim"))
        amounts = (f"${row['expected_usd']}", f"${row['ceiling_usd']}")
        table.add_row(row["provider"], model, row["resolution"], *amounts)
    if table.row_count:
        out.print(table)
    for each in refused:
        say(f"{each['provider']} {each['model']} cannot: {each['why']}", "dim")


def quote(offer: Quote) -> None:
    """An offer as a card: its lines, its two totals, what the budget is after it, until when it stands."""
    play = offer.play_money
    title = Text(
        " PLAY MONEY " if play else " REAL MONEY ", "bold black on yellow" if play else "bold white on red"
    )
    body = Group(_lines(offer), Text(), _totals(offer))
    out.print()
    out.print(Panel(body, title=title, title_align="left", box=ROUNDED, padding=(1, 2), expand=False))


def _lines(offer: Quote) -> RenderableType:
    table = _table("#", "s", "what is seen", "expected", "at most")
    for line in offer.lines:
        caption = shorten(plain(line.body["caption"] or line.body["prompt"]), 60)
        free = " (drawn here)" if line.drawn else " (yours already)" if line.reused_clip_id else ""
        name = Text(caption + free, "green" if free else "")
        table.add_row(str(line.n), str(line.seconds), name, f"${line.expected}", f"${line.ceiling}")
    return table


def _totals(offer: Quote) -> RenderableType:
    play, after = offer.play_money, offer.headroom_before - offer.ceiling
    told = Table.grid(padding=(0, 2))
    rows = (
        ("film", plain(offer.title)),
        (
            "vendor",
            f"{offer.offer.provider} {offer.offer.model}, {offer.offer.resolution}, {offer.aspect_ratio}"
            + (", a still picture of each shot" if offer.offer.kind == "image" else ""),
        ),
        ("expected", money(offer.expected, play=play)),
        ("at most", money(offer.ceiling, play=play)),
        ("budget", f"${offer.headroom_before} before, ${after} after" + (" (play money)" if play else "")),
        ("stands until", f"{offer.expires_at.astimezone():%H:%M:%S} ({offer.state})"),
        ("quote", offer.id),
        ("note", plain("; ".join(offer.notes))),
        ("warning", age_warning(offer.price_as_of, offer.issued_at.date()) or ""),
    )
    for label, value in ((label, value) for label, value in rows if value):
        told.add_row(Text(label, "dim"), Text(value, "bold" if label == "at most" else ""))
    return told


def quotes(found: Iterable[Quote]) -> None:
    table = _table("quote", "state", "film", "at most")
    for each in found:
        amount = f"${each.ceiling}" + (" play" if each.play_money else "")
        table.add_row(each.id, each.state, plain(each.title), amount)
    out.print(table if table.row_count else Text("No offers yet.", "dim"))


def jobs(found: Iterable[Job]) -> None:
    table = _table("job", "#", "state", "charged", "at most", "")
    for job in found:
        charged = "" if job.charged is None else f"${job.charged}"
        note = plain(job.error or ("play money" if job.play_money else ""))
        table.add_row(job.id, str(job.n), job.state, charged, f"${job.ceiling}", Text(note, "dim"))
    out.print(table)


def budgets(standing: Mapping[str, Budget]) -> None:
    names = {"month": "rendering", "play": "play money", "model": "language models"}
    table = _table("budget", "limit", "spent", "held", "left")
    for scope, each in standing.items():
        amounts = (each.limit, each.spent, each.held, each.headroom)
        table.add_row(names.get(scope, scope), *(f"${amount}" for amount in amounts))
    say(f"Budgets of {standing['month'].period}", "bold")
    out.print(table)
    for scope, each in standing.items():
        if each.frozen_reason:
            say(f"{names.get(scope, scope)} is frozen: {each.frozen_reason}", "bold red")


def receipt(bill: Mapping[str, Any]) -> None:
    """What was quoted beside what was charged, and the sum that proves it."""
    table = _table(
        "#",
        "s",
        "state",
        "expected",
        "at most",
        "charged",
        "by",
    )
    for line in bill["lines"]:
        charged = "open" if line["charged_usd"] is None else f"${line['charged_usd']}"
        amounts = (f"${line['expected_usd']}", f"${line['ceiling_usd']}", charged)
        source = line["charge_source"] or ""
        table.add_row(str(line["n"]), str(line["seconds"]), line["state"], *amounts, Text(source, "dim"))
    table.add_section()
    totals = tuple(f"${bill[name]}" for name in ("expected_usd", "ceiling_usd", "charged_usd"))
    table.add_row("", "", Text("together", "bold"), *totals, style="bold")
    out.print(table)
    late = f" + billed late ${bill['late_usd']}" if Money.usd(bill["late_usd"]) > ZERO else ""
    held = f"held ${bill['held_usd']}{late}"
    equation = f"{held} = charged ${bill['charged_usd']} + released ${bill['released_usd']}"
    if bill["balanced"]:
        say(f"{equation} ✓" + (" (play money)" if bill["play_money"] else ""), "green")
    elif not bill["open"]:
        say(f"{equation.replace('=', '≠')}: charged above what was held", "bold red")


def models(rows: Iterable[tuple[str, str, str, str, str]]) -> None:
    """Each row: its size, the model's string, dollars for a million tokens in and out, and what it needs."""
    table = _table("tier", "GREENLIGHT_MODEL", "$ in", "$ out", "key")
    for tier, model, taken, given, note in rows:
        table.add_row(tier, plain(model), taken, given, Text(note, "dim"))
    out.print(table)
