"""What one Python file defines, raises and catches, by `ast` alone: nothing is imported or run."""

import ast
import re
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.repo.profile import ConceptKind

# `ast` names the warnings of foreign sources after this file, so one filter silences exactly them.
_FILENAME = "<repository>"
_filter_lock = threading.Lock()

# A syntax tree of nothing but names and brackets is a thousand times its source: half a gigabyte
# for the largest file. No hand writes so many in one.
NODES_MAX = 100_000
_NODE = re.compile(rb"\w+|[({\[]")

# Definitions, raises and handlers are statements: expressions need no visit.
_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.ClassDef: ("body",),
    ast.FunctionDef: ("body",),
    ast.AsyncFunctionDef: ("body",),
    ast.If: ("body", "orelse"),
    ast.For: ("body", "orelse"),
    ast.AsyncFor: ("body", "orelse"),
    ast.While: ("body", "orelse"),
    ast.With: ("body",),
    ast.AsyncWith: ("body",),
    ast.Try: ("body", "handlers", "orelse", "finalbody"),
    ast.TryStar: ("body", "handlers", "orelse", "finalbody"),
    ast.ExceptHandler: ("body",),
    ast.Match: ("cases",),
    ast.match_case: ("body",),
}
_SEEN = frozenset((*_BLOCKS, ast.Raise, ast.ImportFrom, ast.Assign, ast.AugAssign, ast.AnnAssign))


class UnreadableSourceError(ValueError):
    """Not Python of this version, or built to break a parser."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A class, function or method. Functions inside functions are counted, not kept."""

    kind: ConceptKind
    name: str
    line: int
    lines: int
    bases: tuple[str, ...] = ()
    owner: str = ""


@dataclass(slots=True)
class Module:
    """The facts of one file. `raised` and `caught` hold (type name, line); a bare raise has no name."""

    classes: int = 0
    functions: int = 0
    raises: int = 0
    excepts: int = 0
    definitions: list[Definition] = field(default_factory=list[Definition])
    raised: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    caught: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    imported: set[str] = field(default_factory=set[str])
    exported: set[str] = field(default_factory=set[str])


def read_python(source: bytes) -> Module:
    """Parse and take stock; `UnreadableSourceError` where `ast` gives up."""
    module = Module()
    _visit(_parse(source), module)
    return module


def _parse(source: bytes) -> ast.Module:
    if len(_NODE.findall(source)) > NODES_MAX:
        raise UnreadableSourceError
    _silence()
    try:
        return ast.parse(source, _FILENAME)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # ValueError: NUL bytes; the rest: depth
        raise UnreadableSourceError from None


def _silence() -> None:
    """Keep a filter in front for our file name. `catch_warnings` would reach into other threads."""
    ours = re.compile(re.escape(_FILENAME))
    with _filter_lock:
        first = warnings.filters[0] if warnings.filters else None
        if first is None or first[0] != "ignore" or first[3] != ours:
            warnings.filterwarnings("ignore", module=ours.pattern)


def _visit(tree: ast.Module, module: Module) -> None:
    """One pass over the statements with a stack of its own, so that no source is too deep for it."""
    stack: list[tuple[ast.AST, str, bool]] = []  # node, class around it, inside a function

    def push(nodes: list[ast.AST], owner: str, *, inside: bool) -> None:
        stack.extend((node, owner, inside) for node in reversed(nodes) if type(node) in _SEEN)

    push(list(tree.body), "", inside=False)
    while stack:
        node, owner, inside = stack.pop()
        blocks = _BLOCKS.get(type(node))
        if blocks is None:
            _simple(node, module, at_top=not (owner or inside))
            continue
        owner, inside = _block(node, module, owner, inside=inside)
        for block in reversed(blocks):
            push(getattr(node, block), owner, inside=inside)


def _block(node: ast.AST, module: Module, owner: str, *, inside: bool) -> tuple[str, bool]:
    """Take stock of a compound statement, and say where its children stand."""
    match node:
        case ast.ClassDef():
            module.classes += 1
            if not inside:
                bases = tuple(name for base in node.bases for name, _ in _types(base))
                module.definitions.append(_definition("class", node, owner, bases))
            return node.name, inside
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            module.functions += 1
            if not inside:
                module.definitions.append(_definition("method" if owner else "function", node, owner))
            return owner, True
        case ast.ExceptHandler():
            module.excepts += 1
            module.caught.extend(_types(node.type))
        case _:
            pass
    return owner, inside


def _simple(node: ast.AST, module: Module, *, at_top: bool) -> None:
    match node:
        case ast.Raise():
            module.raises += 1
            module.raised.extend((name, node.lineno) for name, _ in _types(node.exc))
        case ast.ImportFrom():
            module.imported.update(alias.name for alias in node.names)
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign() if at_top:
            module.exported.update(_all_names(node))
        case _:
            pass


def _definition(
    kind: ConceptKind,
    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
    owner: str,
    bases: tuple[str, ...] = (),
) -> Definition:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    return Definition(kind, node.name, node.lineno, lines, bases, owner)


def _types(node: ast.expr | None) -> Iterator[tuple[str, int]]:
    """The last names of the types an expression speaks of: `X`, `a.X`, `X(...)`, `X[T]`, `(X, Y)`."""
    match node:
        case ast.Name():
            yield node.id, node.lineno
        case ast.Attribute():
            yield node.attr, node.end_lineno or node.lineno
        case (
            ast.Call(func=ast.Name() | ast.Attribute() as inner)
            | ast.Subscript(value=ast.Name() | ast.Attribute() as inner)
        ):
            yield from _types(inner)
        case ast.Tuple():
            for element in node.elts:
                if not isinstance(element, ast.Tuple):
                    yield from _types(element)
        case _:
            return


def _all_names(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if not any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
        return
    if isinstance(node.value, ast.List | ast.Tuple):
        for element in node.value.elts:
            if isinstance(element, ast.Constant) and isinstance(element.value, str):
                yield element.value
