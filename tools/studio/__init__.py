"""The assembled kit: what the doors and the agent's toolset are handed.

There is no `approve` here. The agent holds a `Studio`; the doors alone call `tools.approvals`.
"""

from tools.studio.config import Config
from tools.studio.lengths import Lengths
from tools.studio.opening import kit_of, open_studio, sticky
from tools.studio.pictures import check as check_pictures
from tools.studio.studio import MODERATED, READINGS, Studio
from tools.studio.vendors import ANSWERS, vendors
from tools.studio.work import first, lock_file

__all__ = [
    "ANSWERS",
    "MODERATED",
    "READINGS",
    "Config",
    "Lengths",
    "Studio",
    "check_pictures",
    "first",
    "kit_of",
    "lock_file",
    "open_studio",
    "sticky",
    "vendors",
]
