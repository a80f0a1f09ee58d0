"""What the endpoints of fal's models want to hear: each family names the same few things in its own way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tools.prices import PriceRow
from tools.providers.answers import inline
from tools.providers.base import RenderRequest

NAME = "fal"
Kind = Literal["text-to-video", "image-to-video", "reference-to-video"]
PICTURES: Mapping[Kind, int] = {"text-to-video": 0, "image-to-video": 1, "reference-to-video": 9}
FROM_TEXT: tuple[Kind, ...] = ("text-to-video",)


@dataclass(frozen=True, slots=True)
class Family:
    """The endpoints `<family>/<kind>` of one model.

    `sizes` spells a resolution; None where the endpoint has but one and takes no word for it.
    `sound` and `negative` are fields that it takes; `references` is where pictures go if there
    may be several.
    """

    seconds: type[int] | type[str] = str
    sizes: Literal["lower", "upper"] | None = "lower"
    sound: bool = True
    negative: bool = False
    references: str = "image_urls"
    kinds: tuple[Kind, ...] = tuple(PICTURES)


FAMILIES: Mapping[str, Family] = {
    "minimax/h3": Family(seconds=int, sizes="upper", sound=False, references="reference_image_urls"),
    "bytedance/seedance-2.5": Family(),
    "bytedance/seedance-2.0": Family(),
    "fal-ai/kling-video/v3/4k": Family(sizes=None, negative=True, kinds=FROM_TEXT),
    "fal-ai/kling-video/o3/4k": Family(sizes=None, kinds=FROM_TEXT),
}


def takes(model: str, _rows: Sequence[PriceRow] = ()) -> int | None:
    """How many pictures an endpoint takes; None for one that nobody here knows how to ask."""
    known = _known(model)
    return None if known is None else PICTURES[known[1]]


def app_of(model: str) -> str:
    """The first two parts of an endpoint's name: requests live below them."""
    return "/".join(model.split("/")[:2])


def objection(request: RenderRequest) -> str | None:
    """Why this request is not to be sent; None if it may be."""
    least = takes(request.model)
    if least is None:
        return f"nobody here knows how to ask for {request.model}"
    if bool(request.pictures) != bool(least):
        return f"{request.model} begins with {'a picture' if least else 'words alone'}"
    return None


def body_of(request: RenderRequest) -> dict[str, Any]:
    """The request as its endpoint wants it. A picture to begin with brings its own aspect ratio."""
    known = _known(request.model)
    if known is None:
        raise LookupError(request.model)
    family, kind = known
    body: dict[str, Any] = {"prompt": request.prompt, "duration": family.seconds(request.seconds)}
    if family.sizes is not None:
        body["resolution"] = request.resolution.upper() if family.sizes == "upper" else request.resolution
    if kind != "image-to-video":
        body["aspect_ratio"] = request.aspect_ratio
    if family.sound:
        body["generate_audio"] = request.audio
    if family.negative and request.negative_prompt:
        body["negative_prompt"] = request.negative_prompt
    return body | _pictures(request, family, kind)


def _pictures(request: RenderRequest, family: Family, kind: Kind) -> dict[str, Any]:
    match kind:
        case "text-to-video":
            return {}
        case "image-to-video":
            return {"image_url": inline(request.pictures[0])}
        case "reference-to-video":
            return {family.references: [inline(each) for each in request.pictures]}


def _known(model: str) -> tuple[Family, Kind] | None:
    for name, family in FAMILIES.items():
        for kind in family.kinds:
            if model == f"{name}/{kind}":
                return family, kind
    return None
