"""What files in other languages define, raise and catch, by their own tree-sitter grammars.

A grammar is loaded with the first file of its language. Where its wheel is not installed, such files
are counted by name, as those in all further languages are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.repo.facts import Definition, Module, UnreadableSourceError
from tools.repo.profile import ConceptKind

BYTES_MAX = (
    40_000  # some shapes take the square of their length: 2 s for these, minutes for ten times as many
)
NODES_MAX = 20_000  # of interest in one file; nobody's hand writes as many

DEPTH_MAX = 300  # of brackets: queries take the square of it

START_DEPTH_MAX = 100

_BRACKET = re.compile(rb"[(\[{}\])]")
_TYPE = re.compile(r"^[&*\s]*(?:new\s+)?([A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)*)")


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language, ready to read."""

    library: Any
    language: Any
    query: Any


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    import tomllib

    return tomllib.loads(Path(__file__).with_name("grammars.toml").read_text("utf-8"))


@cache
def grammar(name: str) -> Grammar | None:
    """None for a language without a grammar, or whose wheel is not there."""
    table = _tables().get(name)
    if table is None:
        return None
    try:
        library: Any = import_module("tree_sitter")
        module: Any = import_module(table["module"])
    except ImportError:
        return None
    language: Any = library.Language(getattr(module, table.get("grammar", "language"))())
    return Grammar(library, language, library.Query(language, table["query"]))


def read_in(name: str, source: bytes) -> Module:
    known = grammar(name)
    if known is None:
        raise UnreadableSourceError
    return read_with(known, source)


def read_with(known: Grammar, source: bytes) -> Module:
    """The facts of one file; `UnreadableSourceError` where it holds more than a hand writes."""
    if len(source) > BYTES_MAX or _depth(source) > DEPTH_MAX:
        raise UnreadableSourceError
    tree = known.library.Parser(known.language).parse(source)
    cursor = known.library.QueryCursor(known.query, match_limit=NODES_MAX)
    cursor.set_max_start_depth(START_DEPTH_MAX)
    matches: list[Mapping[str, Sequence[Any]]] = [found for _, found in cursor.matches(tree.root_node)]
    if cursor.did_exceed_match_limit or len(matches) > NODES_MAX:
        raise UnreadableSourceError
    module = Module()
    spans = [span for found in matches for span in _spans(found, module)]
    _define(module, spans)
    return module


def _depth(source: bytes) -> int:
    depth = deepest = 0
    for sign in _BRACKET.findall(source):
        depth += 1 if sign in b"([{" else -1
        deepest = max(depth, deepest)
    return deepest


@dataclass(slots=True)
class _Span:
    """A stretch of the file in which something is defined, or which hides what is."""

    start: int
    end: int
    kind: str  # class, function, method; "" for what only holds or hides
    name: str
    line: int = 0
    lines: int = 0
    owner: str = ""
    bases: tuple[str, ...] = ()


def _spans(found: Mapping[str, Sequence[Any]], module: Module) -> Iterator[_Span]:
    """What one match says: a stretch, or something to count."""
    module.raises += len(found.get("raise", ()))
    module.excepts += len(found.get("except", ()))
    module.raised += _typed(found.get("raised", ()))
    module.caught += _typed(found.get("caught", ()))
    for body in found.get("body", ()):
        yield _Span(body.start_byte, body.end_byte, "", "")
    for whole in found.get("def", ()):
        lines = whole.end_point.row - whole.start_point.row + 1
        owner = next(map(_name, found.get("owner", ())), "")
        bases = tuple(name for node in found.get("base", ()) if (name := _name(node)))
        for kind in ("class", "function", "method", "holder", "base"):
            for node in found.get(kind, ()):
                name = _name(node) if kind == "holder" else _text(node)
                yield _Span(whole.start_byte, whole.end_byte, kind, name, _line(node), lines, owner, bases)


def _define(module: Module, spans: Sequence[_Span]) -> None:
    """Sweep over the file: what is open around a definition says whose it is, and whether it is hidden."""
    bases: dict[int, tuple[str, ...]] = {}
    for span in spans:
        if span.kind == "base":
            bases[span.start] = (*bases.get(span.start, ()), *span.bases)
    around: list[tuple[int, str, bool]] = []  # end, class, inside a function
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.kind)):
        while around and around[-1][0] <= span.start:
            around.pop()
        _, holder, inside = around[-1] if around else (0, "", False)
        match span.kind:
            case "class":
                module.classes += 1
                around.append((span.end, span.name, inside))
            case "function" | "method":
                module.functions += 1
                around.append((span.end, holder, True))
            case "holder":
                around.append((span.end, span.name, inside))
            case "":
                around.append((span.end, holder, True))
            case _:
                pass
        if not inside and span.kind in _KEPT:
            module.definitions.append(_definition(span, span.owner or holder, bases))


_KEPT = frozenset({"class", "function", "method"})


def _definition(span: _Span, owner: str, bases: Mapping[int, tuple[str, ...]]) -> Definition:
    kind: ConceptKind = "class" if span.kind == "class" else "method" if owner else "function"
    of = bases.get(span.start, ()) if kind == "class" else ()
    return Definition(kind, span.name, span.line, span.lines, of, owner)


def _typed(nodes: Iterable[Any]) -> list[tuple[str, int]]:
    return [(name, _line(node)) for node in nodes if (name := _name(node))]


def _name(node: Any) -> str:
    """The type that an expression names: `X`, `a.X`, `a::X::Y`, `&X{...}`; of a path what looks like a type."""
    found = _TYPE.match(_text(node))
    if found is None:
        return ""
    parts = re.split(r"\.|::", found[1])
    return next((part for part in reversed(parts) if part[0].isupper()), parts[-1])


def _text(node: Any) -> str:
    return node.text.decode("utf-8", "replace")


def _line(node: Any) -> int:
    return node.start_point.row + 1
