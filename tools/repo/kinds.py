"""Which files are archives, by their names, and how large one may be."""

SUFFIXES = (".zip", ".whl", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
KINDS = ", ".join(SUFFIXES)
MEDIA_TYPE = "application/octet-stream"  # as which one is sent
PACKED_BYTES_MAX = 50_000_000


def stem(name: str) -> str | None:
    """An archive's name without what says that it is one; None for other files."""
    low = name.casefold()
    found = next((each for each in SUFFIXES if low.endswith(each) and len(low) > len(each)), None)
    return None if found is None else name[: -len(found)]
