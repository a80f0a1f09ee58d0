"""The drafts of a film whose beats stand in its template, told with the facts of one case.

With fewer shots than beats, beats that follow each other are told in one shot; with more, a beat
is seen more than once.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from tools.story.drafts import Draft, apportion
from tools.story.library import Beat, Line, Template


def draft_told(template: Template, values: Mapping[str, str], shots: int) -> list[Draft]:
    """As many drafts as shots, in the order of the beats."""
    if shots < len(template.beat):
        return [_together(template, group, values) for group in _groups(template.beat, shots)]
    counts = apportion(shots, [beat.share for beat in template.beat])
    return [
        _draft(template, [beat.line[n % len(beat.line)]], beat, values, weight=beat.share / count)
        for beat, count in zip(template.beat, counts, strict=True)
        for n in range(count)
    ]


def _groups(beats: Sequence[Beat], shots: int) -> Iterator[Sequence[Beat]]:
    edges = [n * len(beats) // shots for n in range(shots + 1)]
    return (beats[start:end] for start, end in pairwise(edges))


def _together(template: Template, beats: Sequence[Beat], values: Mapping[str, str]) -> Draft:
    lines = [beat.line[0] for beat in beats]
    return _draft(template, lines, beats[0], values, weight=sum(beat.share for beat in beats))


def _draft(
    template: Template, lines: Sequence[Line], beat: Beat, values: Mapping[str, str], *, weight: float
) -> Draft:
    line, hero = lines[0], template.heroes[0]
    return Draft(
        subject=line.subject or hero,
        action=_then([each.action.format(**values) for each in lines]),
        setting=line.setting,
        light=line.light or template.palette,
        shot_types=beat.shot_types,
        cameras=beat.cameras,
        caption=" ".join(each.caption.format(**values) for each in lines),
        weight=weight,
        characters=(hero.removeprefix("a ").removeprefix("an "),),
        places=(line.place,) if line.place else (),
    )


def _then(actions: Sequence[str]) -> str:
    """One movement of one thing, in the order in which it happens."""
    if len(actions) == 1:
        return actions[0]
    return ", then ".join(actions[:-1]) + f", and at last {actions[-1]}"
