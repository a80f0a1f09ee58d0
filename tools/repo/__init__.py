"""A bounded, safe reading of a repository."""

from tools.repo.paths import resolve
from tools.repo.profile import Concept, ConceptKind, Counts, ErrorUse, Place, RepoProfile
from tools.repo.scan import scan
from tools.repo.walk import Limits

__all__ = [
    "Concept",
    "ConceptKind",
    "Counts",
    "ErrorUse",
    "Limits",
    "Place",
    "RepoProfile",
    "resolve",
    "scan",
]
