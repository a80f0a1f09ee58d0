"""Make it under a limit: up to three plans, each the best there is by another measure.

What can give is the length of each shot, the resolution, the model, and shots that are marked
as optional; clips that are owned already cost nothing. A plan is priced as its quote will be, so
its ceiling is never above the limit.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Literal, assert_never

from tools.errors import CannotRender, NoPrice
from tools.estimate.lines import Estimate, Offer, ask_for, ceiling_of, estimate, source_of
from tools.estimate.table import lines_of
from tools.estimate.ways import Choice, Score, Way, best, bound
from tools.money import Money
from tools.prices import Ask, Input, PriceBook
from tools.shots import Shot, ShotList, is_locked, shots_in_words

SHOT_SECONDS_MIN = 3

Aim = Literal["longest", "as chosen", "cheapest"]
Owned = Callable[[Offer, Shot], str | None]
Key = tuple[Any, ...]

IN_WORDS: dict[Aim, str] = {
    "longest": "keeps as much of the film as there is money for",
    "as chosen": "keeps the picture and the model you chose",
    "cheapest": "costs least of those that keep as much of the film",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A version of the film within the limit. `left_out` are numbers of the list it was made from."""

    aim: Aim
    shots: ShotList
    priced: Estimate
    left_out: tuple[int, ...]
    gives_up: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "aim": self.aim,
            "why": IN_WORDS[self.aim],
            "gives_up": list(self.gives_up),
            "left_out": list(self.left_out),
            "reused": sum(line.reused_clip_id is not None for line in self.priced.lines),
            "estimate": self.priced.to_json(),
            "shots": self.shots.model_dump(mode="json"),
        }


def is_optional(shot: Shot) -> bool:
    """A shots file may mark a shot with `"optional": true`."""
    return (shot.model_extra or {}).get("optional") is True


def offers_like(chosen: Offer, book: PriceBook, ready: Collection[str]) -> list[Offer]:
    """Every model and resolution of the `ready` vendors that is paid in the chosen one's kind of money."""
    play = {row.play_money for row in book.of(chosen.provider, chosen.model)}
    offers = (
        Offer(row.provider, row.model, row.resolution or chosen.resolution, chosen.audio)
        for row in book.rows
        if row.kind == "video" and row.play_money in play and row.provider in ready
    )
    return list(dict.fromkeys(offers))


def plans_within(
    limit: Money,
    shots: ShotList,
    offers: Sequence[Offer],
    book: PriceBook,
    today: date,
    *,
    chosen: Offer | None = None,
    owned: Owned = lambda _offer, _shot: None,
    any_may_go: bool = False,
) -> list[Plan]:
    """Up to three plans that cost at most `limit`; none where nothing does.

    With `any_may_go` every shot may be left out, not only those that are marked as optional; one stays.

    `chosen` is what the person would have: its picture and its model are what a plan may give up.
    `owned` knows the clip that an offer's exact work on a shot left before.
    """
    if not offers:
        return []
    wanted = chosen or max(offers, key=lambda offer: lines_of(offer.resolution))
    menus = {offer: _menus(shots, offer, book, today, owned, any_may_go=any_may_go) for offer in offers}
    bounds = {offer: least for offer in menus if (least := bound(menus[offer], limit.micros)) is not None}

    @cache
    def way_of(offer: Offer) -> Way:
        return best(menus[offer], limit.micros)

    plans: list[Plan] = []
    for aim in IN_WORDS:
        found = _best_offer(bounds, way_of, _key(aim, wanted))
        if found is None:
            return []
        plan = _plan(aim, shots, found, way_of(found), wanted=wanted, book=book, today=today)
        if all((plan.priced.offer, plan.shots) != (each.priced.offer, each.shots) for each in plans):
            plans.append(plan)
    return plans


def _key(aim: Aim, wanted: Offer) -> Callable[[Offer, Score], Key]:
    """What is less is better. The names come last, so that equal plans have one order."""

    def key(offer: Offer, score: Score) -> Key:
        dropped, lost, ceiling = score
        picture = _picture_lost(offer, wanted)
        name = (offer.provider, offer.model, offer.resolution, offer.audio)
        match aim:
            case "longest":
                return (dropped, lost, picture, ceiling, name)
            case "as chosen":
                return (picture, dropped, lost, ceiling, name)
            case "cheapest":
                return (dropped, lost, ceiling, picture, name)
            case _:
                assert_never(aim)

    return key


def _picture_lost(offer: Offer, wanted: Offer) -> tuple[int, bool]:
    """How many lines fewer than wanted, and whether another model draws them."""
    fewer = max(lines_of(wanted.resolution) - lines_of(offer.resolution), 0)
    return fewer, (offer.provider, offer.model) != (wanted.provider, wanted.model)


def _best_offer(
    bounds: Mapping[Offer, Score], way_of: Callable[[Offer], Way], key: Callable[[Offer, Score], Key]
) -> Offer | None:
    """The offer with the best way. Those that could not be better than one found are not worked out."""
    found: tuple[Key, Offer] | None = None
    for promise, offer in sorted(((key(offer, least), offer) for offer, least in bounds.items()), key=_first):
        if found is not None and promise >= found[0]:
            break
        reached = key(offer, way_of(offer).score), offer
        found = reached if found is None else min(found, reached, key=_first)
    return None if found is None else found[1]


def _first(pair: tuple[Key, Offer]) -> Key:
    return pair[0]


def _menus(
    shots: ShotList, offer: Offer, book: PriceBook, today: date, owned: Owned, *, any_may_go: bool
) -> list[list[Choice]]:
    """What can be chosen for each shot; nothing for one that can neither be made nor left out."""

    @cache
    def lengths(asked: int, source: Input) -> list[tuple[int, int]]:
        return list(_lengths(ask_for(offer, asked, shots.aspect_ratio, source), book, today))

    menus = [list(_menu(shot, offer, lengths(shot.duration, source_of(shot)), owned)) for shot in shots.shots]
    for shot, menu in zip(shots.shots, menus, strict=True):
        if not is_locked(shot) and (any_may_go or is_optional(shot)):
            menu.append(Choice(0, shot.duration, 0))
    return menus


def _menu(shot: Shot, offer: Offer, lengths: Sequence[tuple[int, int]], owned: Owned) -> Iterator[Choice]:
    for seconds, ceiling in lengths:
        if is_locked(shot) and seconds < shot.duration:
            continue
        clip = owned(offer, _lasting(shot, seconds))
        yield Choice(seconds, max(shot.duration - seconds, 0), 0 if clip else ceiling, clip)


def _lengths(ask: Ask, book: PriceBook, today: date) -> Iterator[tuple[int, int]]:
    """Every length from the shortest that is still a shot up to the one that would be sold, and its ceiling."""
    for seconds in range(min(ask.seconds, SHOT_SECONDS_MIN), ask.seconds):
        with suppress(NoPrice, CannotRender):
            row = book.find(replace(ask, seconds=seconds), today)
            yield seconds, ceiling_of(row.charge(seconds)).micros
    with suppress(NoPrice, CannotRender):
        row, seconds = book.sell(ask, today)
        yield seconds, ceiling_of(row.charge(seconds)).micros


def _lasting(shot: Shot, seconds: int) -> Shot:
    return shot if shot.duration == seconds else shot.model_copy(update={"duration": seconds})


def _plan(
    aim: Aim,
    shots: ShotList,
    offer: Offer,
    way: Way,
    *,
    wanted: Offer,
    book: PriceBook,
    today: date,
) -> Plan:
    """The way as a list of its own, numbered anew and priced as its quote will be."""
    pairs = list(zip(shots.shots, way.choices, strict=True))
    made = [(shot, choice) for shot, choice in pairs if choice.seconds]
    version = shots.with_shots([_lasting(shot, choice.seconds) for shot, choice in made])
    owned = {n: choice.clip_id for n, (_, choice) in enumerate(made, 1) if choice.clip_id}
    return Plan(
        aim=aim,
        shots=version,
        priced=estimate(version, offer, book, today, owned=owned),
        left_out=tuple(shot.shot_number for shot, choice in pairs if choice.dropped),
        gives_up=tuple(_gives_up(pairs, offer, wanted)),
    )


def _gives_up(pairs: Sequence[tuple[Shot, Choice]], offer: Offer, wanted: Offer) -> Iterator[str]:
    """In words, the dearest loss first."""
    if gone := [shot.shot_number for shot, choice in pairs if choice.dropped]:
        yield f"{shots_in_words(gone)} {'is' if len(gone) == 1 else 'are'} left out"
    if shorter := [shot.shot_number for shot, choice in pairs if choice.seconds and choice.lost]:
        lost = sum(choice.lost for _, choice in pairs if choice.seconds)
        planned = sum(shot.duration for shot, _ in pairs)
        yield f"{lost} of {planned} seconds: {shots_in_words(shorter)} {'is' if len(shorter) == 1 else 'are'} shorter"
    if lines_of(offer.resolution) < lines_of(wanted.resolution):
        yield f"{offer.resolution} instead of {wanted.resolution}"
    if (offer.provider, offer.model) != (wanted.provider, wanted.model):
        yield f"{offer.model} by {offer.provider} instead of {wanted.model} by {wanted.provider}"
