"""Reference pictures in a plan: put to a shot, to a character or to the whole film, and taken away again.

A prompt that was made here says while there is one that things look as they do there.
"""

from collections.abc import Iterable

from tools.errors import Invalid
from tools.shots import PICTURE_NAME, PICTURES_MAX, Shot, ShotList, is_locked
from tools.story.edit import frame_of, unlocked
from tools.story.prompts import LOOK, with_look


def attach(shots: ShotList, picture: str, n: int | None = None, character: str | None = None) -> ShotList:
    """Let shot `n`, every shot with a character, or with neither the whole film use a picture."""
    if PICTURE_NAME.fullmatch(picture) is None:
        raise Invalid("picture", "a picture that was sent here has a name like sha256:0123...")
    chosen = _chosen(shots, n, character)
    return shots.with_shots(
        [
            _with(shots, each, [*each.reference_images, picture]) if each in chosen else each
            for each in shots.shots
        ]
    )


def detach(
    shots: ShotList, picture: str | None = None, n: int | None = None, character: str | None = None
) -> ShotList:
    """Take a picture away, or every one, from where `attach` would put it."""
    chosen = [each for each in _chosen(shots, n, character) if _has(each, picture)]
    if not chosen:
        raise Invalid("picture", "no reference picture is used there")
    return shots.with_shots(
        [_with(shots, each, _less(each, picture)) if each in chosen else each for each in shots.shots]
    )


def keep_pictures(before: ShotList, after: ShotList) -> ShotList:
    """What the whole film or a character looked like, it looks like in new shots, too."""
    if not any(shot.reference_images for shot in before.shots):
        return after
    return after.with_shots(
        [
            shot
            if is_locked(shot)
            else _with(after, shot, [*shot.reference_images, *_inherited(before, shot)])
            for shot in after.shots
        ]
    )


def _inherited(before: ShotList, new: Shot) -> list[str]:
    film = _shared(before.shots)
    own = [
        name
        for who in new.characters
        for name in _shared(shot for shot in before.shots if who in shot.characters)
    ]
    room = PICTURES_MAX - len(new.reference_images)
    return [name for name in dict.fromkeys([*film, *own]) if name not in new.reference_images][:room]


def _shared(shots: Iterable[Shot]) -> list[str]:
    """The pictures that every one of them uses."""
    first, *others = [shot.reference_images for shot in shots] or [[]]
    return [name for name in first if all(name in names for names in others)]


def _chosen(shots: ShotList, n: int | None, character: str | None) -> list[Shot]:
    if n is not None:
        return [unlocked(shots, n)]
    found = shots.shots if character is None else _of(shots, character)
    free = [shot for shot in found if not is_locked(shot)]
    if not free:
        raise Invalid("shot", "these shots are locked; unlock one")
    return free


def _of(shots: ShotList, character: str) -> list[Shot]:
    wanted = character.casefold().strip()
    found = [shot for shot in shots.shots if wanted in map(str.casefold, shot.characters)]
    if not found:
        known = dict.fromkeys(who for shot in shots.shots for who in shot.characters)
        raise Invalid(
            "character", f"nobody here is {character[:80]!r}; there are: {', '.join(known) or 'none'}"
        )
    return found


def _has(shot: Shot, picture: str | None) -> bool:
    return bool(shot.reference_images) if picture is None else picture in shot.reference_images


def _less(shot: Shot, picture: str | None) -> list[str]:
    return [] if picture is None else [name for name in shot.reference_images if name != picture]


def _with(shots: ShotList, shot: Shot, names: list[str]) -> Shot:
    names = list(dict.fromkeys(names))
    if len(names) > PICTURES_MAX:
        why = f"has {PICTURES_MAX} reference pictures, the most there can be; take one away"
        raise Invalid(f"shot {shot.shot_number}", why)
    changed = shot.model_copy(update={"reference_images": names})
    if bool(names) == bool(shot.reference_images) or LOOK.search(shot.enhanced_prompt) is None:
        return changed  # a prompt that was not made here keeps its words
    prompt = with_look(shot.enhanced_prompt, frame_of(shots, changed))
    return changed.model_copy(update={"enhanced_prompt": prompt})
