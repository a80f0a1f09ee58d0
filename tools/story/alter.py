"""Changes to what is seen that leave the rest of the picture: when it is, what else is there, what stands for what.

Each is about one shot or, without a number, about all that are not locked.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from tools.errors import Invalid
from tools.shots import Sheet, Shot, ShotList, is_locked
from tools.story.edit import blank, each_free, frame_of, pick, told_text
from tools.story.library import library
from tools.story.prompts import seen_in, with_look
from tools.story.sheets import known_as, undressed
from tools.story.swapping import Swap, swap_of
from tools.story.words import count, finish, is_spaced, one_sentence, stem

WORDS_MAX = 38  # what is seen, with what was added to it; the camera has its room beside them
AVOIDED_WORDS_MAX = 6
DAY = ("daylight", "daytime", "day")
AT = {"dawn": "at", "noon": "at", "dusk": "at", "night": "at", "day": "in"}
WEATHERS: tuple[tuple[str, str], ...] = (
    (r"thunder ?storms?", "in a thunderstorm"),
    (r"rain\w*|drizzl\w*", "in the rain"),
    (r"snow\w*|blizzard", "in the snow"),
    (r"fog\w*|mist|misty", "in thick fog"),
    (r"storm\w*", "in a storm"),
    (r"wind|windy", "in a strong wind"),
    (r"sunn\w+|sunshine", "in bright sunshine"),
    (r"cloud\w*|overcast", "under a cloudy sky"),
    (r"winter", "in winter"),
    (r"summer", "in summer"),
    (r"autumn", "in autumn"),
)
HEROES = frozenset({"hero", "heroine", "main character", "protagonist"})
MEALS = r"(?:breakfast|lunchtime)\b"  # they speak of an hour, and may be had at another
ARTICLE = re.compile(r"^(?:an?|the|some|any)\s+", re.IGNORECASE)
PLACED = re.compile(r"^(?:with|in|on|under|behind|near|beside|at|next to|in front of)\s", re.IGNORECASE)


# --- when it is -----------------------------------------------------------------------------------


def when(shots: ShotList, n: int | None, text: str) -> ShotList:
    """The shot at another time of day or in another weather: "at night", "in the rain"."""
    time, word = _time_in(text)
    weather = next((phrase for words, phrase in WEATHERS if _says(text, words)), "")
    if not time and not weather:
        raise Invalid("text", 'say a time of day or a weather: "at night", "in the rain"')
    phrase = " ".join(filter(None, (_at(time, word), weather)))

    def changed(shot: Shot) -> Shot:
        bare = shot
        if time:
            bare = _about(_unsaid(shot, _times()), _times())
        if weather:
            bare = _unsaid(bare, _weathers())
        lit = bare.model_copy(update={"time_of_day": time} if time else {})
        prompt = with_look(_joined(lit, phrase), frame_of(shots, lit))
        return lit.model_copy(update={"enhanced_prompt": prompt})

    return each_free(shots, n, changed)


def _says(text: str, words: str) -> bool:
    return re.search(rf"\b(?:{words})\b", text, re.IGNORECASE) is not None


def _time_in(text: str) -> tuple[str, str]:
    """The time of day by its name, and the word that was said for it."""
    for time, words in (*library().times.items(), ("day", DAY)):
        for word in words:
            if _says(text, re.escape(word)):
                return time, "daylight" if time == "day" else word
    return "", ""


def _at(time: str, word: str) -> str:
    return f"{AT[time]} {word}" if time in AT else f"in the {word}" if time else ""


def _times() -> str:
    return "|".join(re.escape(word) for words in (*library().times.values(), DAY) for word in words)


def _weathers() -> str:
    return r"(?:cloudy |clear )?sky|" + "|".join(words for words, _ in WEATHERS)


def _unsaid(shot: Shot, words: str) -> Shot:
    """Without what was said of it before."""
    phrase = re.compile(
        rf",?\s+(?:at|in|by|during|under|through|around)\s+(?:the\s+|an?\s+)?(?:(?:late|early|bright|thick|strong|heavy|middle of the|dead of)\s+)?(?:{words})\b",
        re.IGNORECASE,
    )
    seen = phrase.sub("", seen_in(shot.enhanced_prompt))
    caption = phrase.sub("", shot.caption) if shot.caption else shot.caption
    return shot.model_copy(update={"enhanced_prompt": _with_seen(shot, seen), "caption": caption})


def _about(shot: Shot, words: str) -> Shot:
    """A sentence that cannot do without such a word is for a person to change."""
    if found := re.search(rf"\b(?!{MEALS})(?:{words})\b", seen_in(shot.enhanced_prompt), re.IGNORECASE):
        n = shot.shot_number
        raise Invalid("text", f'shot {n} is about "{found[0]}": say what is seen, "change shot {n} to ..."')
    return shot


# --- what else is there ---------------------------------------------------------------------------


def add(shots: ShotList, n: int | None, text: str) -> ShotList:
    """Something more in the picture: "a dog", "a dog in the background"."""
    thing = one_sentence(told_text(text))
    phrase = thing if PLACED.match(thing) else f"with {thing}"
    return each_free(
        shots,
        n,
        lambda shot: shot.model_copy(update={"enhanced_prompt": _looked(shot, _joined(shot, phrase))}),
    )


def avoid(shots: ShotList, n: int | None, text: str) -> ShotList:
    """Something kept out of the picture; models that take no such list are not told it."""
    thing = ARTICLE.sub("", one_sentence(told_text(text)).lower())
    if count(thing) > AVOIDED_WORDS_MAX:
        raise Invalid("text", f"say in {AVOIDED_WORDS_MAX} words what is to be kept out")

    def changed(shot: Shot) -> Shot:
        if stem(thing) in map(stem, re.findall(r"\w+", seen_in(shot.enhanced_prompt))):
            raise Invalid("text", f'shot {shot.shot_number} shows it: "replace the {thing} with ..."')
        words = [word for word in shot.negative_prompt.split(", ") if word and word != thing]
        return shot.model_copy(update={"negative_prompt": ", ".join([*words, thing])})

    return each_free(shots, n, changed)


def _joined(shot: Shot, phrase: str) -> str:
    """What is seen, with a phrase more; once is enough."""
    seen = one_sentence(seen_in(shot.enhanced_prompt))
    if phrase.casefold() in seen.casefold():
        return finish(seen)
    if not is_spaced(seen):
        return finish(f"{seen}、{phrase}")
    if count(seen) + count(phrase) > WORDS_MAX:
        n = shot.shot_number
        raise Invalid(
            "text", f'shot {n} has no room for more words; say what is seen: "change shot {n} to ..."'
        )
    return finish(f"{seen}, {phrase}" if "," in seen else f"{seen} {phrase}")


def _with_seen(shot: Shot, seen: str) -> str:
    """The prompt with another first half; how the camera sees it stays word for word."""
    before = seen_in(shot.enhanced_prompt)
    return _looked(shot, finish(seen)) if seen != before else shot.enhanced_prompt


def _looked(shot: Shot, seen: str) -> str:
    before = seen_in(shot.enhanced_prompt)
    at = shot.enhanced_prompt.find(before)
    return f"{seen}{shot.enhanced_prompt[at + len(before) :]}" if at == 0 else seen


# --- what stands for what -------------------------------------------------------------------------


def replace_thing(shots: ShotList, n: int | None, old: str, new: str) -> ShotList:
    """Another thing, or somebody else, wherever the old one is told of: prompt, caption, title and brief.

    What was read in the code stays: the card and the caption of a shot that came from there have real names in them.
    """
    swap = _meant(shots, swap_of(told_text(old), told_text(new)))
    gone = [
        sheet for sheet in shots.sheets if f" {sheet.name}".casefold().endswith(f" {swap.old}".casefold())
    ]
    film = each_free(shots, n, lambda shot: _swapped(shot, swap, gone))
    if film == shots:
        locked = any(
            is_locked(each) and swap.made(each.enhanced_prompt) != each.enhanced_prompt
            for each in shots.shots
        )
        why = (
            f'only locked shots tell of "{swap.old}"; unlock them'
            if locked
            else f'no shot tells of "{swap.old}"'
        )
        raise Invalid("old", why)
    if n is not None:
        return film
    sheets = [
        sheet.model_copy(update={"name": swap.made(sheet.name)})
        for sheet in shots.sheets
        if sheet not in gone
    ]
    told = {"title": swap.made(shots.title), "brief": swap.made(shots.brief)}
    return film.model_copy(update=told | {"sheets": sheets})


def _meant(shots: ShotList, swap: Swap) -> Swap:
    """Who is meant by "the hero", and by "the keeper"."""
    everybody = [who for shot in shots.shots for who in shot.characters]
    if swap.old.casefold() in HEROES and everybody:
        return replace(swap, old=max(dict.fromkeys(everybody), key=everybody.count))
    whole = known_as(swap.old, everybody)
    return swap if whole == swap.old else replace(swap, whole=whole)


def _swapped(shot: Shot, swap: Swap, gone: Iterable[Sheet]) -> Shot:
    seen = seen_in(shot.enhanced_prompt)
    for sheet in gone:
        seen = undressed(seen, sheet)
    told = {"caption": shot.caption, "dialogue": shot.dialogue}
    own = not shot.evidence
    if own:
        told["title_card"] = shot.title_card
    return shot.model_copy(
        update={name: swap.made(text, names=own) for name, text in told.items() if text}
        | {
            "enhanced_prompt": _with_seen(shot, swap.made(seen)),
            "characters": [swap.made(each) for each in shot.characters],
            "landscapes": [swap.made(each) for each in shot.landscapes],
        }
    )


def copy(shots: ShotList, n: int) -> ShotList:
    """The same shot once more, behind itself."""
    shot = pick(shots, n)
    twin = {name: value for name, value in shot.model_dump().items() if name != "locked"}
    again = Shot.model_validate(twin | {"shot_id": blank(shots, shot).shot_id})
    return shots.with_shots([*shots.shots[:n], again, *shots.shots[n:]])
