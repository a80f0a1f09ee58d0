"""A bounded, safe reading of a repository, in a folder, in an archive or behind an address."""

from tools.repo.archive import MEDIA_TYPE, PACKED_BYTES_MAX
from tools.repo.paths import resolve
from tools.repo.profile import Concept, ConceptKind, Counts, ErrorUse, Place, RepoProfile
from tools.repo.remote import is_address
from tools.repo.scan import scan
from tools.repo.source import read_source, source_of
from tools.repo.uploads import checked_name, draft, folder_of, keep
from tools.repo.walk import Limits

__all__ = [
    "MEDIA_TYPE",
    "PACKED_BYTES_MAX",
    "Concept",
    "ConceptKind",
    "Counts",
    "ErrorUse",
    "Limits",
    "Place",
    "RepoProfile",
    "checked_name",
    "draft",
    "folder_of",
    "is_address",
    "keep",
    "read_source",
    "resolve",
    "scan",
    "source_of",
]
