"""Count how common each concept is: in how many packages some class or error is named by its term.

    python benchmarks/concepts.py > tools/story/rarity.toml

The packages are those that `requirements.lock` pins and that are installed here, each as one
repository; those with fewer than ten classes say too little to be counted. What a package carries
of others (`_vendor`) is left out.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from tools.story import library
from tools.story.words import split_name

CLASSES_MIN = 10
LOCK = Path(__file__).parent.parent / "requirements.lock"
CLASS = re.compile(rb"^[ \t]*class[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
ERROR = re.compile(rb"^[ \t]*(?:raise|except)[ \t(]+(?:\w+\.)*([A-Z]\w*)", re.MULTILINE)
OTHERS = re.compile(r"(?:^|/)(?:_vendor|vendored?|tests?)/|\.\.")


def sources() -> Iterator[list[bytes]]:
    """The Python files of one package after the other."""
    pinned = {
        found[0].lower() for found in re.findall(r"^([\w.-]+)==(\S+)", LOCK.read_text("utf-8"), re.MULTILINE)
    }
    for one in sorted(distributions(), key=lambda one: one.name.lower()):
        if one.name.lower().replace("_", "-") in pinned:
            files = [str(path) for path in one.files or () if path.suffix == ".py"]
            own = [Path(str(one.locate_file(path))) for path in files if not OTHERS.search(path)]
            yield [path.read_bytes() for path in own if path.is_file()]


def names(files: list[bytes]) -> set[str]:
    """Its classes, and the errors that it raises or catches; nothing where it has hardly a class."""
    classes = {name for text in files for name in CLASS.findall(text)}
    if len(classes) < CLASSES_MIN:
        return set()
    found = classes | {name for text in files for name in ERROR.findall(text)}
    return {name.decode() for name in found}


def said(words: tuple[str, ...], term: tuple[str, ...]) -> bool:
    return any(words[n : n + len(term)] == term for n in range(len(words) - len(term) + 1))


def main() -> None:
    terms = {term for metaphor in library().metaphors for term in metaphor.terms}
    by_term = {term: tuple(word for part in term.split() for word in split_name(part)) for term in terms}
    seen: Counter[str] = Counter()
    packages = 0
    for files in sources():
        if split := {split_name(name) for name in names(files)}:
            packages += 1
            seen.update(term for term, words in by_term.items() if any(said(name, words) for name in split))
    out = sys.stdout.write
    out("# In how many packages some class or error is named by a term. Terms that are not here: in none.\n")
    out("# Counted by benchmarks/concepts.py over the packages that requirements.lock pins.\n\n")
    out(f"packages = {packages}\n\n[seen]\n")
    for term, count in sorted(seen.items(), key=lambda pair: (-pair[1], pair[0])):
        out(f'"{term}" = {count}\n')


if __name__ == "__main__":
    main()
