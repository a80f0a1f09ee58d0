"""Vendors that answer the paid request with the work itself: a picture, a voice. Nothing is left to poll.

They are asked as all vendors are, so that intent, hold, the one request, settlement and recovery stay
what they are. What came is on disk, under the take's own name, before anybody says that it was taken;
that name is the job's. So a restart loses nothing that came, and `poll` is a look at what is there.

Such a vendor cannot be asked what became of a request. An answer that was lost stays lost, and a person
decides; one that is late, or that a stopping process could only write down, is found by the take's name.
What was received of an answer that nobody can use stays beside the others, for who has to decide.
"""

from tools.providers.at_once.plug import AtOnce
from tools.providers.at_once.way import Counter, Way, Work, is_sound, json_object, offered, picture_in

__all__ = ["AtOnce", "Counter", "Way", "Work", "is_sound", "json_object", "offered", "picture_in"]
