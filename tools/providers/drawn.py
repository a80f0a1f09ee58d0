"""What vendors that draw their clips here have in common: requests kept as files, and their cards.

A request is written to disk before its submission is answered, under the take's own name. So
that name is also the job's: a restart loses nothing, and sending a take twice changes nothing.
"""

import json
import os
import re
import tempfile
from dataclasses import asdict, fields
from pathlib import Path

from tools.cards import Card
from tools.errors import Invalid, NotFound
from tools.providers.base import RenderRequest, VideoModel, misfit

TAKE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def card_of(request: RenderRequest, stamp: str | None) -> Card:
    """The request as a drawing, with what its maker stamps on it."""
    return Card(
        number=request.number,
        seconds=request.seconds,
        caption=request.caption,
        title_card=request.title_card,
        prompt=request.prompt,
        camera=request.camera,
        styles=request.styles,
        mood=request.mood,
        aspect_ratio=request.aspect_ratio,
        resolution=request.resolution,
        stamp=stamp,
    )


def objection(request: RenderRequest, models: tuple[VideoModel, ...]) -> str | None:
    """Why none of `models` can render it, in plain words; None if one can."""
    model = next((model for model in models if model.name == request.model), None)
    if model is None:
        return f"no such model: {request.model}"
    if request.seconds not in model.seconds:
        return f"{request.model} renders {model.seconds[0]} to {model.seconds[-1]} seconds"
    if request.resolution not in model.resolutions:
        return f"{request.model} renders {', '.join(model.resolutions)}"
    if request.aspect_ratio not in model.aspect_ratios:
        return f"{request.model} renders {', '.join(model.aspect_ratios)}"
    return misfit(request, models)


def keep(folder: Path, request: RenderRequest) -> str:
    """Put the request on disk and give the job's name; a take already kept stays as it was."""
    path = _path(folder, request.take_id)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_through(path, json.dumps(asdict(request), ensure_ascii=False).encode())
    return request.take_id


def is_kept(folder: Path, take_id: str) -> bool:
    return _path(folder, take_id).exists()


def recall(folder: Path, provider_job_id: str) -> RenderRequest:
    """The request a job was made from; `NotFound` if it was never kept here."""
    path = _path(folder, provider_job_id)
    try:
        facts = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise NotFound("job", provider_job_id) from None
    known = {field.name for field in fields(RenderRequest)} - {"pictures"}  # nobody here draws from one
    facts["styles"] = tuple(facts["styles"])
    return RenderRequest(**{name: value for name, value in facts.items() if name in known})


def _path(folder: Path, take_id: str) -> Path:
    """Names become paths, so only plain ones will do."""
    if not TAKE_ID.fullmatch(take_id):
        raise Invalid("take_id", "letters, digits, - and _ only")
    return folder / f"{take_id}.json"


def write_through(path: Path, content: bytes) -> None:
    """The whole file or none, also when the power goes."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
