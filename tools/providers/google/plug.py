"""What the studio holds of Google's Gemini API."""

from functools import partial

from tools.providers.base import Capabilities
from tools.providers.google.bodies import NAME, objection, takes
from tools.providers.plug import OpenLine
from tools.providers.rented import Limits, Rented


class Google(Rented):
    """One key, with the models that are asked through interactions.

    Whether it bills what it will not show, it does not say; as long as nobody knows, that is charged.
    """

    name = NAME
    capabilities = Capabilities(cancel=True, reports_cost=False, bills_moderated=True)
    limits = Limits(takes, objection)

    def load(self) -> OpenLine:
        from tools.providers.google.adapter import open_line

        return partial(open_line, self.account, self.capabilities)
