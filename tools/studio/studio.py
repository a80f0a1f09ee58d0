"""Reading, pricing, offering and drawing: what may be done without anybody's approval."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from tools import ledger, quotes, render, story
from tools.budget import Budget
from tools.clips import Clip
from tools.clock import Clock, period
from tools.db import Database
from tools.errors import CannotRender, Invalid, NoPrice
from tools.estimate import (
    NOTHING,
    Estimate,
    Offer,
    Plan,
    Refusal,
    Take,
    Wants,
    as_sold,
    being_made,
    compare,
    differs,
    estimate,
    narrowed,
    offers_like,
    plans_within,
    shortened,
    sold_seconds,
)
from tools.ids import TakeId
from tools.ledger import Wall
from tools.money import ZERO, Money
from tools.prices import Kind, PriceBook
from tools.providers.base import Picture
from tools.quotes import Quote, Terms
from tools.render import Kit
from tools.repo import Cache, RepoProfile
from tools.repo.source import read_source, source_of
from tools.repo.uploads import folder_of
from tools.shots import Only, Shot, ShotList
from tools.story import Library
from tools.studio.config import Config
from tools.studio.lengths import Lengths
from tools.studio.pictures import gather, looking, overlooked
from tools.studio.plans import read_plan
from tools.studio.vendors import prices_now

READINGS = "readings"  # what was found in repositories, for the next look
DRAWN = Offer("animatic", "animatic", "360p")
ANYTHING = Wants()
MODERATED = "what its moderation stops is charged in full"
MAKERS: Mapping[Kind, str] = {
    "image": "OPENROUTER_API_KEY, or GREENLIGHT_IMAGES_BASE_URL with a price row of your own, sets up who makes stills",
    "speech": "OPENROUTER_API_KEY, ELEVENLABS_API_KEY or GREENLIGHT_SPEECH_BASE_URL sets up who speaks",
}


@dataclass(frozen=True, slots=True)
class Studio:
    config: Config
    kit: Kit
    book: PriceBook
    clock: Clock

    @property
    def database(self) -> Database:
        return self.kit.database

    @property
    def books(self) -> Library:
        """The story library of the house, with the metaphors that were set before its own."""
        return story.extend(story.library(), self.config.metaphors)

    # --- looking ---

    async def scan(
        self, said: str, on_file: Callable[[int], None] | None = None, *, owner: str | None = None
    ) -> RepoProfile:
        """Read a folder, an archive, an address or an owner's upload; `Invalid` says what may be read."""
        uploads = None if owner is None else self.uploads(owner)
        source = source_of(said, self.config.repo_roots, self.config.here, uploads=uploads)
        cache = Cache(self.config.data_dir / READINGS)
        return await anyio.to_thread.run_sync(lambda: read_source(source, on_file=on_file, cache=cache))

    async def open_plan(self, said: str) -> ShotList:
        """Read a shots file in a folder that may be read."""
        roots, here = self.config.repo_roots, self.config.here
        return await anyio.to_thread.run_sync(lambda: read_plan(said, roots, here))

    def uploads(self, owner: str) -> Path:
        return folder_of(self.config.data_dir, owner)

    # --- pricing ---

    @property
    def prices(self) -> PriceBook:
        return prices_now(self.config, self.book, self.clock)

    @property
    def lengths(self) -> Lengths:
        """How long shots may be planned, by the prices of today."""
        return Lengths(self.prices, self.clock().date(), self.config.provider)

    def default_offer(self, kind: Kind = "video") -> Offer:
        return self.offer(self.usual(kind), kind=kind)

    def usual(self, kind: Kind) -> str:
        """Who makes work of this kind where nobody says who; `Invalid` tells how to set somebody up."""
        if kind == "video":
            return self.config.provider
        able = [
            name
            for name, vendor in self.kit.providers.items()
            if any(model.kind == kind for model in vendor.models)
        ]
        if not able:
            raise Invalid("provider", f"nobody is set up here for this; {MAKERS[kind]}")
        return self.config.provider if self.config.provider in able else able[0]

    def offer(
        self,
        provider: str,
        model: str | None = None,
        resolution: str | None = None,
        *,
        audio: bool = False,
        kind: Kind = "video",
    ) -> Offer:
        """Fill in what was not said with the first the price book knows; `Invalid` names what there is."""
        return self._offer(self.prices, provider, model, resolution, audio=audio, kind=kind)

    def _offer(
        self,
        book: PriceBook,
        provider: str,
        model: str | None,
        resolution: str | None,
        *,
        audio: bool,
        kind: Kind = "video",
    ) -> Offer:
        models = [name for _, name in book.models(provider, kind)]
        if not models and provider in self.kit.providers:
            raise NoPrice("model", f"{provider} is set up, but no model of it has a price")
        if not models:
            known = dict.fromkeys(name for name, _ in book.models(kind=kind))
            raise Invalid("provider", f"{provider!r} has no prices; there are {', '.join(known)}")
        chosen = model or models[0]
        if chosen not in models:
            raise NoPrice(
                "model", f"{provider} has no priced model {chosen!r}; there are {', '.join(models)}"
            )
        rows = book.of(provider, chosen, kind)
        offered = [row.resolution for row in rows if row.resolution]
        default = "720p" if "720p" in offered or not offered else offered[0]
        return Offer(provider, chosen, resolution or default, audio, kind)

    def every_offer(
        self, resolution: str | None = None, *, audio: bool = False, kind: Kind = "video"
    ) -> list[Offer]:
        """One for each model that has a price, whether or not its vendor is set up here."""
        book = self.prices
        return [
            self._offer(book, provider, model, resolution, audio=audio, kind=kind)
            for provider, model in book.models(kind=kind)
            if provider != "animatic"
        ]

    async def kept(self, shots: ShotList, owner: str, only: Only) -> Mapping[int, Take]:
        """How the others stay where `only` these shots are rendered: as they were, or as the animatic draws them.

        "rest" are the shots without a take; where none has one, nothing stays.
        """
        if only is None:
            return NOTHING
        numbers = {shot.shot_number for shot in shots.shots}
        if only != "rest" and (not only or not numbers.issuperset(only)):
            raise Invalid("only", f"name shots by number; there are shots 1 to {len(numbers)}")
        async with self.database.reading() as connection:
            found = await quotes.takes(connection, owner, shots, self.kit.shelf.has, self._fits(shots))
            if only == "rest":
                return _but_the_rest(numbers, found, await quotes.under_way(connection, owner, shots))
        return {
            shot.shot_number: found.get(shot.shot_number, Take(None, DRAWN, shot.duration))
            for shot in shots.shots
            if shot.shot_number not in only
        }

    def _fits(self, shots: ShotList) -> Callable[[Take, Shot], bool]:
        """Is a take as long as its shot is planned, or as its model sells that, where it is still sold?"""
        book, today = self.prices, self.clock().date()

        def fits(take: Take, shot: Shot) -> bool:
            sold = sold_seconds(shot, take.offer, shots.aspect_ratio, book, today)
            return take.seconds in (shot.duration, sold) or (sold is None and take.seconds > shot.duration)

        return fits

    async def estimate(self, shots: ShotList, offer: Offer, owner: str, only: Only = None) -> Estimate:
        """Price a list, or `only` these shots of it, with what the owner has already paid for at $0."""
        book, today = self.prices, self.clock().date()
        kept = await self.kept(shots, owner, only)
        sold = as_sold(shots, offer, book, today, kept)
        async with self.database.reading() as connection:
            owned = await quotes.owned_clips(connection, owner, sold, offer, self.kit.shelf.has)
            busy = await quotes.under_way(connection, owner, shots)
        priced = self._noted(estimate(shots, offer, book, today, owned=owned, kept=kept))
        return replace(priced, notes=(*priced.notes, *being_made(busy)))

    def compare(
        self,
        shots: ShotList,
        offers: Sequence[Offer],
        wants: Wants = ANYTHING,
        kept: Mapping[int, Take] = NOTHING,
    ) -> tuple[list[Estimate], list[Refusal]]:
        """Every model of the vendors that are set up here, and the best of each other vendor."""
        able, unable = compare(shots, offers, self.prices, self.clock().date(), kept)
        able, blind = looking(able, self.kit.providers)
        noted = [self._noted(each) for each in able]
        return shortened(*narrowed(noted, [*unable, *blind], wants), self.kit.providers)

    def _noted(self, priced: Estimate) -> Estimate:
        """With what a person should know about the vendor, beside what its prices tell."""
        vendor = self.kit.providers.get(priced.offer.provider)
        if vendor is None or not vendor.capabilities.bills_moderated:
            return priced
        return replace(priced, notes=(*priced.notes, MODERATED))

    def table(
        self,
        shots: ShotList,
        wants: Wants = ANYTHING,
        kind: Kind = "video",
        kept: Mapping[int, Take] = NOTHING,
    ) -> dict[str, Any]:
        """Who can render the list as wanted, in the wanted order, what differs, and why others cannot."""
        offers = self.every_offer(wants.resolution, audio=wants.sound, kind=kind)
        able, unable = self.compare(shots, offers, wants, kept)
        return {
            "rows": [self.row(each) | {"differs": list(differs(each, able[0]))} for each in able],
            "refused": [{"provider": r.offer.provider, "model": r.offer.model, "why": r.why} for r in unable],
        }

    async def plans(
        self, shots: ShotList, limit: Money, owner: str, chosen: Offer | None = None
    ) -> list[Plan]:
        """Ways to make the film for at most `limit`, with those who are set up here and want to be paid.

        Where none keeps every shot that the film needs, any of them may go.
        """
        async with self.database.reading() as connection:
            owned = await quotes.owned_work(connection, owner, self.kit.shelf.has)
        book, chosen = self.prices, chosen or self.default_offer()
        paid = [name for name, vendor in self.kit.providers.items() if not vendor.capabilities.free]
        within = partial(
            plans_within,
            limit,
            shots,
            [
                offer
                for offer in offers_like(chosen, book, paid)
                if self._is_ready(offer) and overlooked(offer, shots.shots, self.kit.providers) is None
            ],
            book,
            self.clock().date(),
            chosen=chosen,
            owned=lambda offer, shot: owned.get(quotes.work_of(shot, offer, shots.aspect_ratio)),
        )
        found = within() or within(any_may_go=True)
        return [replace(each, priced=self._noted(each.priced)) for each in found]

    def row(self, priced: Estimate, *, lines: bool = False) -> dict[str, Any]:
        """An estimate as JSON; `ready` says whether its vendor is set up here, and can be asked for it."""
        row = priced.to_json() | {"ready": self._is_ready(priced.offer)}
        return row if lines else {name: value for name, value in row.items() if name != "lines"}

    def _is_ready(self, offer: Offer) -> bool:
        """A model may have a price, and nobody here who knows how to ask for it."""
        vendor = self.kit.providers.get(offer.provider)
        return vendor is not None and (offer.model, offer.kind) in {
            (model.name, model.kind) for model in vendor.models
        }

    # --- offering ---

    async def quote(
        self,
        shots: ShotList,
        offer: Offer,
        *,
        owner: str,
        project: str = "default",
        conversation_id: str | None = None,
        tool_call_id: str | None = None,
        only: Only = None,
    ) -> Quote:
        """Make an exact offer of a vendor that is set up here: for a film, or for `only` these shots of it."""
        if offer.provider not in self.kit.providers:
            ready = ", ".join(sorted(self.kit.providers))
            raise Invalid("provider", f"{offer.provider!r} is not set up here; these are: {ready}")
        priced = await self.estimate(shots, offer, owner, only)
        self._check_billable(priced)
        asked = shots.model_copy(update={"shots": [line.shot for line in priced.made]})
        self._check_possible(priced, await gather(self.kit, asked, owner))
        priced = await self._drawn(shots, priced, owner)
        now = self.clock()
        async with self.database.transaction() as connection:
            walls = self.config.limits.walls(project, owner, play_money=priced.play_money)
            standing = [await ledger.read(connection, wall, period(now)) for wall in walls]
            terms = Terms(
                owner=owner,
                title=shots.title,
                headroom=min(budget.headroom for budget in standing),
                issued_at=now,
                life=self.config.quote_life,
                project=project,
                conversation_id=conversation_id,
                tool_call_id=tool_call_id,
            )
            return await quotes.issue(connection, priced, terms)

    async def _drawn(self, shots: ShotList, priced: Estimate, owner: str) -> Estimate:
        """With a drawing for every shot that is neither made nor there."""
        lines = [
            replace(line, reused_clip_id=(await self.preview(shots, line.shot, owner)).id)
            if line.reused_clip_id is None and line.offer != priced.offer
            else line
            for line in priced.lines
        ]
        return replace(priced, lines=tuple(lines))

    def _check_billable(self, priced: Estimate) -> None:
        """A vendor that bills cannot be quoted at $0: there would be no hold to charge it to."""
        free = self.kit.providers[priced.offer.provider].capabilities.free
        if not free and any(line.unit == ZERO for line in priced.made):
            raise NoPrice("model", f"{priced.offer.model} has a price of $0, but its vendor bills")

    def _check_possible(self, priced: Estimate, pictures: Mapping[str, Picture]) -> None:
        """What the vendor would refuse is not offered: nobody should approve it for nothing."""
        vendor = self.kit.providers[priced.offer.provider]
        for line in priced.made:
            body = quotes.request_body(line.shot, priced.offer, priced.aspect_ratio)
            why = vendor.objection(render.request_from(body, TakeId("take_quoted"), line.n, pictures))
            if why is not None:
                raise CannotRender(f"shot {line.n}", why)

    # --- drawing, for nothing ---

    async def preview(self, shots: ShotList, shot: Shot, owner: str) -> Clip:
        body = quotes.request_body(shot, DRAWN, shots.aspect_ratio)
        request = render.request_from(body, TakeId(f"take_{secrets.token_hex(8)}"), shot.shot_number)
        return await render.preview(self.kit, owner, request)

    # --- money as it stands ---

    async def budgets(self) -> dict[str, Budget]:
        """`month`, `play` and `model` as they stand now."""
        limits, now = self.config.limits, period(self.clock())
        walls = (Wall("month", limits.month), Wall("play", limits.play), Wall("model", limits.model))
        async with self.database.reading() as connection:
            return {wall.scope: await ledger.read(connection, wall, now) for wall in walls}


def _but_the_rest(
    numbers: Collection[int], found: Mapping[int, Take], busy: Mapping[int, str]
) -> Mapping[int, Take]:
    """The takes that there are; `Invalid` where nothing is left, or nobody knows yet what is."""
    if unsure := {n: how for n, how in busy.items() if n not in found}:
        raise Invalid("only", f"{'; '.join(being_made(unsure))}: ask for the rest once that is done")
    if len(found) == len(numbers):
        raise Invalid("only", "every shot has a take already; name those that shall have another")
    return found
