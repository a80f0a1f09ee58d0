"""What kind of place a file is: the thing itself, beside it, or somebody else's."""

from collections.abc import Iterable
from functools import lru_cache

PACKAGE = 1.0  # an importable package at the top, or under src/
DEEPER = 0.98  # each folder further down is a little more of a detail
LOOSE = 0.7
BESIDE = 0.1
FOREIGN = 0.03

_BESIDE_NAMES = """
tests doc docs example examples sample samples demo demos tutorial tutorials benchmark benchmarks bench perf
extras scripts fixtures migrations locale
"""
_BESIDE = frozenset(_BESIDE_NAMES.split())
_FOREIGN_NAMES = "vendor vendored _vendor third_party thirdparty extern _extern external"
_FOREIGN = frozenset(_FOREIGN_NAMES.split())

_LANGUAGES = {
    extension: language
    for language, extensions in {
        "python": "py pyi pyx",
        "javascript": "js mjs cjs jsx",
        "typescript": "ts tsx mts cts",
        "java": "java",
        "kotlin": "kt kts",
        "scala": "scala",
        "go": "go",
        "rust": "rs",
        "c": "c h",
        "c++": "cc cpp cxx hh hpp hxx",
        "c#": "cs",
        "objective-c": "m mm",
        "swift": "swift",
        "dart": "dart",
        "ruby": "rb",
        "php": "php",
        "perl": "pl pm",
        "lua": "lua",
        "r": "r",
        "julia": "jl",
        "haskell": "hs",
        "ocaml": "ml mli",
        "elixir": "ex exs",
        "erlang": "erl hrl",
        "clojure": "clj cljs cljc",
        "zig": "zig",
        "shell": "sh bash zsh",
        "sql": "sql",
        "html": "html htm",
        "css": "css scss sass less",
        "vue": "vue",
        "svelte": "svelte",
    }.items()
    for extension in extensions.split()
}

GRAMMARS = ("javascript", "typescript", "go", "rust", "java", "c#")  # files in these are read beside Python's


def language(path: str) -> str | None:
    """By the file's extension; None for what nobody programs in."""
    stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    return _LANGUAGES.get(extension.lower()) if stem and dot else None


def packages(paths: Iterable[str]) -> frozenset[str]:
    """The folders of the importable packages, ending with a slash: `flask/`, `src/flask/`."""
    inits = (path.removesuffix("__init__.py") for path in paths if path.endswith("/__init__.py"))
    return frozenset(folder for folder in inits if folder.removeprefix("src/").count("/") == 1)


def prominence(path: str, packages: frozenset[str]) -> float:
    """How much a definition in this file says about what the repository is, 0 to 1."""
    folder, _, name = path.rpartition("/")
    most = _most_in(folder, packages)
    return BESIDE if most > BESIDE and _is_test(name) else most


@lru_cache(maxsize=4_096)
def _most_in(folder: str, packages: frozenset[str]) -> float:
    folders = folder.split("/")
    if not _FOREIGN.isdisjoint(folders):
        return FOREIGN
    # `test` deeper down may be the product: django.test, numpy.testing.
    if (
        not _BESIDE.isdisjoint(folders)
        or folders[0] == "test"
        or any(one.endswith("_tests") for one in folders)
    ):
        return BESIDE
    if not f"{folder}/".startswith(tuple(packages)):
        return LOOSE
    return max(LOOSE, PACKAGE * DEEPER ** (len(folders) - 1 - (folders[0] == "src")))


def _is_test(name: str) -> bool:
    stem = name.rpartition(".")[0]
    return (
        name == "conftest.py"
        or stem.startswith("test_")
        or stem.endswith(("_test", "_tests", ".test", ".spec"))
    )
