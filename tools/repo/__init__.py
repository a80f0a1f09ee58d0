"""A bounded, safe reading of a repository, in a folder or behind an address."""

from tools.repo.paths import resolve
from tools.repo.profile import Concept, ConceptKind, Counts, ErrorUse, Place, RepoProfile
from tools.repo.remote import is_address
from tools.repo.scan import scan
from tools.repo.source import read_source, source_of
from tools.repo.walk import Limits

__all__ = [
    "Concept",
    "ConceptKind",
    "Counts",
    "ErrorUse",
    "Limits",
    "Place",
    "RepoProfile",
    "is_address",
    "read_source",
    "resolve",
    "scan",
    "source_of",
]
