"""What a person is told of a job that waits for their word."""

from typing import Any

from tools.jobs import Job
from tools.money import ZERO, Money
from tools.trouble import ANSWER_LOST


def advice(job: Job) -> str | None:
    """What happened, what stays held and for how long, and what to do; None for a job that needs nobody."""
    match job.state:
        case "unknown":
            happened = f"The vendor's answer was lost ({job.error}), so it may be rendering, and may be billed ({ANSWER_LOST})."
        case "quarantined":
            happened = f"It was set apart: {job.error}."
        case "released" if job.charged != ZERO:
            return (
                f"All of ${job.ceiling} is counted, and its budgets stand still. Look for it in {job.provider}'s account; "
                "then greenlight budget thaw, and if it charged less, greenlight budget limit for the difference."
            )
        case _:
            return None
    return (
        f"{happened} It is never sent again by itself, and its ${job.ceiling} stays held for as long as that takes: until the vendor "
        f"can say, or you do. Look for it in {job.provider}'s account, then say what it charged, 0 if nothing: "
        f"greenlight jobs resolve {job.id} --charged USD, or POST /api/jobs/{job.id}/resolve."
    )


def to_json(job: Job) -> dict[str, Any]:
    return job.to_json() | {"advice": advice(job)}


def outcome(resolved: Job, charged: Money) -> str:
    """What a person's word did with the money that was held."""
    held = resolved.ceiling
    if charged > held:
        rest = f"that is ${charged - held} above it, so its budget is frozen"
    else:
        rest = f"${held - charged} is released"
    return f"{resolved.id} is {resolved.state}: of ${held} held, ${charged} is charged; {rest}"
