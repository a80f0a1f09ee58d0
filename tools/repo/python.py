"""What one Python file defines, raises and catches: nothing is imported or run."""

import ast
import re

from tools.repo.facts import Definition, Module, UnreadableSourceError, all_names, types
from tools.repo.profile import ConceptKind
from tools.repo.quiet import FILENAME, silence
from tools.repo.skim import skim

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


def read_python(source: bytes, *, briefly: bool = False) -> Module:
    """By the beginnings of its lines where they say it all, else by its syntax tree."""
    if not source:
        return Module()
    return skim(source, briefly=briefly) or parse_python(source)


def parse_python(source: bytes) -> Module:
    """Parse and take stock; `UnreadableSourceError` where `ast` gives up."""
    module = Module()
    _visit(_parse(source), module)
    return module


def _parse(source: bytes) -> ast.Module:
    if len(_NODE.findall(source)) > NODES_MAX:
        raise UnreadableSourceError
    silence()
    try:
        return ast.parse(source, FILENAME)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # ValueError: NUL bytes; the rest: depth
        raise UnreadableSourceError from None


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
                bases = tuple(name for base in node.bases for name, _ in types(base))
                module.definitions.append(_definition("class", node, owner, bases))
            return node.name, inside
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            module.functions += 1
            if not inside:
                module.definitions.append(_definition("method" if owner else "function", node, owner))
            return owner, True
        case ast.ExceptHandler():
            module.excepts += 1
            module.caught.extend(types(node.type))
        case _:
            pass
    return owner, inside


def _simple(node: ast.AST, module: Module, *, at_top: bool) -> None:
    match node:
        case ast.Raise():
            module.raises += 1
            module.raised.extend((name, node.lineno) for name, _ in types(node.exc))
        case ast.ImportFrom():
            module.imported.update(alias.name for alias in node.names)
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign() if at_top:
            module.exported.update(all_names(node))
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
