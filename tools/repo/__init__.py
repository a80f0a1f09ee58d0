"""A bounded, safe reading of a repository, in a folder, in an archive or behind an address.

Here is what the reading of a folder needs; what leads to one (`source`, `address`, `uploads`) and what tells
of it (`telling`) are asked for by name, so that nobody who only reads waits for them.
"""

from tools.repo.cache import Cache
from tools.repo.kinds import MEDIA_TYPE, PACKED_BYTES_MAX
from tools.repo.profile import (
    Change,
    Concept,
    ConceptKind,
    Counts,
    EntryPoint,
    ErrorUse,
    Place,
    RepoProfile,
    Suite,
)
from tools.repo.scan import scan
from tools.repo.walk import Limits

__all__ = [
    "MEDIA_TYPE",
    "PACKED_BYTES_MAX",
    "Cache",
    "Change",
    "Concept",
    "ConceptKind",
    "Counts",
    "EntryPoint",
    "ErrorUse",
    "Limits",
    "Place",
    "RepoProfile",
    "Suite",
    "scan",
]
