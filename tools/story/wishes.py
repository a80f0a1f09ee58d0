"""What a person asks for around the story: length, shots, format, style, mood, tone.

`parse` reads them out of plain words and gives back the story without them, so that
"30 seconds, vertical, noir: a lighthouse keeper finds a letter" films the keeper, not the seconds.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tools.shots import AspectRatio
from tools.story.library import Library, Pattern, Preset, Template, library
from tools.story.words import clean

NUMBERS = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()  # noqa: SIM905 -- counted by their place
    )
} | {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "forty-five": 45,
    "sixty": 60,
    "ninety": 90,
    "half a": 0.5,
    "a": 1,
}
NUMBER = rf"(?P<n>\d{{1,18}}|(?:{'|'.join(sorted(NUMBERS, key=len, reverse=True))})(?=[ -]))"
UNIT = (
    r"(?:(?P<minutes>minutes?|mins?|minuten?|minutos?|minuti|分|минут\w*|دقائق|دقيقة)"
    r"|seconds?|secs?|sekunden?|secondes|segundos?|secondi|s|秒|секунд\w*|сек|ثوان|ثانية|ثواني)"
)
FILM = r"(?:film|movie|video|clip|short|teaser|trailer|spot|scene|cut|version|sequence|animation|explainer)"
CLAUSE = r"(?:^|[,;:.(、。，：]|\b(?:in|of|about|around|roughly|exactly|a|an|make it|lasting|long))\s*"  # noqa: RUF001 -- these are the marks of other scripts
END = r"(?=\s*(?:[,;:.)!?]|$))"

SECONDS_EACH = re.compile(rf"\b{NUMBER}[ -]?{UNIT}\s+(?:each|per shot|a shot|shots?)\b", re.IGNORECASE)
SHOTS_OF_SECONDS = re.compile(
    rf"(?:\bin\s+)?\b(?P<shots>\d{{1,18}}|{'|'.join(NUMBERS)})[ -]shots?\s+of\s+{NUMBER}[ -]?{UNIT}\b",
    re.IGNORECASE,
)
SECONDS = re.compile(
    rf"(?P<lead>{CLAUSE}){NUMBER}[ -]?{UNIT}(?:[ -]long)?(?=\W|$|[\u3040-\u9fff])(?:\s*{FILM}\b)?",
    re.IGNORECASE,
)
SECONDS_FILM = re.compile(rf"(?P<lead>\b){NUMBER}[ -]?{UNIT}\s+(?:\w+\s+){{0,2}}?{FILM}\b", re.IGNORECASE)
SHOTS = re.compile(
    rf"(?:\b(?:in|of|with|using|exactly)\s+)?(?<!\w){NUMBER}[ -]?(?:shots?|scenes?|ショット|カット|кадр\w*|لقطات|لقطة)(?!\w)",
    re.IGNORECASE,
)
RATIO = re.compile(r"(?:\bin\s+)?(?<!\d)(?P<ratio>16\s?:\s?9|9\s?:\s?16|1\s?:\s?1)(?!\d)", re.IGNORECASE)
FORMATS: tuple[tuple[AspectRatio, str], ...] = (
    ("9:16", (r"vertical(?!\s+(?:cliff|wall|climb|line|garden|farm|drop|face|shaft))|portrait (?:format|mode|video)"
             r"|tiktok|instagram reels?|youtube shorts?|縦型|вертикальн\w*|عمودي")),
    ("1:1", rf"square (?:format|{FILM})|square{END}|正方形"),
    ("16:9", r"widescreen|wide screen|landscape (?:format|mode|video)|horizontal (?:format|video)|横型"),
)  # fmt: skip
REQUEST = re.compile(
    r"^(?:please\s+|can you\s+|could you\s+|i want\s+|i'd like\s+)*(?:(?:make|create|generate|produce|film|shoot|plan|give me|show me|do)\s+)?"
    rf"(?:me\s+|us\s+)?(?:an?\s+|the\s+)?(?:[\w-]+\s+){{0,3}}?{FILM}s?\s*(?:(?:about|of|showing|where|in which|that shows|for)\b|[:,]|$)\s*",
    re.IGNORECASE,
)
REQUESTED = r"(?:please\s+)?(?:make|create|generate|produce|plan|give me|shoot)\s+(?:me\s+|us\s+)?an?\b"
LEADS = re.compile(r"\s*(?:in|of|about|around|roughly|exactly|make it|lasting|long)\s*", re.IGNORECASE)
REQUEST_JA = re.compile(r"^の?\s*の?動画\s*[::、,]?\s*")
REQUEST_ABROAD = re.compile(
    r"^(?:(?:bitte|ich (?:möchte|will|hätte gern|brauche)|mach(?:e|t)?(?: mir| uns)?|drehe?|erstelle?|plane?|fais(?:-moi)?|je (?:veux|voudrais)|haz(?:me)?"
    r"|quiero|crea|fammi|fai|voglio|vorrei|faça|faz|quero)\s+){0,4}"
    r"(?:eine?n?|une?|una|uma?)\s+(?:\w+\s+){0,2}?(?:film|video|kurzfilm|trailer|clip|vidéo|película|vídeo|filme)\s+(?:über|von|vom|sur|de|sobre|di|su)\s+",
    re.IGNORECASE,
)
KIND = r"(?:documentary|drama|comedy|love story|tragedy|montage)"
REQUEST_KIND = re.compile(
    rf"^(?:please\s+)?(?:(?:make|create|film|shoot|plan|give me|show me)\s+)?(?:me\s+|us\s+)?(?:an?\s+)?{KIND}\s+(?:about|of)\s+(?=\w)",
    re.IGNORECASE,
)
REQUEST_TALK = re.compile(
    r"^(?:please\s+)?(?:(?:make|create|film|shoot|plan|give me|show me)\s+)?(?:me\s+|us\s+)?an?\s+(?:dialogue|conversation)\s+(?:between|of)\s+(.{3,80}?)\s+about\s+",
    re.IGNORECASE,
)
COMMAS = re.compile(r",(?:\s*,)+")


@dataclass(frozen=True)
class Wishes:
    """What the film should be. None means: as the template or the brief says."""

    brief: str = ""
    shots: int | None = None
    seconds: int | None = None
    style: str | None = None
    mood: str | None = None
    tone: str | None = None
    aspect_ratio: AspectRatio | None = None
    template: str | None = None
    pattern: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    metaphors: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()


def wishes_from(text: str) -> Wishes:
    """Read the wishes in a person's words; `brief` stays as it was written."""
    return parse(text)[0]


def completed(wishes: Wishes) -> tuple[Wishes, str]:
    """The wishes with what the brief says filled in, and the story that is left of the brief.

    What was asked for by name wins over what was read between the words.
    """
    said, story = parse(wishes.brief)
    shots = wishes.shots if wishes.shots is not None else said.shots
    seconds = wishes.seconds if wishes.seconds is not None else said.seconds
    merged = replace(
        wishes,
        shots=shots,
        seconds=seconds,
        style=wishes.style or said.style,
        mood=wishes.mood or said.mood,
        tone=wishes.tone or said.tone,
        aspect_ratio=wishes.aspect_ratio or said.aspect_ratio,
        template=wishes.template or said.template,
        pattern=wishes.pattern or said.pattern,
    )
    return merged, story


def parse(text: str, books: Library | None = None) -> tuple[Wishes, str]:
    """The wishes in a text, and the text without them."""
    books = books or library()
    rest = clean(text)
    template, _ = _preset(rest, books.templates)
    seconds, shots, rest = _lengths(rest)
    ratio, rest = _ratio(rest)
    style, rest = _preset(rest, books.styles)
    mood, rest = _preset(rest, books.moods)
    pattern, rest = _preset(rest, books.patterns)
    tone, rest = _preset(rest, books.tones)
    rest = REQUEST_TALK.sub(r"\1 talk about ", REQUEST_KIND.sub("", _tidy(rest)), count=1)
    story = _tidy(REQUEST.sub("", REQUEST_ABROAD.sub("", REQUEST_JA.sub("", _tidy(rest))), count=1))
    wishes = Wishes(
        brief=text,
        shots=shots,
        seconds=seconds,
        style=style,
        mood=mood,
        tone=tone,
        aspect_ratio=ratio,
        template=template,
        pattern=pattern,
    )
    return wishes, story


def _lengths(text: str) -> tuple[int | None, int | None, str]:
    both = SHOTS_OF_SECONDS.search(text)
    if both:
        shots = _number(both["shots"])
        return shots * _seconds(both), shots, _cut(text, both)
    found = SHOTS.search(text)
    shots, text = (_number(found["n"]), _cut(text, found)) if found else (None, text)
    each = SECONDS_EACH.search(text)
    if each and shots:
        return shots * _seconds(each), shots, _cut(text, each)
    length = SECONDS_FILM.search(text) or SECONDS.search(text)
    if not length:
        return None, shots, text
    return _seconds(length), shots, _without_length(text, length)


def _without_length(text: str, found: re.Match[str]) -> str:
    """Cut the number and its unit; the word film stays, for the request to be recognised by."""
    words = re.compile(rf"{NUMBER}[ -]?{UNIT}(?:[ -]long)?", re.IGNORECASE)
    start = found.start() + len(found["lead"])
    length = words.match(text, start)
    kept = found.start() if LEADS.fullmatch(found["lead"]) else start
    return text[:kept] + " " + text[length.end() if length else found.end() :]


def _ratio(text: str) -> tuple[AspectRatio | None, str]:
    exact = RATIO.search(text)
    if exact:
        wanted = exact["ratio"].replace(" ", "")
        ratio: AspectRatio = "9:16" if wanted == "9:16" else "1:1" if wanted == "1:1" else "16:9"
        return ratio, _cut(text, exact)
    for ratio, words in FORMATS:
        found = re.search(rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])(?:\s+format)?", text, re.IGNORECASE)
        if found:
            return ratio, _cut(text, found)
    return None, text


def _preset(text: str, entries: Iterable[Preset | Template | Pattern]) -> tuple[str | None, str]:
    """The first preset named in the text, and the text without the name where it stands alone."""
    hits: list[tuple[int, str, re.Match[str] | None]] = []
    for entry in entries:
        for alias in (entry.name, entry.name.replace("-", " "), *entry.aliases, *entry.weak):
            strong = alias in entry.aliases or not entry.weak
            hit = _mention(text, alias, strong=strong)
            if hit:
                hits.append((hit[0], entry.name, hit[1]))
    if not hits:
        return None, text
    _, name, span = min(hits, key=lambda hit: hit[0])
    return name, _cut(text, span) if span else text


def _mention(text: str, alias: str, *, strong: bool) -> tuple[int, re.Match[str] | None] | None:
    """Where a text asks for something by name; the match to cut out when nothing else hangs on it."""
    if alias not in text.lower():
        return None  # nearly always, and far cheaper than three patterns
    word = re.escape(alias)
    alone = re.search(
        rf"(?:(?:^|(?<=[,;:.(]))\s*(?:and\s+)?(?:make it\s+)?|\b(?:in an?|in|as an?)\s+)(?<!\w){word}(?:[ -](?:style|tone|mood))?{END}"
        rf"|(?<!\w){word}(?!\w)(?:[ -](?:style|tone|mood)\b|(?=\s+(?:[\w-]+\s+)?{FILM}\b))",
        text,
        re.IGNORECASE,
    )
    if alone:
        return alone.start(), alone
    asked = re.match(rf"{REQUESTED}[^,.:;]{{0,60}}?(?<!\w){word}(?!\w)", text, re.IGNORECASE)
    if asked:
        return asked.start(), None
    anywhere = re.search(rf"(?<!\w){word}(?!\w)", text, re.IGNORECASE) if strong else None
    return (anywhere.start(), None) if anywhere else None


def _cut(text: str, found: re.Match[str]) -> str:
    return text[: found.start()] + " " + text[found.end() :]


def _tidy(text: str) -> str:
    """Without the commas and blanks that were left around what was cut out; in time linear in its length."""
    text = re.sub(r" ([,;:.!?])", r"\1", " ".join(text.split()))
    text = re.sub(r",(?=[.;:])", "", COMMAS.sub(",", text))
    return text.lstrip(" ,;:.").rstrip(" ,;:(")


def _seconds(found: re.Match[str]) -> int:
    return _number(found["n"], 60 if found["minutes"] else 1)


def _number(text: str, factor: int = 1) -> int:
    return int((NUMBERS[text.lower()] if text.lower() in NUMBERS else int(text)) * factor)
