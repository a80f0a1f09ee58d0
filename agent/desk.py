"""The studio as one turn of one conversation sees it: who is asking, where, and what has been shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai import CustomEvent
from pydantic_ai.ui.vercel_ai.response_types import DataChunk

from agent.whole import whole
from tools import conversations, jobs, ledger, pictures, quotes, turns
from tools.clips import Clip
from tools.clock import period
from tools.errors import BudgetExceeded, Invalid, StudioError
from tools.estimate import Refusal
from tools.ledger import Wall
from tools.money import ZERO, Money, total
from tools.quotes import Quote
from tools.shots import Shot, ShotList
from tools.studio import Studio, check_pictures

TURN_MAX = Money.usd("2")  # for the language model, in one turn


@dataclass(eq=False)
class TurnTooDear(StudioError):
    """The language model has cost as much as one turn may."""

    limit: Money


@dataclass(kw_only=True)
class Shown(CustomEvent, name="shown"):
    """Something for the person's eyes that costs the model no tokens: one data part of the message."""

    part: str
    part_id: str | None
    body: dict[str, Any]

    def to_payload(self) -> DataChunk:
        return DataChunk(type=f"data-{self.part}", id=self.part_id, data=self.body)


@dataclass(frozen=True, slots=True)
class Used:
    """What one request to a language model used. `measured`: its maker said so. `priced`: somebody did."""

    input_tokens: int
    output_tokens: int
    cost: Money
    measured: bool = True
    priced: bool = True


@dataclass(frozen=True)
class Desk:
    studio: Studio
    owner: str
    chat_id: str
    used: list[Used] = field(default_factory=list[Used])  # by this turn, so far
    turn_id: str | None = None  # of the place that it has among all processes
    asking: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])  # what a stop ends

    async def plan(self) -> ShotList:
        """The conversation's plan; `Invalid` says how to get one."""
        shots = await self.planned()
        if shots is None:
            raise Invalid("plan", "there is no plan yet; plan_shots makes one from a brief or a repository")
        return shots

    async def planned(self) -> ShotList | None:
        """The conversation's plan; None before the first."""
        async with self.studio.database.reading() as connection:
            return await conversations.plan_of(connection, self.chat_id)

    async def keep(self, shots: ShotList, restores: int | None = None) -> int:
        """Keep the plan as a new version. An open offer was for the old one, so nobody can approve it any more."""
        now = self.studio.clock()
        async with self.studio.database.transaction() as connection:
            await turns.check(connection, self.chat_id, self.turn_id)
            await check_pictures(connection, shots, self.owner)
            await quotes.supersede(connection, self.chat_id, by=self.owner, at=now)
            return await conversations.keep_plan(connection, self.chat_id, shots, now, restores)

    async def before(self, version: int | None = None) -> tuple[int | None, ShotList]:
        """The version of the plan that an undo goes back to, or the one that was named, which is a change like others."""
        async with self.studio.database.reading() as connection:
            if version is None:
                return await conversations.plan_before(connection, self.chat_id)
            return None, await conversations.plan_at(connection, self.chat_id, version)

    async def offer_of_call(self, tool_call_id: str) -> Quote | None:
        async with self.studio.database.reading() as connection:
            return await quotes.of_call(connection, self.chat_id, tool_call_id)

    async def jobs(self) -> list[jobs.Job]:
        """The jobs of this conversation's approved offers, newest offer first."""
        async with self.studio.database.reading() as connection:
            mine = [
                q for q in await quotes.recent(connection, self.owner) if q.conversation_id == self.chat_id
            ]
            approved = [q.id for q in mine if q.state == "approved"]
            return [job for quote_id in approved for job in await jobs.of_quote(connection, quote_id)]

    @property
    def wall(self) -> Wall:
        return Wall("model", self.studio.config.limits.model)

    async def afford(self, asked: Money = ZERO) -> None:
        """Language models have a budget of their own: none is asked unless something is left of it, and of the turn's.

        With `asked`, as much as that is left.
        """
        cost = total(each.cost for each in self.used)
        if cost >= TURN_MAX or cost + asked > TURN_MAX:
            raise TurnTooDear(TURN_MAX)
        async with self.studio.database.reading() as connection:
            standing = await ledger.read(connection, self.wall, period(self.studio.clock()))
        if standing.headroom <= ZERO or standing.headroom < asked:
            raise BudgetExceeded(self.wall.scope, asked, standing.headroom)

    async def spend(self, used: Used) -> None:
        """On record as soon as it is known, so that a turn that fails later has still been counted."""
        self.used.append(used)
        if used.cost > ZERO:
            await whole(self._record(used))

    def stop(self) -> None:
        """End what is being asked of a language model inside a tool; what was heard is counted."""
        for end in self.asking:
            end()

    async def _record(self, used: Used) -> None:
        now = self.studio.clock()
        async with self.studio.database.transaction() as connection:
            await ledger.spend(
                connection,
                self.wall,
                used.cost,
                period=period(now),
                principal=self.owner,
                subject=self.chat_id,
                at=now,
            )


def shots_part(shots: ShotList, version: int) -> Shown:
    told = shots.model_dump(mode="json", exclude={"brief", "shots"})
    told["shots"] = [
        shot.model_dump(mode="json") | {"pictures": pictures.shown(shot.reference_images)}
        for shot in shots.shots
    ]
    return Shown(part="shots", part_id="shots", body=told | {"version": version, "seconds": shots.seconds})


def planning_part(call: str | None, model: str, most: Money) -> Shown:
    """What each try at a draft may cost, before it is asked for. The answer of the tool's call says what it did cost."""
    return Shown(part="planning", part_id=f"planning-{call}", body={"model": model, "most_usd": str(most)})


def preview_part(shot: Shot, clip: Clip) -> Shown:
    body = {"shot_id": shot.shot_id, "n": shot.shot_number, "clip": clip.to_json()}
    return Shown(part="clip", part_id=f"preview-{shot.shot_id}", body=body)


def film_part(clip: Clip) -> Shown:
    return Shown(part="film", part_id=f"film-{clip.id}", body=clip.to_json())


def estimate_part(rows: list[dict[str, Any]], refused: list[Refusal]) -> Shown:
    refusals = [{"provider": r.offer.provider, "model": r.offer.model, "why": r.why} for r in refused]
    return Shown(part="estimate", part_id="estimate", body={"rows": rows, "refused": refusals})
