"""Estimates side by side: who can render the list, for how much, and what differs between them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from tools.errors import CannotRender, Invalid, NoPrice
from tools.estimate.lines import NOTHING, Estimate, Offer, Take, estimate
from tools.money import ZERO, Money
from tools.prices import PriceBook
from tools.shots import ShotList

LINES = {"2k": 1440, "4k": 2160, "8k": 4320}

Order = Literal["cheapest", "sharpest"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a vendor's model has no place in the comparison."""

    offer: Offer
    why: str


@dataclass(frozen=True, slots=True)
class Wants:
    """What a person asked of the table. What they did not say does not matter."""

    order: Order = "cheapest"
    sound: bool = False
    resolution: str | None = None
    seconds_max: int | None = None
    limit: Money | None = None


def compare(
    shots: ShotList,
    offers: Iterable[Offer],
    book: PriceBook,
    today: date,
    kept: Mapping[int, Take] = NOTHING,
) -> tuple[list[Estimate], list[Refusal]]:
    """One estimate per offer that can render the list, cheapest first, and why the others cannot."""
    able: list[Estimate] = []
    unable: list[Refusal] = []
    for offer in offers:
        try:
            able.append(estimate(shots, offer, book, today, kept=kept))
        except (NoPrice, CannotRender) as error:
            unable.append(Refusal(offer, error.why))
    return sorted(able, key=lambda each: (each.expected, each.offer.provider, each.offer.model)), unable


ORDERS: dict[str, Order] = {"cheapest": "cheapest", "sharpest": "sharpest"}
ORDER = re.compile(r"(cheapest|sharpest)(?: first)?")
SOUND = re.compile(r"with (?:sound|audio)")
SIZE = re.compile(r"(?:in |at )?(\d{3,4}p|[248]k)")
LENGTH = re.compile(r"(?:under|within|at most) (\d{1,4}) ?(s|sec|seconds?|min|minutes?)")
LIMIT = re.compile(r"(?:under|within|at most) \$ ?(\d{1,7}(?:\.\d{1,6})?)")


def read_wants(text: str) -> Wants:
    """Read "cheapest first, with sound, under 2 minutes"; `Invalid` names what it could not read."""
    wants = Wants()
    for phrase in filter(None, (part.strip() for part in re.split(r",|;|\band\b", text.lower()))):
        wants = _with(wants, phrase)
    return wants


def _with(wants: Wants, phrase: str) -> Wants:
    if found := ORDER.fullmatch(phrase):
        return replace(wants, order=ORDERS[found[1]])
    if SOUND.fullmatch(phrase):
        return replace(wants, sound=True)
    if found := SIZE.fullmatch(phrase):
        return replace(wants, resolution=found[1])
    if found := LENGTH.fullmatch(phrase):
        return replace(wants, seconds_max=int(found[1]) * (60 if found[2].startswith("m") else 1))
    if found := LIMIT.fullmatch(phrase):
        return replace(wants, limit=Money.usd(found[1]))
    raise Invalid(
        "want",
        f"{phrase!r} is not understood; say cheapest first, sharpest first, with sound, 1080p, "
        "under 2 minutes or under $5, with commas between them",
    )


def read_limit(text: str) -> Money:
    """Read "$2.50"; `Invalid` says what is wrong with it."""
    try:
        limit = Money.usd(text.strip().removeprefix("$"))
    except ValueError as error:
        raise Invalid("limit_usd", str(error)) from None
    if limit < ZERO:
        raise Invalid("limit_usd", "cannot be negative")
    return limit


def narrowed(
    able: Sequence[Estimate], unable: Sequence[Refusal], wants: Wants
) -> tuple[list[Estimate], list[Refusal]]:
    """Those that are as wanted, in the wanted order, and why the others are not."""
    kept: list[Estimate] = []
    refused = list(unable)
    for each in able:
        why = _too_much(each, wants)
        if why is None:
            kept.append(each)
        else:
            refused.append(Refusal(each.offer, why))
    if wants.order == "sharpest":
        kept.sort(key=lambda each: -lines_of(each.offer.resolution))
    return kept, refused


def _too_much(each: Estimate, wants: Wants) -> str | None:
    if wants.seconds_max is not None and each.seconds > wants.seconds_max:
        return f"the film would be {each.seconds} s, not {wants.seconds_max} s"
    if wants.limit is not None and each.ceiling > wants.limit:
        return f"it costs up to ${each.ceiling}, not ${wants.limit}"
    return None


def shortened(
    able: Sequence[Estimate], unable: Sequence[Refusal], ready: Collection[str]
) -> tuple[list[Estimate], list[Refusal]]:
    """Every model of the vendors that are `ready`, and the best of each other vendor.

    Why others cannot matters for those that are ready, and where nobody can.
    """
    best = {each.offer.provider: each for each in reversed(able)}
    kept = [each for each in able if each.offer.provider in ready or each is best[each.offer.provider]]
    known = [each for each in unable if each.offer.provider in ready]
    return kept, known if kept else list(unable)


def lines_of(resolution: str) -> int:
    """How sharp a picture is, in lines; 0 where its name does not say."""
    name = resolution.lower()
    found = re.match(r"(\d{3,4})p", name)
    return int(found[1]) if found else LINES.get(name, 0)


def differs(each: Estimate, first: Estimate) -> tuple[str, ...]:
    """What distinguishes an estimate from the first of its table, in words."""
    words = list(each.notes)
    if each.sound is not None and (each is first or each.sound != first.sound):
        words.insert(0, "with sound" if each.sound else "silent")
    if each.offer.resolution != first.offer.resolution:
        words.insert(0, f"{each.offer.resolution} instead of {first.offer.resolution}")
    if each.play_money != first.play_money:
        words.insert(0, "play money" if each.play_money else "real money")
    elif each.expected != first.expected:
        more = each.expected > first.expected
        by = each.expected - first.expected if more else first.expected - each.expected
        words.insert(0, f"${by} {'more' if more else 'less'}")
    return tuple(words)
