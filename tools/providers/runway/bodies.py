"""What Runway's models want to hear: most name a picture's size where others name a resolution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.prices import PriceRow
from tools.providers.answers import inline
from tools.providers.base import RenderRequest

NAME = "runway"
PICTURE_CHARACTERS_MAX = 5_000_000  # of a picture that is sent in the request itself
Sizes = Mapping[str, str]
HD: Sizes = {"720p": "1280:720"}
FULL_HD: Sizes = {**HD, "1080p": "1920:1080"}
SEEDANCE: Sizes = {**HD, "480p": "864:496"}


@dataclass(frozen=True, slots=True)
class Model:
    """`sizes` are of lying pictures; None where the model takes the resolution and the ratio in words.

    `prompt` is how long one may be, in units of UTF-16. `sound` and `negative` are fields that it takes.
    """

    sizes: Sizes | None
    prompt: int | None = None
    sound: bool = False
    negative: bool = False
    needs_picture: bool = False


MODELS: Mapping[str, Model] = {
    "gen4.5": Model(HD, prompt=1_000),
    "gen4_turbo": Model(HD, prompt=1_000, needs_picture=True),
    "veo3.1": Model(FULL_HD, prompt=1_000, sound=True, negative=True),
    "veo3.1_fast": Model(FULL_HD, prompt=1_000, sound=True, negative=True),
    "seedance2": Model({**SEEDANCE, **FULL_HD, "4k": "3840:2160"}, prompt=3_500, sound=True),
    "seedance2_fast": Model(SEEDANCE, prompt=3_500, sound=True),
    "seedance2_mini": Model(SEEDANCE, prompt=3_500, sound=True),
    "seedance2_5": Model({**FULL_HD, "480p": "854:480"}, prompt=15_000, sound=True),
    "hailuo3": Model(None),
    "gemini_omni_flash": Model(HD),
}


def takes(model: str, _rows: Sequence[PriceRow] = ()) -> int | None:
    """How many pictures a model begins with; None for one that nobody here knows how to ask for."""
    return 1 if model in MODELS else None


def objection(request: RenderRequest) -> str | None:
    """Why this request is not to be sent; None if it may be."""
    model = MODELS.get(request.model)
    if model is None:
        return f"nobody here knows how to ask for {request.model}"
    if model.prompt is not None and _units(request.prompt) > model.prompt:
        return f"{request.model} takes prompts of up to {model.prompt} characters"
    if model.sizes is not None and _size(model.sizes, request) is None:
        return f"{request.model} does not render {request.resolution} at {request.aspect_ratio}"
    return _picture_objection(request, model)


def _picture_objection(request: RenderRequest, model: Model) -> str | None:
    if len(request.pictures) > 1:
        return f"{request.model} begins with one picture"
    if model.needs_picture and not request.pictures:
        return f"{request.model} begins with a picture"
    if any(len(inline(each)) > PICTURE_CHARACTERS_MAX for each in request.pictures):
        return "the picture is too large to be sent"
    return None


def route_of(request: RenderRequest) -> str:
    return "v1/image_to_video" if request.pictures else "v1/text_to_video"


def body_of(request: RenderRequest) -> dict[str, Any]:
    """The request as its model wants it. What is left unsaid of sound would be sound."""
    model = MODELS[request.model]
    body: dict[str, Any] = {
        "model": request.model,
        "promptText": request.prompt,
        "duration": request.seconds,
    }
    if model.sizes is None:
        body |= {"ratio": request.aspect_ratio, "resolution": request.resolution}
    else:
        body["ratio"] = _size(model.sizes, request)
    if model.sound:
        body["audio"] = request.audio
    if model.negative and request.negative_prompt:
        body["negativePrompt"] = request.negative_prompt
    if request.pictures:
        body["promptImage"] = [{"uri": inline(request.pictures[0]), "position": "first"}]
    return body


def _size(sizes: Sizes, request: RenderRequest) -> str | None:
    lying = sizes.get(request.resolution)
    match request.aspect_ratio:
        case "16:9":
            return lying
        case "9:16" if lying is not None:
            return ":".join(reversed(lying.split(":")))
        case _:
            return None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
