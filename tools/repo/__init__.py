"""A bounded, safe reading of a repository, in a folder, in an archive or behind an address."""

from tools.repo.address import is_address
from tools.repo.cache import Cache
from tools.repo.kinds import MEDIA_TYPE, PACKED_BYTES_MAX
from tools.repo.paths import resolve
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
from tools.repo.source import read_source, source_of
from tools.repo.telling import TOKENS, tell
from tools.repo.uploads import checked_name, draft, folder_of, keep
from tools.repo.walk import Limits

__all__ = [
    "MEDIA_TYPE",
    "PACKED_BYTES_MAX",
    "TOKENS",
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
    "checked_name",
    "draft",
    "folder_of",
    "is_address",
    "keep",
    "read_source",
    "resolve",
    "scan",
    "source_of",
    "tell",
]
