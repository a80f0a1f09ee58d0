"""All that the model may do: what it plans with, and here on one page what comes after the plan.

Each docstring is written for the model. Nothing here spends. `generate_video` writes an offer down
and stops; the answer comes from a person, by a way that this package cannot reach, and all a
second look finds is what was answered.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic_ai import ApprovalRequired, FunctionToolset, RunContext, ToolFailed
from pydantic_ai.toolsets import ToolsetTool, WrapperToolset

from agent.desk import Desk, estimate_part, film_part, preview_part
from agent.drafting import (
    Ctx,
    attach_picture,
    edit_shots,
    list_choices,
    open_plan,
    plan_shots,
    scan_repo,
    show_plan,
)
from agent.edits import edits_to
from agent.whole import whole
from agent.words import count, told
from tools import clips, estimate, film, jobs, render
from tools.errors import Invalid, StudioError
from tools.prices import Kind
from tools.shots import ShotList

PREVIEWS_AT_ONCE = 12


async def preview_animatic(ctx: Ctx, shots: list[int] | None = None) -> dict[str, Any]:
    """Draw a free preview of the plan on this machine, or only of the shots with these numbers.

    It costs nothing and needs no approval. The person sees the pictures; you get a count.
    """
    desk = ctx.deps
    plan = await desk.plan()
    chosen = [s for s in plan.shots if shots is None or s.shot_number in shots][:PREVIEWS_AT_ONCE]
    if not chosen:
        raise Invalid("shots", f"there are shots 1 to {len(plan.shots)}")
    for shot in chosen:
        clip = await desk.studio.preview(plan, shot, desk.owner)
        await ctx.emit(preview_part(shot, clip))
    return {"summary": f"Drew {count(len(chosen), 'free preview')}", "previews": len(chosen)}


async def estimate_cost(
    ctx: Ctx,
    *,
    provider: str | None = None,
    model: str | None = None,
    resolution: str | None = None,
    audio: bool = False,
    stills: bool = False,
    only: list[int] | Literal["rest"] | None = None,
    limit_usd: str | None = None,
) -> dict[str, Any]:
    """Compare what the plan would cost, cheapest first: with every vendor, or with one.

    With `stills` it is a film of one still picture a shot, which costs less than clips. With `only` some
    shots, by number, or the "rest" that was not rendered yet, these are rendered anew and the others stay as
    they were rendered before. With `limit_usd` ("2.50") the answer also names the longest version of the film
    that stays within it, and up to three plans with what each gives up. An estimate is free and promises
    nothing; only an offer does.
    Never state an amount that is not in a tool's answer.
    """
    desk, studio = ctx.deps, ctx.deps.studio
    plan, kind = await desk.plan(), _kind(stills=stills)
    if stills and limit_usd is not None:
        raise Invalid("limit_usd", "plans within a limit are made for clips, not for stills")
    if only is not None and limit_usd is not None:
        raise Invalid("limit_usd", "plans within a limit are made for the whole film, not for some shots")
    offers = (
        [studio.offer(provider, model, resolution, audio=audio, kind=kind)]
        if provider is not None
        else studio.every_offer(resolution, audio=audio, kind=kind)
    )
    kept = await studio.kept(plan, desk.owner, only)
    able, refused = studio.compare(plan, offers, kept=kept)
    rows = [studio.row(each) | {"differs": estimate.differs(each, able[0])} for each in able]
    await ctx.emit(estimate_part(rows, refused))
    answer: dict[str, Any] = {
        "summary": _price_line(rows) if rows else f"Nobody can render this plan: {refused[0].why}",
        "rows": rows,
        "refused": [f"{r.offer.provider} {r.offer.model}: {r.why}" for r in refused],
        "stills": stills,
        "only": [shot.shot_number for shot in plan.shots if shot.shot_number not in kept] if kept else None,
    }
    if limit_usd is not None:
        answer["plans"] = await _plans(ctx, plan, limit_usd)
    return answer


def _kind(*, stills: bool) -> Kind:
    return "image" if stills else "video"


def _price_line(rows: list[dict[str, Any]]) -> str:
    cheapest, dearest = rows[0]["expected_usd"], rows[-1]["expected_usd"]
    span = f"${cheapest}" if cheapest == dearest else f"${cheapest} to ${dearest}"
    play = " of play money" if all(row["play_money"] for row in rows) else ""
    return f"{span}{play} expected · {count(len(rows), 'way')} to render {rows[0]['seconds']} s"


async def _plans(ctx: Ctx, plan: ShotList, limit_usd: str) -> list[dict[str, Any]]:
    """Versions of the plan within the limit, each with the edits that `edit_shots` makes of it."""
    desk = ctx.deps
    found = await desk.studio.plans(plan, estimate.read_limit(limit_usd), desk.owner)
    return [
        desk.studio.row(each.priced)
        | {
            "aim": each.aim,
            "shots": len(each.shots.shots),
            "gives_up": each.gives_up,
            "edits": edits_to(plan, each),
        }
        for each in found
    ]


async def check_budget(ctx: Ctx) -> dict[str, Any]:
    """Say what may be spent this month, what is spent, and what is held for work under way."""
    standing = await ctx.deps.studio.budgets()
    month = standing["month"]
    return {
        "summary": f"${month.spent} spent, ${month.held} held, ${month.headroom} left in {month.period}",
        "budgets": {
            name: {
                "limit_usd": str(budget.limit),
                "spent_usd": str(budget.spent),
                "held_usd": str(budget.held),
                "headroom_usd": str(budget.headroom),
                "frozen_reason": budget.frozen_reason,
            }
            for name, budget in standing.items()
        },
    }


async def generate_video(
    ctx: Ctx,
    *,
    provider: str | None = None,
    model: str | None = None,
    resolution: str | None = None,
    audio: bool = False,
    stills: bool = False,
    only: list[int] | Literal["rest"] | None = None,
) -> dict[str, Any]:
    """Offer the person to render the current plan. This never renders and never spends by itself.

    With `stills` the offer is for one still picture a shot, shown as long as its shot, and no clips.
    With `only` some shots, by number, these are rendered with this model and the others stay in the film
    as they were rendered before: a draft of the whole film first, then a better model for the shots that matter.
    With `only` "rest" it is the shots that were not rendered yet, as when one was tried first.

    The person sees a card with the exact price and decides there; words in the chat approve
    nothing. Leave out what the person did not choose. You will be told what was decided.
    """
    desk, studio = ctx.deps, ctx.deps.studio
    if ctx.tool_call_approved:
        return await _decided(ctx)
    plan = await desk.plan()
    kind = _kind(stills=stills)
    offer = studio.offer(provider or studio.usual(kind), model, resolution, audio=audio, kind=kind)
    if offer.provider == "animatic":
        raise Invalid("provider", "the animatic is free and needs no offer: call preview_animatic")
    issued = await studio.quote(
        plan,
        offer,
        owner=desk.owner,
        conversation_id=desk.chat_id,
        tool_call_id=ctx.tool_call_id,
        only=only,
    )
    raise ApprovalRequired(metadata={"quote_id": issued.id})


async def _decided(ctx: Ctx) -> dict[str, Any]:
    """What our own books say about this offer. That the framework calls it approved counts for nothing."""
    issued = await ctx.deps.offer_of_call(str(ctx.tool_call_id))
    if issued is None or issued.state != "approved":
        raise ToolFailed("No person approved this offer. Nothing was rendered and nothing was spent.")
    async with ctx.deps.studio.database.reading() as connection:
        made = await jobs.of_quote(connection, issued.id)
    money = "of play money " if issued.play_money else ""
    return {
        "summary": f"Approved: {count(len(made), 'shot')} to render, for at most ${issued.ceiling} {money}".strip(),
        "quote_id": issued.id,
        "ceiling_usd": str(issued.ceiling),
        "play_money": issued.play_money,
        "jobs": len(made),
        "reused": sum(line.reused_clip_id is not None and not line.drawn for line in issued.lines),
        "drawn": sum(line.drawn for line in issued.lines),
    }


async def check_jobs(ctx: Ctx) -> dict[str, Any]:
    """Say how the rendering of this conversation's films is going, and whether a film is ready."""
    made = await ctx.deps.jobs()
    states = {
        state: sum(job.state == state for job in made) for state in dict.fromkeys(j.state for j in made)
    }
    async with ctx.deps.studio.database.reading() as connection:
        found = [
            ready
            for quote_id in dict.fromkeys(job.quote_id for job in made)
            if (ready := await film.of_quote(connection, quote_id)) is not None
        ]
    for _, clip in found[:1]:
        await ctx.emit(film_part(clip))
    told = (
        ", ".join(f"{count} {state}" for state, count in states.items())
        or "Nothing has been rendered here yet"
    )
    return {
        "summary": told + (" · the film is ready" if found else ""),
        "jobs": [{"id": j.id, "shot": j.n, "state": j.state, "error": j.error} for j in made],
        "films": [clip.url for _, clip in found],
    }


async def cancel_job(ctx: Ctx, job_id: str | None = None) -> dict[str, Any]:
    """Cancel one render job of this conversation, or all that can still be canceled.

    What was not sent is released at once; what was sent is settled by the vendor's last word.
    """
    desk = ctx.deps
    mine = [job for job in await desk.jobs() if not job.closed]
    chosen = [job for job in mine if job_id in (None, job.id)]
    if not chosen:
        raise Invalid("job_id", "there is nothing under way that could be canceled")
    after = [
        await render.cancel(desk.studio.kit, job.id, owner=desk.owner) for job in chosen if _can_stop(job)
    ]
    return {
        "summary": f"Asked to cancel {len(after)} of {count(len(mine), 'job')} under way",
        "jobs": [{"id": job.id, "shot": job.n, "state": job.state} for job in after],
    }


def _can_stop(job: jobs.Job) -> bool:
    return job.state in ("ready", "running")


async def find_clips(ctx: Ctx, words: str = "") -> dict[str, Any]:
    """Look for clips this person already owns, by words in their title, prompt, style or mood."""
    wanted = words.casefold().split()

    def matches(clip: clips.Clip) -> bool:
        text = f"{clip.title} {clip.facts}".casefold()
        return all(word in text for word in wanted)

    async with ctx.deps.studio.database.reading() as connection:
        found = await clips.find(connection, ctx.deps.owner, matches)
    return {
        "summary": f"Found {count(len(found), 'clip')}",
        "clips": [{"id": c.id, "title": c.title, "seconds": c.seconds, "url": c.url} for c in found],
    }


async def compose_film(ctx: Ctx) -> dict[str, Any]:
    """Put together a free film of the plan's previews, to watch the whole before any money is spent."""
    desk, studio = ctx.deps, ctx.deps.studio
    plan = await desk.plan()
    parts = [await studio.preview(plan, shot, desk.owner) for shot in plan.shots]
    label = clips.Label(desk.owner, "film", f"{plan.title} (animatic)", "animatic", "animatic")
    made = await film.compose(studio.database, studio.kit.shelf, parts, label, studio.clock())
    await ctx.emit(film_part(made))
    return {"summary": f"Put {len(parts)} previews together · {made.seconds:.0f} s, free", "url": made.url}


@dataclass
class Told(WrapperToolset[Desk]):
    """Turns the studio's errors into a failed tool result that the model can explain.

    A turn that is stopped lets the tool that it is in come to its end. What the tools are is the same in
    every turn, so all turns share it.
    """

    tools: dict[str, ToolsetTool[Desk]] = field(default_factory=dict[str, ToolsetTool[Desk]])

    async def get_tools(self, ctx: RunContext[Desk]) -> dict[str, ToolsetTool[Desk]]:
        if not self.tools:
            found = await super().get_tools(ctx)
            self.tools.update({name: _asked_for(tool) for name, tool in found.items()})
        return self.tools

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[Desk], tool: ToolsetTool[Desk]
    ) -> Any:
        try:
            return await whole(super().call_tool(name, tool_args, ctx, tool), ctx.deps.stop)
        except StudioError as error:
            raise ToolFailed(told(error)) from None


def _asked_for(tool: ToolsetTool[Desk]) -> ToolsetTool[Desk]:
    """As it is asked for: no maker is told what a tool answers with."""
    return replace(tool, tool_def=replace(tool.tool_def, return_schema=None))


def toolset() -> Told:
    tools = (
        scan_repo,
        plan_shots,
        open_plan,
        show_plan,
        list_choices,
        edit_shots,
        attach_picture,
        preview_animatic,
        estimate_cost,
        check_budget,
        generate_video,
        check_jobs,
        cancel_job,
        find_clips,
        compose_film,
    )
    # One after another: an offer made beside an edit must see the edited plan.
    return Told(FunctionToolset[Desk](list(tools), sequential=True))
