"""What the studio holds of Runway."""

from functools import partial

from tools.providers.base import Capabilities
from tools.providers.plug import OpenLine
from tools.providers.rented import Limits, Rented
from tools.providers.runway.bodies import NAME, objection, takes


class Runway(Rented):
    """It works on two tasks of a model at a time for a new account, and wants to be asked no more often."""

    name = NAME
    capabilities = Capabilities(cancel=True, bills_moderated=True, concurrent=2, poll_seconds=5.0)
    limits = Limits(takes, objection)

    def load(self) -> OpenLine:
        from tools.providers.runway.adapter import open_line

        return partial(open_line, self.account, self.capabilities)
