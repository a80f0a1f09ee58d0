"""Who somebody is and what a place looks like, in words that are the same in every shot.

A sheet comes from a sentence, "Emma is a tired developer in a green raincoat", or as "NAME: LOOKS" in
any language. Where a shot names its character or place, the looks follow the name.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from pydantic import ValidationError

from tools.errors import Invalid, explain
from tools.shots import SHEETS_MAX, Sheet
from tools.story.brief import DETERMINER, PREPOSITIONS
from tools.story.library import Library, library
from tools.story.words import LETTER, capital, clean, count, is_spaced, one_sentence

LOOKS_WORDS_MAX = 12
LOOKS_CHARACTERS_MAX = 40  # where no blanks stand between words
SENTENCE_CHARACTERS_MAX = 300
NOBODY = frozenset("it this that he she they we you i there what who which why how when where whose everything everybody nobody film shot scene video plan budget price style mood idea repository project end ending beginning start opening closing colour color music sound light camera tone look length title".split())  # noqa: SIM905 -- a list of words reads better  # fmt: skip
SENTENCE = re.compile(
    r"^(?:please\s+)?(?:(?P<kind>character|place)\s*:?\s+)?(?:the\s+)?(?P<name>\w[\w'’-]*(?:\s+\w[\w'’-]*){0,3}?)\s+"  # noqa: RUF001 -- an apostrophe
    r"(?:is|are|looks like|should look like|shall look like)\s+(?P<looks>(?:an?|the|two|three)\s+.{3,200})$",
    re.IGNORECASE | re.DOTALL,
)
SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
WEARS = re.compile(
    r"^(?:the\s+)?(?P<name>\w[\w'-]*(?:\s+\w[\w'-]*){0,3}?)\s+(?:wears|is wearing)\s+(?P<looks>(?:an?|the|his|her|their|two)\s+.{3,200})$",
    re.IGNORECASE | re.DOTALL,
)
DESCRIBED = re.compile(
    r"^(?:please\s+)?describe\s+(?:the\s+)?(?P<name>.{1,60}?)\s+as\s+(?P<looks>(?:an?|the)\s+.{3,200})$",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"^(?:(?P<kind>character|place)\s+)?(?P<name>[^:\uff1a=]{1,60}?)\s*[:\uff1a=]\s*(?P<looks>.{2,200})$",
    re.DOTALL,
)
TOPIC = re.compile(r"^(?P<name>[^はが。]{1,20})は(?P<looks>[^。]{2,60}?)(?:です|だ|である)?。?$")


def is_sheet(text: str) -> bool:
    """Whether a message says who somebody is, and nothing else."""
    found = _match(_plain(text)) if len(text) <= SENTENCE_CHARACTERS_MAX else None
    if found is None or "?" in text:
        return False
    words = found["name"].lower().split()
    told = count(found["looks"])
    return (
        3 <= told <= LOOKS_WORDS_MAX + 4
        and not NOBODY & set(words)
        and not re.match(r"(?:a|an|every|some|my|our)\b", found["name"], re.IGNORECASE)
        and not PREPOSITIONS & set(words)
    )


def sheet_from(sentence: str, books: Library | None = None) -> Sheet:
    """The sheet that a sentence describes; `Invalid` says what it should be like."""
    text = _plain(sentence) if len(sentence) <= SENTENCE_CHARACTERS_MAX else ""
    found = _match(text) or NAMED.match(text) or TOPIC.match(text)
    if found is None:
        raise Invalid("character", "say it like 'Emma is a tired developer in a green raincoat'")
    name = re.sub(rf"^{DETERMINER}\s+", "", clean(found["name"]), flags=re.IGNORECASE)
    facts = found.groupdict()
    kind = (facts.get("kind") or _kind(name, books or library())).lower()
    looks = f"wearing {found['looks']}" if found.re is WEARS else found["looks"]
    try:
        return Sheet.model_validate({"name": name, "looks": _looks(looks), "kind": kind})
    except ValidationError as error:
        raise Invalid("character", explain(error).why) from None


def _match(text: str) -> re.Match[str] | None:
    return DESCRIBED.match(text) or SENTENCE.match(text) or WEARS.match(text)


def sheets_from(sentences: Iterable[str], books: Library | None = None) -> tuple[Sheet, ...]:
    """One for each; what is said again about the same one takes the place of what was said before."""
    made = [sheet_from(sentence, books) for sentence in sentences if count(sentence)]
    if len(made) > SHEETS_MAX:
        raise Invalid("characters", f"at most {SHEETS_MAX} characters and places at once")
    return joined((), made)


def sheets_in(brief: str) -> tuple[str, tuple[str, ...]]:
    """A brief without the sentences that say who somebody is, and these; one that says nothing else keeps them."""
    said = tuple(part for part in SENTENCES.split(brief) if is_sheet(part))
    rest = brief
    for sentence in said:
        rest = rest.replace(sentence, " ", 1)
    return (rest, said) if said and LETTER.search(rest) else (brief, ())


def joined(before: Iterable[Sheet], said: Iterable[Sheet]) -> tuple[Sheet, ...]:
    """Both, the later one where they are about the same."""
    return tuple({sheet.name.casefold(): sheet for sheet in (*before, *said)}.values())


def known_as(name: str, characters: Iterable[str]) -> str:
    """ "Keeper" is the lighthouse keeper, where that is the only one there is."""
    known = {who.casefold(): who for who in characters}
    longer = [who for said, who in known.items() if said.endswith(f" {name.casefold()}")]
    return name if name.casefold() in known or len(longer) != 1 else longer[0]


def hero_of(sheets: Iterable[Sheet]) -> str:
    """Who a film is about that has no story of its own: the first character, by name."""
    first = next((sheet for sheet in sheets if sheet.kind == "character"), None)
    if first is None:
        return ""
    if first.name.casefold() == "hero":
        return first.looks
    return capital(first.name) if count(first.name) == 1 else f"the {first.name}"


def dressed(text: str, sheets: Sequence[Sheet], others: Iterable[str] = ()) -> str:
    """The text with the looks after the first naming of each; twice is as good as once.

    `others` are characters whose names may hold the name of a place: a lighthouse keeper is no lighthouse.
    """
    for sheet in sheets:
        if sheet.looks.casefold() in text.casefold():
            continue
        at = next(_namings(text, sheet.name, others), None)
        if at is not None:
            text = _told(text, at, sheet.looks)
    return text


def names(text: str, sheet: Sheet, others: Iterable[str] = ()) -> bool:
    return next(_namings(text, sheet.name, others), None) is not None


def undressed(text: str, sheet: Sheet) -> str:
    """Without the looks, as it was said before them."""
    for form in (f", {sheet.looks},", f", {sheet.looks}", f"（{sheet.looks}）"):  # noqa: RUF001 -- as it is written there
        text = text.replace(form, "")
    return text


def _namings(text: str, name: str, others: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where the name stands by itself, people before what only belongs to them."""
    pattern = re.escape(name) if not is_spaced(name) else rf"(?<!\w){re.escape(name)}(?!\w)"
    longer = [other for other in others if name.casefold() in other.casefold() and len(other) > len(name)]
    taken = [found.span() for other in longer for found in re.finditer(re.escape(other), text, re.IGNORECASE)]
    spans = [found.span() for found in re.finditer(pattern, text, re.IGNORECASE)]
    free = [(a, b) for a, b in spans if not any(start <= a and b <= end for start, end in taken)]
    yield from sorted(free, key=lambda span: text[span[1] : span[1] + 2] in {"'s", "’s"})  # noqa: RUF001 -- an apostrophe


def _told(text: str, at: tuple[int, int], looks: str) -> str:
    before, after = text[: at[1]], text[at[1] :]
    if not is_spaced(before):
        return f"{before}（{looks}）{after}"  # noqa: RUF001 -- as it is written there
    if after[:2] in {"'s", "’s"}:  # noqa: RUF001 -- an apostrophe
        return f"{text}, {before[at[0] :]} as {looks}"
    return f"{before}, {looks}{'' if after.startswith(',') or not after else ','}{after}"


def _plain(text: str) -> str:
    return clean(text).rstrip(" .!")


def _looks(text: str) -> str:
    looks = one_sentence(text)
    words = count(looks)
    if words > LOOKS_WORDS_MAX or (not is_spaced(looks) and len(looks) > LOOKS_CHARACTERS_MAX):
        raise Invalid("character", f"looks have at most {LOOKS_WORDS_MAX} words, these have {words}")
    article = re.match(rf"{DETERMINER}\b", looks, re.IGNORECASE)
    return looks[:1].lower() + looks[1:] if article else looks


def _kind(name: str, books: Library) -> str:
    """A place by its last word; whoever else is somebody."""
    last = name.casefold().split()[-1] if name.split() else ""
    return "place" if last in books.places else "character"
