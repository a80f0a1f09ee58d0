"""Google's Gemini API, whose video models are asked through its Interactions. Where each fact comes from:

    routes, bodies, status words     google-genai 3.4.0's source, and what it puts on the wire, 2026-11-21
    seconds, sound, resolutions      the rows of the price book, and the schema in that source
    the end of Veo at this address   the same source refuses it; its rows ended on 2026-10-22

It honours no key of ours and cannot be searched. It would call back, but how it signs is not
documented where we could read it: so it is asked, a lost answer stays lost, and a person decides. It
reports tokens and no amount: what is delivered is charged by its price row, and so is what failed,
since nobody says that it is not billed.
"""

from tools.providers.google.bodies import NAME, takes
from tools.providers.google.plug import Google

__all__ = ["NAME", "Google", "takes"]
