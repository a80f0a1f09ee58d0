"""When a process of a story dies."""

from collections import Counter
from dataclasses import dataclass, field


class Died(Exception):
    """The process was killed here."""


MOMENTS = (
    "as work becomes due",
    "as a transaction begins",
    "before a commit",
    "after a yes is on record",
    "before the vendor hears",
    "after the vendor accepted",
    "before the search is answered",
    "before the vendor stops",
    "after the vendor stopped",
    "before settling",
    "before fetching",
)


@dataclass
class Fate:
    """When the process will die; once, and never in the next one's start."""

    moment: str | None = None
    spared: int = 0  # how often it comes away at that moment
    met: Counter[str] = field(default_factory=Counter[str])

    def awaits(self, moment: str | None, after: int = 0) -> None:
        self.moment, self.spared = moment, after

    def meets(self, moment: str) -> None:
        if moment != self.moment:
            return
        self.spared -= 1
        if self.spared < 0:
            self.moment = None
            self.met[moment] += 1
            raise Died(moment)
