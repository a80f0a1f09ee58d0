"""The reference pictures that a plan names: whose they are, who looks at them, and whether they can be sent."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from tools import pictures
from tools.errors import Invalid
from tools.estimate import Estimate, Offer, Refusal
from tools.providers.base import Picture, VideoProvider, unseen
from tools.render import Kit
from tools.shots import PICTURE_NAME, Shot, ShotList

SENT_BYTES_MAX = 10_000_000  # with one request: more would not arrive while its answer is waited for
Providers = Mapping[str, VideoProvider]


async def check(
    connection: AsyncConnection, shots: ShotList, owner: str, before: ShotList | None = None
) -> None:
    """`Invalid` for a picture that was never sent here, `NotFound` for one that is not this person's.

    What was in the plan `before` is not looked at again.
    """
    known = {name for shot in before.shots for name in shot.reference_images} if before else set[str]()
    new = [shot for shot in shots.shots if not known.issuperset(shot.reference_images)]
    for shot in new:
        for name in shot.reference_images:
            if PICTURE_NAME.fullmatch(name) is None:
                why = f"its reference image {name[:80]!r} was not sent here: a picture's name is sha256:..."
                raise Invalid(f"shot {shot.shot_number}", why)
    for name in dict.fromkeys(name for shot in new for name in shot.reference_images):
        await pictures.get(connection, name, owner)


async def gather(kit: Kit, shots: ShotList, owner: str) -> Mapping[str, Picture]:
    """Every picture of a plan as a vendor would get it; `Invalid` names the shot that could not be sent."""
    if not any(shot.reference_images for shot in shots.shots):
        return {}
    async with kit.database.reading() as connection:
        await check(connection, shots, owner)
    found = await pictures.load(kit.album, [name for shot in shots.shots for name in shot.reference_images])
    for shot in shots.shots:
        _check_sendable(shot, found)
    return found


def _check_sendable(shot: Shot, found: Mapping[str, Picture]) -> None:
    gone = [name for name in shot.reference_images if name not in found]
    if gone:
        raise Invalid(f"shot {shot.shot_number}", pictures.gone(gone[0]))
    size = sum(len(found[name].content) for name in shot.reference_images)
    if size > SENT_BYTES_MAX:
        why = f"its pictures have {size:,} bytes together; {SENT_BYTES_MAX:,} can be sent with one request"
        raise Invalid(f"shot {shot.shot_number}", why)


def looking(able: Iterable[Estimate], providers: Providers) -> tuple[list[Estimate], list[Refusal]]:
    """Those whose model looks at every picture of the plan, as far as it is set up here, and why others do not."""
    kept: list[Estimate] = []
    refused: list[Refusal] = []
    for each in able:
        why = overlooked(each.offer, [line.shot for line in each.made], providers)
        if why is None:
            kept.append(each)
        else:
            refused.append(Refusal(each.offer, why))
    return kept, refused


def overlooked(offer: Offer, shots: Sequence[Shot], providers: Providers) -> str | None:
    """Which pictures the model would not look at; None where it looks at all, or nobody here knows."""
    vendor = providers.get(offer.provider)
    most = max((len(shot.reference_images) for shot in shots), default=0)
    if vendor is None or most == 0:
        return None
    return unseen(offer.model, offer.kind, most, vendor.models)
