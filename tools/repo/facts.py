"""What is told of one source file, and how an expression names types; the readers of languages fill it in."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tools.repo.profile import ConceptKind


class UnreadableSourceError(ValueError):
    """Not of this version of its language, or built to break a parser."""


class Definition(NamedTuple):
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


def types(node: ast.expr | None) -> Iterator[tuple[str, int]]:
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
            yield from types(inner)
        case ast.Tuple():
            for element in node.elts:
                if not isinstance(element, ast.Tuple):
                    yield from types(element)
        case _:
            return


def all_names(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if not any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
        return
    if isinstance(node.value, ast.List | ast.Tuple):
        for element in node.value.elts:
            if isinstance(element, ast.Constant) and isinstance(element.value, str):
                yield element.value
