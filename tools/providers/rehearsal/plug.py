"""What the studio holds of the vendor. The rest is loaded and opened beside the start, which waits for nothing."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from tools.clock import Clock
from tools.providers.base import Capabilities
from tools.providers.plug import OpenLine, Plug
from tools.providers.rehearsal.faults import read_faults
from tools.providers.rehearsal.shop import MODELS, TOGETHER, Shop, Terms, draw_card

ANSWER_SECONDS = 12.0  # with a little more for all of it, less than a worker waits


class Rehearsal(Plug):
    """Renders what the animatic draws, for play money."""

    name = "rehearsal"
    capabilities = Capabilities(
        play_money=True,
        cancel=True,
        key_life=timedelta.max,
        search_window=timedelta(0),
        bills_moderated=False,
        concurrent=3,
        poll_seconds=0.25,
        together=TOGETHER,
    )
    models = MODELS
    draw = staticmethod(draw_card)

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        faults: str = "",
        terms: Terms | None = None,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        super().__init__()
        self._shop = Shop(folder, clock, read_faults(faults), terms or Terms(), self.draw)
        self._answer_seconds = answer_seconds
        if terms is not None:
            self.capabilities = _capabilities(terms)

    def load(self) -> OpenLine:
        from tools.providers.rehearsal.adapter import open_line

        return partial(open_line, self._shop, self.capabilities, self._answer_seconds)


def _capabilities(terms: Terms) -> Capabilities:
    plain = Rehearsal.capabilities
    return replace(
        plain,
        key_life=plain.key_life if terms.keys else None,
        search_window=plain.search_window if terms.search else None,
        webhook=terms.webhooks,
    )
