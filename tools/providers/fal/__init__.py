"""fal's queue: many models behind one key. Where each fact comes from:

    queue, addresses it gives back, status words   fal-client 1.0.3's source and fal's documentation of
                                                   its queue, read 2026-11-21
    what hides behind COMPLETED                    fal's documentation of model and request errors
    what is billed                                 its questions and answers: a 5xx never, a 422 perhaps
    billed units                                   the header `x-fal-billable-units` of the result, times
                                                   the endpoint's unit price at api.fal.ai
    webhooks                                       its documentation: ED25519, keys at rest.fal.ai
    bodies of requests                             the endpoints' schemas, as of 2026-11-21

It honours no key of ours and cannot be searched; but it calls the address that a request carries,
and names the job there, so that a lost answer is found again where we can be called.
"""

from tools.providers.fal.endpoints import NAME, takes
from tools.providers.fal.plug import Fal

__all__ = ["NAME", "Fal", "takes"]
