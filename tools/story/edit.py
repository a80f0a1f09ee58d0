"""Edits to a shot list in plain words, each leaving a new list and the old one untouched.

Only what was named changes. A shot keeps its `shot_id` wherever it is moved, so that what was
rendered for it is still found.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from tools.errors import Invalid
from tools.shots import ASPECT_RATIOS, SECONDS_MAX, SHOTS_MAX, AspectRatio, Shot, ShotList, is_locked
from tools.story.brief import PRONOUN, VERBS, is_english, read_story
from tools.story.library import Camera, library
from tools.story.look import look_of
from tools.story.prompts import Fragments, assemble, caption, seen_in, with_look
from tools.story.sheets import names
from tools.story.timing import check_total, split, usable
from tools.story.wishes import NUMBERS
from tools.story.words import LETTER, capital, clean, finish, one_sentence

TEXT_CHARACTERS_MAX = 2_000
CAMERA_WORDS: tuple[tuple[Camera, str], ...] = (
    ("static", r"static(?: camera| shot)?|still camera|locked[- ]off|no camera movement|fixed camera"),
    ("push-in", r"(?:slow )?push(?:es|ing)?[- ]in|(?:slow )?dolly[- ]in|(?:slow )?zoom[- ]in|move closer"),
    ("glide", r"(?:smooth )?glid(?:e|es|ing)(?: camera| shot)|glide|tracking shot|steadicam"),
    ("slow pan", r"slow(?:ly)? pan(?:ning|s)?|pan(?: slowly)?(?: left| right)?"),
)
SIZE_WORDS = (
    ("close-up", r"close[- ]?up"),
    ("wide", r"wide(?: shot| angle)"),
    ("medium", r"medium(?: shot)"),
    ("insert", r"insert shot"),
)
DURATION = re.compile(
    rf"(?:\b(?:for|lasting|make it|in)\s+)?(?<!\w)(?P<n>\d{{1,9}}|{'|'.join(NUMBERS)})[ -]?(?:seconds?|secs?|s)(?:[ -]long)?(?!\w)",
    re.IGNORECASE,
)
LEFTOVERS = re.compile(
    r"^(?:(?:make|and|with|in|it|a|an|the|to|use|have|let|please|be|camera|shot|of|but|,|;)\s*)+$",
    re.IGNORECASE,
)
LEAD = re.compile(
    r"^(?:please\s+|now\s+)?(?:make it so that|make it that|have|let|show(?: us| me)?|with)\s+", re.IGNORECASE
)


def change(shots: ShotList, n: int, text: str) -> ShotList:
    """Rewrite what is seen in shot `n`; words for the camera, the size or "5 seconds" set just those."""
    shot = unlocked(shots, n)
    story, updates = _instructions(told_text(text))
    changed = shot.model_copy(update=updates)
    if story:
        return replaced(shots, n, retold(shots, changed, story))
    prompt = with_look(changed.enhanced_prompt, frame_of(shots, changed))
    return replaced(shots, n, changed.model_copy(update={"enhanced_prompt": prompt}))


def retime(shots: ShotList, n: int | None, seconds: int) -> ShotList:
    """Give shot `n` another duration; without a number, every shot that is not locked."""
    duration = _seconds(seconds)
    return each_free(shots, n, lambda shot: shot.model_copy(update={"duration": duration}))


def remove(shots: ShotList, n: int) -> ShotList:
    """Take shot `n` out; the last one left stays."""
    unlocked(shots, n)
    if len(shots.shots) == 1:
        raise Invalid("n", "a film keeps at least one shot; change this one instead")
    return shots.with_shots([*shots.shots[: n - 1], *shots.shots[n:]])


def swap(shots: ShotList, a: int, b: int) -> ShotList:
    """Let shots `a` and `b` change places."""
    first, second = pick(shots, a), pick(shots, b)
    order = list(shots.shots)
    order[a - 1], order[b - 1] = second, first
    return shots.with_shots(order)


def move(shots: ShotList, n: int, to: int) -> ShotList:
    """Take shot `n` out and put it where it becomes shot `to`."""
    shot = pick(shots, n)
    pick(shots, to)
    order = [*shots.shots[: n - 1], *shots.shots[n:]]
    return shots.with_shots([*order[: to - 1], shot, *order[to - 1 :]])


def insert(shots: ShotList, n: int, text: str) -> ShotList:
    """Put a new shot before shot `n`; one past the end appends it."""
    last = len(shots.shots)
    if last >= SHOTS_MAX:
        raise Invalid("shots", f"a film has at most {SHOTS_MAX} shots")
    if not 1 <= n <= last + 1:
        raise Invalid("n", f"a new shot can become shot 1 to {last + 1}, not {n}")
    story, updates = _instructions(told_text(text))
    if not story:
        raise Invalid("text", "say what is seen in the new shot")
    neighbour = shots.shots[max(0, n - 2)]
    bare = blank(shots, neighbour).model_copy(update=updates)
    new = retold(shots, bare, story)
    return shots.with_shots([*shots.shots[: n - 1], new, *shots.shots[n - 1 :]])


def restyle(
    shots: ShotList,
    *,
    style: str | None = None,
    mood: str | None = None,
    tone: str | None = None,
    aspect_ratio: AspectRatio | None = None,
) -> ShotList:
    """Another look for the whole film; what happens in it stays."""
    if aspect_ratio not in {None, *ASPECT_RATIOS}:
        raise Invalid("aspect_ratio", f"a film is {', '.join(ASPECT_RATIOS)}, not {aspect_ratio}")
    words = {"style": style, "mood": mood, "tone": tone}
    for what, word in words.items():
        if word is not None and not 1 <= len(clean(word)) <= 120:
            raise Invalid(what, "1 to 120 characters")
    changed = {what: clean(word) for what, word in words.items() if word is not None}
    film = shots.model_copy(update=changed | ({"aspect_ratio": aspect_ratio} if aspect_ratio else {}))
    if not changed:
        return film
    before = look_of(shots.style, shots.mood, shots.tone, library()).negative.split(", ")
    return film.with_shots(
        [shot if is_locked(shot) else _relit(film, shot, changed, before) for shot in film.shots]
    )


def resize(shots: ShotList, total_seconds: int, offered: tuple[int, ...]) -> ShotList:
    """Another running time with the same shots, each as long in proportion as the offer allows.

    Locked shots keep theirs, and the others share what is left.
    """
    check_total(total_seconds)
    free = [shot for shot in shots.shots if not is_locked(shot)]
    kept = shots.seconds - sum(shot.duration for shot in free)
    if not free or total_seconds <= kept:
        raise Invalid("seconds", f"locked shots keep {kept} of {total_seconds} s; unlock one")
    durations = iter(split(total_seconds - kept, [shot.duration for shot in free], usable(offered)))
    return shots.with_shots(
        [s if is_locked(s) else s.model_copy(update={"duration": next(durations)}) for s in shots.shots]
    )


def pick(shots: ShotList, n: int) -> Shot:
    if not 1 <= n <= len(shots.shots):
        raise Invalid("n", f"this film has shots 1 to {len(shots.shots)}, not {n}")
    return shots.shots[n - 1]


def unlocked(shots: ShotList, n: int) -> Shot:
    shot = pick(shots, n)
    if is_locked(shot):
        raise Invalid("n", f"shot {n} is locked; unlock it to change it")
    return shot


def each_free(shots: ShotList, n: int | None, changed: Callable[[Shot], Shot]) -> ShotList:
    """The film with shot `n` changed, or without a number every shot that is not locked."""
    if n is not None:
        return replaced(shots, n, changed(unlocked(shots, n)))
    if all(is_locked(shot) for shot in shots.shots):
        raise Invalid("shots", "every shot is locked; unlock one")
    return shots.with_shots([shot if is_locked(shot) else changed(shot) for shot in shots.shots])


def replaced(shots: ShotList, n: int, shot: Shot) -> ShotList:
    return shots.with_shots([*shots.shots[: n - 1], shot, *shots.shots[n:]])


def told_text(text: str) -> str:
    text = clean(text)
    if not text or not re.search(r"\w", text):
        raise Invalid("text", "say what should change")
    if len(text) > TEXT_CHARACTERS_MAX:
        raise Invalid("text", f"at most {TEXT_CHARACTERS_MAX:,} characters, not {len(text):,}")
    return text


def _seconds(seconds: int) -> int:
    if not 1 <= seconds <= SECONDS_MAX:
        raise Invalid("seconds", f"a shot has 1 to {SECONDS_MAX} seconds, not {seconds}")
    return seconds


def _instructions(text: str) -> tuple[str, dict[str, str | int]]:
    """What is told, and what is ordered: camera, size, duration."""
    updates: dict[str, str | int] = {}
    duration = DURATION.search(text)
    if duration:
        word = duration["n"].lower()
        updates["duration"] = _seconds(int(NUMBERS[word] if word in NUMBERS else int(word)))
        text = text.replace(duration[0], " ", 1)
    for what, words in (("camera", CAMERA_WORDS), ("shot_type", SIZE_WORDS)):
        for name, pattern in words:
            found = re.search(
                rf"(?<!\w)(?:with an? |in an? |as an? |an? )?(?:{pattern})(?!\w)(?: (?:camera|on|to)\b)?",
                text,
                re.IGNORECASE,
            )
            if found and what not in updates:
                updates[what] = name
                text = f"{text[: found.start()]}, {text[found.end() :]}"
    return _told(text), updates


def _told(text: str) -> str:
    parts = [part.strip() for part in re.split(r"[,;]", text)]
    kept = ", ".join(part for part in parts if LETTER.search(part) and not LEFTOVERS.match(part))
    return LEAD.sub("", re.sub(r"^(?:and|but)\s+", "", kept)).strip(" ,.:")


def retold(shots: ShotList, shot: Shot, text: str) -> Shot:
    """The shot with another thing happening in it, to the same people in the same light."""
    books = library()
    story = read_story(text, books)
    told = _with_character(one_sentence(text), shot)
    frame = frame_of(shots, shot, action=told)
    return shot.model_copy(
        update={
            "enhanced_prompt": assemble(frame),
            "caption": caption(capital(told)),
            "landscapes": list(story.landscapes) or shot.landscapes,
            "time_of_day": story.time_of_day or shot.time_of_day,
            "characters": shot.characters or _named(shots, told) or list(story.characters),
        }
    )


def _named(shots: ShotList, told: str) -> list[str]:
    return [sheet.name for sheet in shots.sheets if sheet.kind == "character" and names(told, sheet)]


def _with_character(text: str, shot: Shot) -> str:
    """ "he slips" and "slips" happen to whom the shot already shows."""
    if not shot.characters or not is_english(text):
        return text
    who = shot.characters[0]
    hero = who if who[:1].isupper() else f"{'an' if who[:1] in 'aeiou' else 'a'} {who}"
    if PRONOUN.match(text):
        return PRONOUN.sub(lambda _: f"{hero} ", text)
    first = text.split(maxsplit=1)[0]
    if first.lower() in VERBS or re.fullmatch(r"[a-z]{3,}(?<!s)s", first):
        return f"{hero} {text[:1].lower()}{text[1:]}"
    return text


def frame_of(shots: ShotList, shot: Shot, action: str = "") -> Fragments:
    look = look_of(shots.style, shots.mood or shot.mood, shots.tone, library())
    frame = look.fragments(action=action, camera=shot.camera, shot_type=shot.shot_type, time=shot.time_of_day)
    return replace(
        frame, steady=bool(shot.reference_images), sheets=tuple(shots.sheets), others=tuple(shot.characters)
    )


def _relit(film: ShotList, shot: Shot, changed: dict[str, str], before: Sequence[str]) -> Shot:
    """What was kept out of the picture stays out, but for what the look before kept out."""
    look = look_of(film.style, film.mood, film.tone, library())
    own = [word for word in shot.negative_prompt.split(", ") if word and word not in before]
    update: dict[str, object] = {
        "enhanced_prompt": with_look(shot.enhanced_prompt, frame_of(film, shot)),
        "negative_prompt": ", ".join(dict.fromkeys([*look.negative.split(", "), *own])),
    }
    if "style" in changed:
        update["styles"] = [changed["style"]]
    if "mood" in changed:
        update["mood"] = changed["mood"]
    return shot.model_copy(update=update)


def blank(shots: ShotList, neighbour: Shot) -> Shot:
    """A new shot in the neighbour's world: same people, place, look; nothing seen yet."""
    taken = {shot.shot_id for shot in shots.shots}
    number = next(n for n in range(len(taken) + 1, 2 * SHOTS_MAX + 2) if f"shot_{n:03}" not in taken)
    return Shot(
        shot_id=f"shot_{number:03}",
        shot_type="medium" if neighbour.shot_type != "medium" else "close-up",
        enhanced_prompt=seen_in(finish(neighbour.enhanced_prompt)),
        negative_prompt=neighbour.negative_prompt,
        duration=neighbour.duration,
        characters=neighbour.characters,
        landscapes=neighbour.landscapes,
        styles=neighbour.styles,
        mood=neighbour.mood,
        time_of_day=neighbour.time_of_day,
    )
