"""Splitting a running time into shots: whole seconds a video model offers, adding up exactly."""

from collections.abc import Iterable, Sequence

from tools.errors import Invalid
from tools.shots import SECONDS_MAX, SHOTS_MAX

SECONDS_TOTAL_MAX = SHOTS_MAX * SECONDS_MAX
USUAL_SECONDS = 5
SINGLE_SECONDS = 4  # of a shot that stands alone


def usable(offered: Iterable[int]) -> tuple[int, ...]:
    """The offered durations that a shot may have, sorted."""
    durations = tuple(sorted({seconds for seconds in offered if 1 <= seconds <= SECONDS_MAX}))
    if not durations:
        raise Invalid("offered", f"a video model must offer durations of 1 to {SECONDS_MAX} seconds")
    return durations


def split(seconds: int, weights: Sequence[float], offered: tuple[int, ...]) -> list[int]:
    """One offered duration for each weight, in proportion as near as may be, adding up to `seconds`."""
    reach = _reach(len(weights), seconds, offered)
    if not reach[len(weights)] >> seconds & 1:
        raise _cannot(seconds, len(weights), offered)
    parts: list[int] = []
    left, weight_left = seconds, sum(weights)
    for n, weight in enumerate(weights, 1):
        ideal = left * weight / weight_left
        after = reach[len(weights) - n]
        fitting = [part for part in offered if part <= left and after >> (left - part) & 1]
        parts.append(min(fitting, key=lambda part: (abs(part - ideal), part)))
        left, weight_left = left - parts[-1], max(weight_left - weight, 1e-9)
    return parts


def shots_for(seconds: int, typical: int, offered: tuple[int, ...]) -> int:
    """How many shots of about `typical` seconds fill this time exactly."""
    check_total(seconds)
    reach = _reach(SHOTS_MAX, seconds, offered)
    fitting = [n for n in range(1, SHOTS_MAX + 1) if reach[n] >> seconds & 1]
    if not fitting:
        raise _cannot(seconds, None, offered)
    return min(fitting, key=lambda n: (abs(n - seconds / typical), n))


def nearest_total(seconds: int, shots: int | None, offered: tuple[int, ...]) -> int:
    """The running time nearest to this one that can be split at all."""
    return min(_possible(seconds, shots, offered), key=lambda total: (abs(total - seconds), total))


def check_total(seconds: int) -> None:
    if not 1 <= seconds <= SECONDS_TOTAL_MAX:
        raise Invalid("seconds", f"a film has 1 to {SECONDS_TOTAL_MAX:,} seconds, not {seconds:,}")


def _reach(shots: int, seconds: int, offered: tuple[int, ...]) -> list[int]:
    """For each number of shots, a bit set of the totals they can add up to."""
    mask = (1 << (seconds + 1)) - 1
    reach = [1]
    for _ in range(shots):
        totals = 0
        for part in offered:
            totals |= reach[-1] << part
        reach.append(totals & mask)
    return reach


def _possible(seconds: int, shots: int | None, offered: tuple[int, ...]) -> list[int]:
    """Totals at or around `seconds`: the nearest below and the nearest above."""
    most = (shots or SHOTS_MAX) * offered[-1]
    top = min(most, seconds + offered[-1] * (shots or 1))
    top = max(top, (shots or 1) * offered[0])
    reach = _reach(shots or SHOTS_MAX, top, offered)
    allowed = reach[shots] if shots else _union(reach[1:])
    totals = [total for total in range(1, top + 1) if allowed >> total & 1]
    below = [total for total in totals if total <= seconds][-1:]
    return below + [total for total in totals if total > seconds][:1]


def _union(sets: list[int]) -> int:
    union = 0
    for one in sets:
        union |= one
    return union


def _cannot(seconds: int, shots: int | None, offered: tuple[int, ...]) -> Invalid:
    durations = f"{offered[0]} to {offered[-1]}" if _gapless(offered) else ", ".join(map(str, offered))
    whole = "shots" if shots is None else f"{shots} shot{'s' if shots > 1 else ''}"
    possible = " or ".join(f"{total} s" for total in _possible(seconds, shots, offered))
    return Invalid("seconds", f"{seconds} s cannot be split into {whole} of {durations} s; {possible} can")


def _gapless(offered: tuple[int, ...]) -> bool:
    return len(offered) > 2 and offered[-1] - offered[0] == len(offered) - 1
