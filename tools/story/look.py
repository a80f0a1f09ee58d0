"""The look of a film: what style, mood and tone put into every prompt and keep out of every picture.

A word that no preset knows is a word of the person's own and stands as it is.
"""

from dataclasses import dataclass

from tools.story.library import Camera, Library
from tools.story.prompts import Fragments
from tools.story.words import clean


@dataclass(frozen=True)
class Look:
    style: str
    mood: str
    light: str
    lens: str
    negative: str
    cameras: tuple[Camera, ...]
    seconds: int | None
    fillers: tuple[str, ...]

    def fragments(
        self, *, action: str, camera: str, shot_type: str, light: str = "", time: str = ""
    ) -> Fragments:
        """Fragments for a shot in this look; the shot's own light wins over the general one."""
        lit = light or ", ".join(part for part in (time, self.light) if part)
        return Fragments(
            action=action,
            camera=camera,
            shot_type=shot_type,
            light=lit,
            lens=self.lens,
            style=self.style,
            mood=self.mood,
            fillers=self.fillers,
        )


def look_of(style: str, mood: str, tone: str, books: Library) -> Look:
    """Enrich the words by their presets."""
    styles, moods, tones = books.style(style), books.mood(mood), books.tone(tone)
    presets = [preset for preset in (styles, moods, tones) if preset]
    general = books.defaults
    negative = dict.fromkeys([*general.negative, *(word for preset in presets for word in preset.negative)])
    feeling = (moods.words if moods else _mood(mood), tones.words if tones else clean(tone))
    return Look(
        style=styles.words if styles else clean(style) or general.words,
        mood=", ".join(part for part in feeling if part),
        light=next((preset.light for preset in presets if preset.light), general.light),
        lens=next((preset.lens for preset in presets if preset.lens), general.lens),
        negative=", ".join(negative),
        cameras=tones.cameras if tones else (),
        seconds=tones.seconds if tones else None,
        fillers=general.fillers,
    )


def _mood(mood: str) -> str:
    return f"{clean(mood)} mood" if clean(mood) else ""
