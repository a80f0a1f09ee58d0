"""What vendors themselves answer about their prices, kept for a day.

The adapters fetch; here a parsed answer becomes rows, is kept in the data folder, and is found
again while it is young. An answer that cannot be read is no price: its model is named as
unreadable, so that no older row stands in for a price that has changed.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from tools.errors import Invalid, explain
from tools.prices.book import PriceBook
from tools.prices.row import Kind, PriceRow, Sound, Unit
from tools.prices.tags import Tags, read_amount, read_tags

LIFE = timedelta(hours=24)
WHY_CHARACTERS_MAX = 200
OPENROUTER_SOURCE = "openrouter.ai/api/v1/videos/models"
FAL_SOURCE = "api.fal.ai/v1/models/pricing"
FAL_UNITS: dict[str, tuple[Kind, Unit]] = {
    "second": ("video", "second"),
    "seconds": ("video", "second"),
    "video_second": ("video", "second"),
    "video": ("video", "clip"),
    "videos": ("video", "clip"),
    "image": ("image", "image"),
    "images": ("image", "image"),
    "1000 characters": ("speech", "thousand_characters"),
}

logger = logging.getLogger(__name__)


class Answer(BaseModel):
    """A vendor's own prices, and when it gave them. `unreadable` maps a model to what nobody understood."""

    model_config = ConfigDict(frozen=True)

    provider: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    at: AwareDatetime
    rows: tuple[PriceRow, ...]
    unreadable: dict[str, str] = {}


# --- OpenRouter ---


Word = Annotated[str, Field(pattern=r"^[!-~]{1,40}$")]


class VideoModels(BaseModel):
    """`GET /api/v1/videos/models`. Each model is read by itself: an odd one hides no other."""

    class Named(BaseModel):
        id: str = Field(pattern=r"^[!-~]{1,120}$")

    class Model(Named):
        supported_durations: list[int] | None = None
        supported_resolutions: list[Word] | None = None
        supported_aspect_ratios: list[Word] | None = None
        supported_frame_images: list[str] | None = None
        generate_audio: bool | None = None
        pricing_skus: dict[str, Any] | None = None

    data: list[Any]


def openrouter(payload: Any, at: datetime) -> Answer:
    """Rows from OpenRouter's list of video models; `Invalid` if it is no such list."""
    try:
        listed = VideoModels.model_validate(payload).data
    except ValidationError as error:
        raise explain(error) from None
    named = [(name, each) for each in listed if (name := _name(each)) is not None]
    if listed and not named:
        raise Invalid("data", "names no model")
    rows: list[PriceRow] = []
    unreadable: dict[str, str] = {}
    for name, each in named:
        priced = _priced(each, at)
        if isinstance(priced, str):
            unreadable[name] = priced.encode(errors="replace").decode()[:WHY_CHARACTERS_MAX]
        else:
            rows += priced
    return Answer(provider="openrouter", at=at, rows=tuple(rows), unreadable=unreadable)


def _name(listed: Any) -> str | None:
    try:
        return VideoModels.Named.model_validate(listed).id
    except ValidationError:
        return None


def _priced(listed: Any, at: datetime) -> list[PriceRow] | str:
    """The rows of a model, or why it has none."""
    try:
        model = VideoModels.Model.model_validate(listed)
    except ValidationError as error:
        return f"its {explain(error).what.partition('.')[0]} cannot be read"
    skus, unknown = _skus(model)
    return unknown if unknown is not None else list(_openrouter_rows(model, skus, at))


def _skus(model: VideoModels.Model) -> tuple[list[tuple[str, Tags, Any]], str | None]:
    """Every key with its tags, or the first thing about this model that cannot be priced."""
    skus = [(key, read_tags(key), value) for key, value in (model.pricing_skus or {}).items()]
    if not skus:
        return [], "it lists no price"
    read: list[tuple[str, Tags, Any]] = []
    for key, tags, value in skus:
        cents = tags is not None and tags.measure in ("cents_second", "cents_minimum")
        if tags is None or (tags.measure == "tokens" and tags.input != "video"):
            return [], key
        if tags.measure not in ("extra", "tokens"):
            amount = read_amount(value, cents=cents)
            if amount is None:
                return [], f"{key} = {value}"
            read.append((key, tags, amount))
    return read, None if any(tags.measure != "cents_minimum" for _, tags, _ in read) else "it has no rate"


def _openrouter_rows(
    model: VideoModels.Model, skus: Sequence[tuple[str, Tags, Any]], at: datetime
) -> Iterable[PriceRow]:
    """A row for each rate and resolution; the rate that names a resolution stands before the one that does not."""
    rates = [sku for sku in skus if sku[1].measure != "cents_minimum"]
    extras = len(skus) < len(model.pricing_skus or {})
    for key, tags, amount in sorted(rates, key=lambda sku: (sku[1].resolution is None, sku[1].input is None)):
        for resolution in _resolutions(model, tags, [tags for _, tags, _ in rates]):
            minimum = _minimum(skus, resolution)
            yield PriceRow(
                provider="openrouter",
                model=model.id,
                kind="video",
                unit="second",
                usd=str(amount),
                minimum_usd=minimum,
                resolution=resolution,
                audio=False if model.generate_audio is False else tags.audio,
                sound=_sound(model),
                input=tags.input or ("text" if extras else None),
                seconds=tuple(sorted(model.supported_durations)) if model.supported_durations else None,
                aspect_ratios=tuple(model.supported_aspect_ratios) if model.supported_aspect_ratios else None,
                pictures=int("first_frame" in (model.supported_frame_images or ())),
                source=f"{OPENROUTER_SOURCE}, {key}",
                computed="from cents" if tags.measure == "cents_second" else None,
                as_of=at.date(),
            )


def _resolutions(model: VideoModels.Model, tags: Tags, others: Sequence[Tags]) -> Sequence[str | None]:
    """Which resolutions a rate is for: its own, or all that no other rate of its kind names."""
    supported = model.supported_resolutions
    if tags.resolution is not None:
        return (tags.resolution,) if supported is None or tags.resolution in supported else ()
    if supported is None:
        return (None,)
    named = {other.resolution for other in others if replace(other, resolution=None) == tags}
    return [resolution for resolution in supported if resolution not in named]


def _minimum(skus: Sequence[tuple[str, Tags, Any]], resolution: str | None) -> str | None:
    found = [
        amount
        for _, tags, amount in skus
        if tags.measure == "cents_minimum" and tags.resolution in (None, resolution)
    ]
    return str(max(found)) if found else None


def _sound(model: VideoModels.Model) -> Sound | None:
    if model.generate_audio is None:
        return None
    return "optional" if model.generate_audio else "none"


# --- fal ---


class Pricing(BaseModel):
    """`GET /v1/models/pricing?endpoint_id=a,b`."""

    class Price(BaseModel):
        endpoint_id: str = Field(min_length=1, max_length=120)
        unit_price: Decimal
        unit: str
        currency: str = Field(pattern=r"^[A-Za-z]{3}$")

    prices: list[Price]


def fal(payload: Any, at: datetime, known: Sequence[PriceRow]) -> Answer:
    """Rows from fal's unit prices, for the endpoints whose conditions are `known`.

    A unit price names no resolution and no sound. Where the known rows of an endpoint have one
    rate, it takes their place; where they have several and it is one of them, they are confirmed;
    any other figure contradicts them, and the endpoint is unreadable. A unit that counts something
    else (tokens, megapixels) says nothing about the rows.
    """
    try:
        listed = Pricing.model_validate(payload)
    except ValidationError as error:
        raise explain(error) from None
    rows: list[PriceRow] = []
    unreadable: dict[str, str] = {}
    for price in listed.prices:
        mine = [row for row in known if (row.provider, row.model) == ("fal", price.endpoint_id)]
        said = _confirmed(price, mine, at)
        if said is None:
            unreadable[price.endpoint_id] = f"{price.unit_price} {price.currency} for each {price.unit}"
        else:
            rows += said
    return Answer(provider="fal", at=at, rows=tuple(rows), unreadable=unreadable)


def _confirmed(price: Pricing.Price, known: Sequence[PriceRow], at: datetime) -> list[PriceRow] | None:
    """The known rows with today's date and, where it is the only one, today's rate; None for a contradiction."""
    sold_as = FAL_UNITS.get(price.unit.strip().lower())
    same = [row for row in known if (row.kind, row.unit) == sold_as]
    if not same:
        return []
    amount = read_amount(price.unit_price) if price.currency.upper() == "USD" else None
    rates = {row.rate for row in same}
    if amount is None or (len(rates) > 1 and amount not in rates):
        return None
    today = {"source": FAL_SOURCE, "as_of": at.date(), "computed": None}
    return [
        PriceRow.model_validate(row.model_dump() | today | ({"usd": str(amount)} if len(rates) == 1 else {}))
        for row in same
    ]


# --- kept for a day ---


def keep(folder: Path, answer: Answer) -> None:
    """Keep a vendor's newest answer, in place of its last."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{answer.provider}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(answer.model_dump_json(exclude_none=True), "utf-8")
    fresh.replace(path)


def answers(folder: Path) -> list[Answer]:
    """Every vendor's newest answer, however old. A file that was damaged is as good as none."""
    found: list[Answer] = []
    for path in sorted(folder.glob("*.json")):
        try:
            facts = path.stat()
            found.append(_read(path, (facts.st_ino, facts.st_mtime_ns, facts.st_size)))
        except (OSError, ValidationError) as error:
            logger.warning("%s is no answer of a vendor: %s", path.name, type(error).__name__)
    return found


@lru_cache(maxsize=32)
def _read(path: Path, _version: tuple[int, int, int]) -> Answer:
    """A vendor's list may be long, and every price that is looked for is looked for here first."""
    return Answer.model_validate_json(path.read_bytes())


def with_live(
    book: PriceBook, packaged: Sequence[PriceRow], kept: Iterable[Answer], now: datetime
) -> PriceBook:
    """The book with what vendors answered in the last day before everything else.

    Packaged rows of a model that has a new price, or one that cannot be read, are left out: what its
    vendor does not list any more is not sold at an older price. The user's own rows stay.
    """
    young = [answer for answer in kept if timedelta(0) <= now - answer.at <= LIFE]
    if not young:
        return book
    unreadable = {(each.provider, model): tag for each in young for model, tag in each.unreadable.items()}
    said = tuple(row for answer in young for row in answer.rows)
    anew = {(row.provider, row.model, row.kind) for row in said}
    gone = [
        row
        for row in packaged
        if (row.provider, row.model) in unreadable or (row.provider, row.model, row.kind) in anew
    ]
    return PriceBook(said + tuple(row for row in book.rows if row not in gone), unreadable)
