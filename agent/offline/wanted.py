"""How a film is wanted: as stills or clips, in which resolution, with sound, from whom."""

import re
from typing import Any

READ_CHARACTERS = 600
STILLS = re.compile(
    r"\b(?:as|in|of|with|only|just)\s+(?:a\s+series\s+of\s+)?(?:stills|still\s+(?:pictures?|images?|frames?|photos?))\b"
    r"|\bas\s+(?:a\s+)?(?:pictures|images|photos|slide\s?show|still)\b"
    r"|\bmake\s+(?:it|them)\s+(?:into\s+)?(?:a\s+)?(?:stills|slide\s?show)\b"
    r"|\b(?:stills|pictures|images|photos)\s+(?:only\b|(?:instead|rather than)\b)",
    re.IGNORECASE,
)
CLIPS_AFTER_ALL = re.compile(
    r"\b(?:as|in)\s+(?:a\s+)?(?:video|clips|moving pictures)\b|\b(?:video|clips)\s+(?:instead|rather than)\b",
    re.IGNORECASE,
)
RESOLUTION = re.compile(
    r"\b(?:(?:in|at|with)\s+)?(?P<said>\d{3,4}x\d{3,4}|1k|360p?|480p?|720p?|768p?|1080p?|2k|4k|uhd|full ?hd|hd)\b(?:\s+(?:resolution|quality))?(?!\s*(?:s|sec|seconds?|shots?|%|percent)\b)",
    re.IGNORECASE,
)
NAMED_RESOLUTIONS = {"uhd": "4k", "fullhd": "1080p", "hd": "720p"}
SOUND = re.compile(r"\b(?:with(?P<out>out)?|and)\s+(?:sound|audio)\b", re.IGNORECASE)
WITH = re.compile(
    r"\b(?:with|on|using|through|by|use|from|try|to)\s+([a-z][\w.-]*)(?:[ /:]+([a-z0-9][\w./-]*))?",
    re.IGNORECASE,
)
VENDORS = "rehearsal|animatic|openrouter|fal|runway|google|openai_videos|openai_images|elevenlabs|veo|sora|kling|wan|seedance|minimax"
TAKE = re.compile(
    rf"^\s*(?:(?:please|now|then|and|ok(?:ay)?|can you|let'?s|i want to)[,.!]?\s+)*(?:use|take|try|switch to|change to|go with|with|on)\s+(?:{VENDORS})\b[\w\s./:-]{{0,60}}[.!?]*\s*$",
    re.IGNORECASE,
)
MAKER = re.compile(
    rf"\b(?:(?:with|on|using|through|by|via|use|from|try|to)\s+)(?P<name>{VENDORS})\b(?:[ /:-]+(?P<model>(?!(?:and|in|at|with|as|to)\b)[a-z0-9][\w./-]*))?",
    re.IGNORECASE,
)
ANY_MAKER = re.compile(
    r"\b(?:with|using|through|by|to)\s+[a-z][\w.-]*[ /:]+(?P<model>[\w./-]*[\d-][\w./-]*)", re.IGNORECASE
)
PROVIDERS = "rehearsal|openrouter|fal|runway|google|openai_videos"
MADE_BY = re.compile(
    rf"\b(?:(?P<how>rendered\s+)?(?:for|with|by|using|through))\s+(?P<name>{PROVIDERS})\b(?:[ /:]+(?P<model>[a-z0-9][\w./-]*+))?(?=\s|[,;!?.]|$)",
    re.IGNORECASE,
)
FIT = re.compile(
    rf"\s*(?:please\s+)?(?:fit|split|cut)\s+(?:it|this|the\s+(?:film|plan|shots))\s+(?:to|for)\s+(?P<name>{PROVIDERS})\b(?:[ /:]+(?P<model>[a-z0-9][\w./-]*))?\s*[.!]*\s*",
    re.IGNORECASE,
)
MODELS = frozenset({"draft", "premium", *VENDORS.split("|")})
OURS = frozenset({"rehearsal-draft", "rehearsal-premium"})
NOT_VENDORS = frozenset(
    "for on see check test try look find it that this sound audio stills still pictures the a an all every me my less more you us them project month vendor shot scene second day each any which other others different another vendors providers models everyone everybody".split()  # noqa: SIM905 -- a list of words reads better
)
NOT_MODELS = frozenset("please instead then now cost video as in at to with for and".split())  # noqa: SIM905 -- as above
PICKS = re.compile(
    r"^\s*(?:(?:please|now|then|and|ok(?:ay)?|can you|could you|i want|let'?s|what about|which(?: vendor| model| one)? is|what is|what's|who is)[,.!]?\s+)*"
    r"(?:(?:use|take|try|with|go with|switch to|pick|choose|render (?:it|this) with)\s+)?(?:the\s+)?(?P<which>cheapest|lowest price|least expensive|most expensive|dearest|best quality|premium)"
    r"(?:\s+(?:one|vendor|model|way|option|provider|quality|version|price|please|now|is))*\s*[.!?]*\s*$",
    re.IGNORECASE,
)
CHEAPER = re.compile(
    r"^[^.\n]{0,30}\b(?:cheaper(?! than)|less expensive|lower (?:the )?(?:price|cost)s?|save money|too (?:expensive|dear|costly|much money)|so expensive|cost less)\b[^.\n$]{0,30}$",
    re.IGNORECASE,
)


def form(text: str) -> dict[str, Any]:
    """Stills or clips, where a person says which: "as stills", "pictures instead of video", "as clips"."""
    if CLIPS_AFTER_ALL.search(text):
        return {"stills": False}
    return {"stills": True} if STILLS.search(text) else {}


def quality(text: str) -> dict[str, Any]:
    """Resolution and sound, where a person says them."""
    said: dict[str, Any] = {}
    if found := RESOLUTION.search(text):
        word = found["said"].lower().replace(" ", "")
        said["resolution"] = NAMED_RESOLUTIONS.get(word, f"{word}p" if word.isdigit() else word)
    if found := SOUND.search(text):
        said["audio"] = found["out"] is None
    return said


def wants_stills(brief: str) -> bool:
    """A film that shall be made of pictures from the beginning."""
    return form(brief[:READ_CHARACTERS]).get("stills", False)


def wanted(text: str) -> dict[str, Any]:
    """All of it, as the arguments of an estimate or an offer."""
    return form(text) | quality(text) | vendor(text)


def settings_left_out(text: str) -> str:
    """The words without those about stills, size and sound."""
    for pattern in (STILLS, CLIPS_AFTER_ALL, RESOLUTION, SOUND):
        text = pattern.sub("", text)
    return text


def is_a_model(word: str) -> bool:
    """May this be what a vendor calls a model? Such names have a figure or a hyphen in them, or are known."""
    return not word or word.casefold() in MODELS or re.search(r"[\d/-]", word) is not None


def vendor(text: str) -> dict[str, Any]:
    """Who shall render it, and with which model."""
    found = WITH.search(settings_left_out(text))
    if found is None or found[1].casefold() in NOT_VENDORS:
        return {}
    name, model = found[1].rstrip("."), (found[2] or "").rstrip("./")
    if name.casefold() in OURS:
        name, model = "rehearsal", name.casefold()
    if model.casefold() in {"draft", "premium"} and name.casefold() == "rehearsal":
        model = f"rehearsal-{model}".lower()
    return {"provider": name} | ({"model": model} if model and model.casefold() not in NOT_MODELS else {})


def made_by(text: str) -> tuple[dict[str, Any], str]:
    """Who shall make a film, where its brief says so, and the brief without that.

    "For google veo-3.1", "rendered with runway"; a story in which somebody waits by runway 27 says nothing.
    """
    for found in MADE_BY.finditer(text):
        model = (found["model"] or "").rstrip("./")
        if (model and _is_named(model)) or (found["how"] and not model):
            maker = vendor(f"with {found['name'].lower()} {model}")
            end = found.end() - len(found["model"] or "") + len(model)
            before, after = text[: found.start()].rstrip(" ,"), text[end:]
            return maker, before + (after.removeprefix(".") if before.endswith(".") else after)
    return {}, text


def _is_named(model: str) -> bool:
    """A name that no story has: letters with a figure, a hyphen or a slash among them, or one that is known."""
    return model.casefold() in MODELS or re.search(r"[a-z]+.*[\d/-]", model, re.IGNORECASE) is not None


def fitted(text: str) -> dict[str, Any] | None:
    """Whose lengths the shots shall have: "fit it to google veo-3.1"."""
    found = FIT.fullmatch(text)
    return None if found is None else vendor(f"with {found['name'].lower()} {found['model'] or ''}")


def picked(text: str) -> str | None:
    """The cheapest or the dearest way to render, where somebody leaves it at that."""
    found = PICKS.match(text)
    if found is not None:
        return (
            "cheapest"
            if found["which"].lower() in ("cheapest", "lowest price", "least expensive")
            else "dearest"
        )
    return "cheaper" if CHEAPER.match(text) else None
