"""A pretended vendor with prices in play money: the whole way can be tried without an account.

It is a vendor in earnest: a server of its own on a port of this machine, and an adapter that
speaks to it as any other does. `plug` is what the studio holds and loads quickly; `adapter`
asks; `server` answers for the `shop`, which takes orders and bills them; the `meter` is its
own log, the ground truth that tests compare the ledger with. `faults` go wrong on demand.
"""

from tools.providers.rehearsal.plug import Rehearsal
from tools.providers.rehearsal.shop import RATES, Terms

__all__ = ["RATES", "Rehearsal", "Terms"]
