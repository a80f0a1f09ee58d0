"""Cuts in a shot list: one shot made two, two made one, shots locked against every other change.

Seconds are kept exactly. A locked shot is not touched by other edits, by another running time, or
by a new plan; it can be moved.
"""

import re

from tools.errors import Invalid
from tools.shots import SECONDS_MAX, SHOTS_MAX, Shot, ShotList, is_locked
from tools.story.edit import blank, frame_of, pick, replaced, resize, retold, told_text, unlocked
from tools.story.prompts import assemble, caption, seen_in
from tools.story.timing import nearest_total, usable
from tools.story.words import count, finish, first_words, is_spaced, one_sentence

SEEN_OF_EACH_MAX = 15
WORDS_TOLD = 12  # of what is otherwise in a prompt
SIZES = ("close-up", "medium", "wide", "insert")


def split(shots: ShotList, n: int, text: str | None = None) -> ShotList:
    """Cut shot `n` in the middle; the second half is seen from elsewhere, or shows what `text` says."""
    shot = unlocked(shots, n)
    if len(shots.shots) >= SHOTS_MAX:
        raise Invalid("shots", f"a film has at most {SHOTS_MAX} shots")
    if shot.duration < 2:
        raise Invalid("n", f"shot {n} has 1 s, which cannot be cut in two")
    half = (shot.duration + 1) // 2
    first = shot.model_copy(update={"duration": half})
    second = _second(shots, n, shot.duration - half)
    if text is not None:
        second = retold(shots, second, told_text(text))
    return shots.with_shots([*shots.shots[: n - 1], first, second, *shots.shots[n:]])


def _second(shots: ShotList, n: int, seconds: int) -> Shot:
    """The same thing going on, in a size that neither neighbour has."""
    shot = shots.shots[n - 1]
    after = shots.shots[n].shot_type if n < len(shots.shots) else ""
    size = next(size for size in SIZES if size not in {shot.shot_type, after})
    new = shot.model_copy(
        update={
            "shot_id": blank(shots, shot).shot_id,
            "shot_type": size,
            "duration": seconds,
            "title_card": None,
        }
    )
    frame = frame_of(shots, new, action=one_sentence(seen_in(shot.enhanced_prompt)))
    return new.model_copy(update={"enhanced_prompt": assemble(frame)})


def merge(shots: ShotList, n: int, other: int) -> ShotList:
    """Make one shot of two that follow each other; it is as long as both, and seen as the first was."""
    first, second = unlocked(shots, min(n, other)), unlocked(shots, max(n, other))
    if abs(n - other) != 1:
        raise Invalid("other", "only shots that follow each other can be merged; move one first")
    if first.duration + second.duration > SECONDS_MAX:
        raise Invalid("n", f"together they have more than {SECONDS_MAX} s")
    both = _both(first, second)
    frame = frame_of(shots, both, action=_together(first, second))
    merged = both.model_copy(update={"enhanced_prompt": assemble(frame)})
    at = min(n, other)
    return shots.with_shots([*shots.shots[: at - 1], merged, *shots.shots[at + 1 :]])


def _both(first: Shot, second: Shot) -> Shot:
    def joined(name: str, most: int) -> list[object]:
        whole: list[object] = [*getattr(first, name), *getattr(second, name)]
        return [each for n, each in enumerate(whole) if each not in whole[:n]][:most]

    captions = [each for each in (first.caption, second.caption) if each]
    return first.model_copy(
        update={
            "duration": first.duration + second.duration,
            "characters": joined("characters", 20),
            "landscapes": joined("landscapes", 20),
            "evidence": joined("evidence", 20),
            "reference_images": joined("reference_images", 8),
            "title_card": first.title_card or second.title_card,
            "dialogue": first.dialogue or second.dialogue,
            "caption": caption(" ".join(dict.fromkeys(captions))) if captions else None,
        }
    )


def _together(first: Shot, second: Shot) -> str:
    """What is seen in both, the first part no longer than half of what a prompt has room for."""
    seen, then = (one_sentence(seen_in(shot.enhanced_prompt)) for shot in (first, second))
    if seen == then:
        return seen
    if not is_spaced(seen):
        return f"{seen}、{then}"
    short = first_words(seen, SEEN_OF_EACH_MAX) if count(seen) + count(then) > 30 else seen
    return f"{short}, then {then[:1].lower()}{then[1:]}"


def lock(shots: ShotList, n: int, *, locked: bool = True) -> ShotList:
    """Keep shot `n` exactly as it is, or let it be changed again."""
    shot = pick(shots, n)
    if locked:
        return replaced(shots, n, shot.model_copy(update={"locked": True}))
    free = {name: value for name, value in shot.model_dump().items() if name != "locked"}
    return replaced(shots, n, Shot.model_validate(free))


def rescale(shots: ShotList, offered: tuple[int, ...], *, longer: bool) -> ShotList:
    """A quarter shorter, or a third longer, as near as the offered lengths allow; locked shots stay."""
    free = [shot for shot in shots.shots if not is_locked(shot)]
    if not free:
        raise Invalid("seconds", "every shot is locked; unlock one")
    kept = shots.seconds - sum(shot.duration for shot in free)
    wanted = (shots.seconds * 4 + 2) // 3 if longer else shots.seconds * 3 // 4
    total = kept + nearest_total(max(1, wanted - kept), len(free), usable(offered))
    if (total <= shots.seconds) if longer else (total >= shots.seconds):
        word = "longer" if longer else "shorter"
        raise Invalid("seconds", f"the shots cannot be {word} than the {shots.seconds} s they have now")
    return resize(shots, total, offered)


def keep_locked(before: ShotList, after: ShotList, offered: tuple[int, ...]) -> ShotList:
    """A new plan with the locked shots of the old one in their places, and the new one's running time."""
    locked = [shot for shot in before.shots if is_locked(shot)]
    if not locked:
        return after
    fresh = _renamed(after, {shot.shot_id for shot in locked})
    shots = list(fresh)
    for shot in locked:
        shots[shot.shot_number - 1 : shot.shot_number] = [shot]
    whole = after.with_shots(shots[:SHOTS_MAX])
    free = [shot for shot in whole.shots if not is_locked(shot)]
    if not free:
        return whole
    kept = whole.seconds - sum(shot.duration for shot in free)
    rest = nearest_total(max(1, after.seconds - kept), len(free), usable(offered))
    return resize(whole, kept + rest, offered)


def _renamed(shots: ShotList, taken: set[str]) -> list[Shot]:
    """New ids for shots that would be taken for a locked one."""
    used = taken | {shot.shot_id for shot in shots.shots}
    free = (f"shot_{n:03}" for n in range(1, 3 * SHOTS_MAX) if f"shot_{n:03}" not in used)
    return [
        shot.model_copy(update={"shot_id": next(free)}) if shot.shot_id in taken else shot
        for shot in shots.shots
    ]


def differences(before: ShotList, after: ShotList) -> list[str]:
    """What an edit changed, a line for each shot that is not what it was."""
    old = {shot.shot_id: shot for shot in before.shots}
    new = {shot.shot_id for shot in after.shots}
    lines = [
        f"shot {shot.shot_number} is new: {_told(shot)}" for shot in after.shots if shot.shot_id not in old
    ]
    moved = _moved(before, after)
    for shot in after.shots:
        was = old.get(shot.shot_id)
        if was is not None and (said := [*moved.get(shot.shot_id, ()), *_changes(was, shot)]):
            lines.append(f"shot {shot.shot_number}: {'; '.join(said)}")
    gone = [shot for shot in before.shots if shot.shot_id not in new]
    lines += [f"shot {shot.shot_number} is gone: {_told(shot)}" for shot in gone]
    named = [] if before.title == after.title else [f"the film is called {after.title} now"]
    return [*sorted(lines, key=lambda line: int(line.split()[1].rstrip(":"))), *named]


def _changes(was: Shot, shot: Shot) -> list[str]:
    said: list[str] = []
    if was.duration != shot.duration:
        said.append(f"{was.duration} s is {shot.duration} s now")
    if seen_in(was.enhanced_prompt) != seen_in(shot.enhanced_prompt):
        same = was.caption == shot.caption
        said.append(seen_in(shot.enhanced_prompt) if same else _told(shot))
    elif was.enhanced_prompt != shot.enhanced_prompt:
        said.append(_seen(was, shot))
    elif was.caption != shot.caption:
        said.append(f'caption "{shot.caption}"' if shot.caption else "no caption")
    elif out := [
        each for each in shot.negative_prompt.split(", ") if each not in was.negative_prompt.split(", ")
    ]:
        said.append(f"kept out of the picture: {', '.join(out)}")
    if was.title_card != shot.title_card:
        said.append(f'opens with the card "{shot.title_card}"' if shot.title_card else "no title card")
    if was.reference_images != shot.reference_images:
        said.append(f"reference pictures: {len(shot.reference_images) or 'none'}")
    if is_locked(was) != is_locked(shot):
        said.append("locked" if is_locked(shot) else "unlocked")
    return said


def _moved(before: ShotList, after: ShotList) -> dict[str, list[str]]:
    """By id, where the shots were that stand in another order now; shots that came or went move nothing."""
    old = {shot.shot_id: shot.shot_number for shot in before.shots}
    stayed = [shot.shot_id for shot in after.shots if shot.shot_id in old]
    return {
        name: [f"was shot {old[name]}"]
        for name, there in zip(stayed, sorted(stayed, key=old.__getitem__), strict=True)
        if name != there
    }


def _seen(was: Shot, shot: Shot) -> str:
    """How a shot in which the same happens is seen now: its size, its camera, its feeling, else its new words."""
    pairs = ((was.shot_type, shot.shot_type), (was.camera, shot.camera), (was.mood, shot.mood))
    told = [f"{new or 'no mood'} instead of {old}" if old else new for old, new in pairs if old != new]
    known = set(_clauses(was.enhanced_prompt))
    new = " ".join(each for each in _clauses(shot.enhanced_prompt) if each not in known)
    words = [f'"{first_words(new, WORDS_TOLD)}"'] if new else []
    return ", ".join([*told, *words]) or "in fewer words"


def _clauses(prompt: str) -> list[str]:
    return re.split(r"(?<=[.,;:])\s+", prompt)


def _told(shot: Shot) -> str:
    return shot.caption or finish(first_words(shot.enhanced_prompt, 12))
