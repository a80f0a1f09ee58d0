"""Runway's own models and others' behind one key. Where each fact comes from:

    routes, bodies, tasks and their costs   runwayml 5.24's source, read 2026-11-21
    moderation is billed in full            docs.dev.runwayml.com, content moderation, read 2026-11-21
    THROTTLED is taken, 429 is not          its documentation of usage tiers
    a credit is a cent                      its documentation of prices

It honours no key of ours, cannot be searched and does not call back: a lost answer stays lost, and a
person decides. What a task costs stands in the task once it is over, and 0 is what it gave back.
"""

from tools.providers.runway.bodies import NAME, takes
from tools.providers.runway.plug import Runway

__all__ = ["NAME", "Runway", "takes"]
