"""What a film would cost: free, not binding, and never flattering.

`estimate` prices a list with one vendor, `compare` with many, and `plans_within` finds the ways to
make it for less, with what each of them gives up.
"""

from tools.estimate.lines import (
    NOTHING,
    Estimate,
    Line,
    Offer,
    Take,
    as_sold,
    being_made,
    estimate,
    sold_seconds,
)
from tools.estimate.plans import Plan, offers_like, plans_within
from tools.estimate.table import Refusal, Wants, compare, differs, narrowed, read_limit, read_wants, shortened

__all__ = [
    "NOTHING",
    "Estimate",
    "Line",
    "Offer",
    "Plan",
    "Refusal",
    "Take",
    "Wants",
    "as_sold",
    "being_made",
    "compare",
    "differs",
    "estimate",
    "narrowed",
    "offers_like",
    "plans_within",
    "read_limit",
    "read_wants",
    "shortened",
    "sold_seconds",
]
