"""What goes wrong on demand, each for every shot or, with `@N`, for shot N alone."""

from dataclasses import dataclass

from tools.errors import Invalid

SETTING = "GREENLIGHT_REHEARSAL_FAULTS"

FAULTS = {
    # before it has taken anything
    "refuse": "answers 400 and takes nothing",
    "busy": "answers 429 with Retry-After and takes nothing",
    "busy-bare": "answers 429 without Retry-After and takes nothing",
    "hang-up": "hangs up before it has read the request, and takes nothing",
    # after it has taken the job
    "lose-answer": "takes the job and hangs up without an answer",
    "half-answer": "takes the job, and its answer breaks off",
    "server-error": "takes the job and answers 500",
    "no-id": "takes the job and answers without naming it",
    "garbage": "takes the job and answers what nobody can read",
    "trickle": "takes the job and answers a byte at a time, without end",
    "silent": "takes the job and never answers",
    # while it works
    "slow": "takes ten times as long",
    "odd-word": "calls the work by a word that nobody knows",
    "backwards": "is queued again when it was half done",
    "endless": "never ends",
    "blink": "does not know the job every third time it is asked",
    "forget": "does not know the job any more once it has begun",
    # at the end
    "fail": "ends without a clip, and bills nothing for it",
    "no-cost": "ends without a bill",
    "zero-cost": "bills, and reports a bill of nothing",
    "late-cost": "ends, and has its bill only later",
    "overrun": "bills twice the price",
    "expired-link": "the first link to the clip has expired when it is used",
    # when it calls back
    "repeat-webhook": "calls three times for everything that happens",
    "shuffle-webhook": "calls about the end before it calls about the beginning",
}


@dataclass(frozen=True, slots=True)
class Faults:
    """Names, each with the one shot it is for; None is every shot."""

    each: tuple[tuple[str, int | None], ...] = ()

    def of(self, number: int) -> frozenset[str]:
        return frozenset(name for name, only in self.each if only in (None, number))


def read_faults(text: str) -> Faults:
    words = filter(None, (part.strip() for part in text.split(",")))
    return Faults(tuple(map(_read, words)))


def _read(word: str) -> tuple[str, int | None]:
    name, at, number = word.partition("@")
    if name not in FAULTS or bool(at) != number.isdecimal():
        raise Invalid(SETTING, f"{word!r} is none of {', '.join(FAULTS)} (or one @N)")
    return name, int(number) if number else None
