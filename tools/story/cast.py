"""Characters and places through a whole film: described once, worded alike everywhere, and held to it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from tools.errors import Invalid
from tools.shots import SHEETS_MAX, Sheet, Shot, ShotList, is_locked
from tools.story.edit import frame_of, replaced
from tools.story.prompts import assemble, seen_in
from tools.story.sheets import joined, known_as, names, sheet_from, undressed
from tools.story.words import one_sentence

# Words of which something has one: a raincoat that is green in the sheet is not red in a shot.
EITHER = tuple(
    frozenset(words.split())
    for words in (
        "red green blue yellow orange purple pink black white grey gray brown golden silver beige turquoise crimson violet",
        "old young middle-aged elderly teenage",
        "tall short tiny small large big huge long",
        "blond blonde dark-haired red-haired bald grey-haired",
        "wooden stone brick glass metal concrete marble",
        "narrow wide broad",
        "wet dry",
        "clean dirty",
    )
)  # fmt: skip


def describe(shots: ShotList, text: str) -> ShotList:
    """The film in which somebody, or some place, is as the text says: in every shot, with the same words."""
    sheet = sheet_from(text)
    if sheet.kind == "character":
        everybody = (who for shot in shots.shots for who in shot.characters)
        sheet = sheet.model_copy(update={"name": known_as(sheet.name, everybody)})
    before = next((each for each in shots.sheets if each.name.casefold() == sheet.name.casefold()), None)
    sheets = list(joined(shots.sheets, [sheet]))
    if len(sheets) > SHEETS_MAX:
        raise Invalid("characters", f"a film has at most {SHEETS_MAX} characters and places")
    film = shots.model_copy(update={"sheets": sheets})
    for shot in film.shots:
        if not is_locked(shot):
            film = replaced(film, shot.shot_number, _cast(film, shot, sheet, before))
    return film


def _cast(film: ShotList, shot: Shot, sheet: Sheet, before: Sheet | None) -> Shot:
    """The shot with the sheet's words where it names who or what the sheet is about; else as it was."""
    seen = one_sentence(seen_in(shot.enhanced_prompt))
    bare = undressed(seen, before) if before else seen
    named = names(bare, sheet, shot.characters)
    if not named and not is_there(sheet, shot):
        return shot
    frame = frame_of(film, shot, action=bare)
    frame = frame if named else replace(frame, where=f"in the {sheet.name}")
    known = shot.characters if sheet.kind == "character" else shot.landscapes
    listed = known if sheet.name.casefold() in map(str.casefold, known) else [*known, sheet.name][:20]
    lists = {"characters" if sheet.kind == "character" else "landscapes": listed}
    return shot.model_copy(update={"enhanced_prompt": assemble(frame), **lists})


def is_there(sheet: Sheet, shot: Shot) -> bool:
    """A place that a shot has, without a word about it."""
    return sheet.kind == "place" and sheet.name.casefold() in map(str.casefold, shot.landscapes)


def contradicted(shots: ShotList, shot: Shot) -> Iterator[str]:
    """What a shot says otherwise than a sheet does, or leaves out of it."""
    seen = seen_in(shot.enhanced_prompt)
    for sheet in shots.sheets:
        if not names(seen, sheet, shot.characters):
            continue
        otherwise = list(_otherwise(sheet, undressed(seen, sheet)))
        yield from otherwise
        if not otherwise and sheet.looks.casefold() not in seen.casefold():
            yield f"{sheet.name} is not described as everywhere else: {sheet.looks}"


def _otherwise(sheet: Sheet, seen: str) -> Iterator[str]:
    words = re.findall(r"[\w-]+", sheet.looks.casefold())
    for quality, thing in pairwise(words):
        family = next((each for each in EITHER if quality in each), frozenset[str]())
        for found in re.finditer(rf"(?<!\w)([\w-]+) {re.escape(thing)}(?!\w)", seen.casefold()):
            if found[1] in family and found[1] != quality:
                yield f"{sheet.name}'s {thing} is {quality} elsewhere, and {found[1]} here"
