"""The best way to make a list with one vendor's model for at most a limit: exact, over every choice.

Each shot has a menu: its lengths, a clip that is owned already, and leaving it out where that is
allowed. A way takes one choice from each menu. Of all ways that cost no more than the limit, the
best leaves out the fewest shots, then loses the fewest seconds, then costs least.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

NEVER = 1 << 62  # more than any amount of money here


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to make a shot; `seconds` is 0 where it is left out. Money in micro-dollars."""

    seconds: int
    lost: int
    ceiling: int
    clip_id: str | None = None

    @property
    def dropped(self) -> int:
        return 0 if self.seconds else 1


Menu = Sequence[Choice]
Score = tuple[int, int, int]  # shots left out, seconds lost, ceiling: less is better


@dataclass(frozen=True, slots=True)
class Way:
    choices: tuple[Choice, ...]

    @property
    def score(self) -> Score:
        return (
            sum(choice.dropped for choice in self.choices),
            sum(choice.lost for choice in self.choices),
            sum(choice.ceiling for choice in self.choices),
        )


def bound(menus: Sequence[Menu], limit: int) -> Score | None:
    """No way within the limit can score better than this; None where there is no way at all."""
    floors = _floors(menus)
    drops = _fewest_drops(floors[0], limit)
    if drops is None:
        return None
    return drops, _fewest_lost(menus, limit), floors[0][drops]


def best(menus: Sequence[Menu], limit: int) -> Way:
    """The best way within the limit, where `bound` found that there is one.

    Its losses are spread as evenly as changes nothing else.
    """
    floors = _floors(menus)
    drops = _fewest_drops(floors[0], limit)
    if drops is None:
        raise ValueError("there is no way within the limit")
    return Way(_evened(menus, _walk(menus, limit, drops, floors)))


def _floors(menus: Sequence[Menu]) -> list[list[int]]:
    """By position and number of shots left out: the least that the rest of the list can cost."""
    size = len(menus)
    floors = [[NEVER] * size for _ in range(size)] + [[0] + [NEVER] * (size - 1)]
    for at in reversed(range(size)):
        made = min((choice.ceiling for choice in menus[at] if choice.seconds), default=NEVER)
        optional = any(choice.dropped for choice in menus[at])
        for drops in range(size):
            keep = floors[at + 1][drops] + made
            leave = floors[at + 1][drops - 1] if optional and drops else NEVER
            floors[at][drops] = min(keep, leave, NEVER)
    return floors


def _fewest_drops(floor: Sequence[int], limit: int) -> int | None:
    """One shot always stays: a film of none is no film."""
    return next((drops for drops, least in enumerate(floor) if least <= limit), None)


def _fewest_lost(menus: Sequence[Menu], limit: int) -> int:
    """A number of seconds that must be lost, reckoned as if every second saved as much as the dearest."""
    needed, over, gain = 0, -limit, Fraction(0)
    for menu in menus:
        least = min(choice.lost for choice in menu)
        base = min(choice.ceiling for choice in menu if choice.lost == least)
        needed, over = needed + least, over + base
        gains = (Fraction(base - c.ceiling, c.lost - least) for c in menu if c.lost > least)
        gain = max(gain, max(gains, default=gain))
    return needed + (math.ceil(over / gain) if over > 0 and gain > 0 else 0)


Trail = tuple[Choice, "Trail"] | None


def _walk(menus: Sequence[Menu], limit: int, drops: int, floors: Sequence[Sequence[int]]) -> list[Choice]:
    """Shot by shot, keep for each loss so far the cheapest way to it that can still end within the limit."""
    states: dict[tuple[int, int], tuple[int, Trail]] = {(0, 0): (0, None)}
    for at, menu in enumerate(menus):
        grown: dict[tuple[int, int], tuple[int, Trail]] = {}
        rest = floors[at + 1]
        for (gone, lost), (cost, trail) in states.items():
            for choice in menu:
                out, spent = gone + choice.dropped, cost + choice.ceiling
                if out > drops or spent + rest[drops - out] > limit:
                    continue
                key = out, lost + choice.lost
                if key not in grown or spent < grown[key][0]:
                    grown[key] = spent, (choice, trail)
        states = _undominated(grown)
    _, trail = states[min(states)]
    return _choices(trail)


def _undominated(
    states: dict[tuple[int, int], tuple[int, Trail]],
) -> dict[tuple[int, int], tuple[int, Trail]]:
    """Without those that lose more than another and cost no less."""
    kept: dict[tuple[int, int], tuple[int, Trail]] = {}
    gone, least = -1, NEVER
    for key in sorted(states):
        cost = states[key][0]
        if key[0] != gone:
            gone, least = key[0], NEVER
        if cost < least:
            kept[key], least = states[key], cost
    return kept


def _choices(trail: Trail) -> list[Choice]:
    found: list[Choice] = []
    while trail is not None:
        choice, trail = trail
        found.append(choice)
    return found[::-1]


def _evened(menus: Sequence[Menu], choices: list[Choice]) -> tuple[Choice, ...]:
    """Move seconds from the most shortened shot's neighbours to it, as long as nothing else changes."""
    by_loss = [{choice.lost: choice for choice in menu if choice.seconds} for menu in menus]
    moved = True
    while moved:
        moved = False
        for most, least in permutations(range(len(choices)), 2):
            give, take = choices[most], choices[least]
            if not give.seconds or not take.seconds or give.lost <= take.lost + 1:
                continue
            shorter, longer = by_loss[least].get(take.lost + 1), by_loss[most].get(give.lost - 1)
            if shorter and longer and shorter.ceiling + longer.ceiling == give.ceiling + take.ceiling:
                choices[most], choices[least], moved = longer, shorter, True
    return tuple(choices)
