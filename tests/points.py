"""A name for every await and every commit of the code that moves money, read from its source.

The product has no hooks. Each function's source is parsed, every `await X` becomes a pair of
points, before it and after it, every write transaction has two more around its commit, and
the function is given the code that this compiles to. A new await is a new point by itself.
"""

import ast
import inspect
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
Reach = Callable[[str], Awaitable[None]]

PACKAGE = "tools."
MODULES = (
    "tools.approvals",
    "tools.render.send",
    "tools.render.record",
    "tools.render.settle",
    "tools.render.fetch",
    "tools.render.watch",
    "tools.render.seek",
    "tools.render.answer",
    "tools.render.sweep",
    "tools.render.spill",
    "tools.render.mark",
)
AT, WITHIN = "_at_point", "_within_points"

in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


@dataclass
class Marker(ast.NodeTransformer):
    """Puts the points into one module's tree and remembers their names."""

    module: str
    names: list[str] = field(default_factory=list[str])
    _function: str = ""
    _seen: Counter[str] = field(default_factory=Counter[str])

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        outer, self._function = self._function, node.name
        self.generic_visit(node)
        self._function = outer
        return node

    def visit_Await(self, node: ast.Await) -> ast.AST:
        place = self._place(_callee(node.value))
        self.generic_visit(node)
        self.names += [f"before {place}", f"after {place}"]
        return ast.Await(_call(AT, place, node.value))

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        for item in node.items:
            if _callee(item.context_expr).endswith("database.transaction"):
                place = self._place("commit")
                self.names += [f"before {place}", f"after {place}"]
                item.context_expr = _call(WITHIN, place, item.context_expr)
        self.generic_visit(node)
        return node

    def _place(self, what: str) -> str:
        place = f"{self.module}.{self._function}: {what}"
        self._seen[place] += 1
        return place if self._seen[place] == 1 else f"{place} ({self._seen[place]})"


def _callee(node: ast.expr) -> str:
    """What is called there, without what it is given."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name
        case ast.Call(func=ast.Attribute(value=value, attr=attr)):
            return f"{_callee(value)}.{attr}"
        case ast.Subscript(value=value):
            return _callee(value)
        case _:
            return ast.unparse(node)


def _call(name: str, place: str, wrapped: ast.expr) -> ast.expr:
    called = ast.Call(ast.Name(name, ast.Load()), [ast.Constant(place), wrapped], [])
    return ast.fix_missing_locations(ast.copy_location(called, wrapped))


def _marked(module: ModuleType) -> tuple[ast.Module, list[str]]:
    source = Path(inspect.getfile(module)).read_text("utf-8")
    marker = Marker(module.__name__.rpartition(".")[2])
    tree: ast.Module = marker.visit(ast.parse(source))
    return ast.fix_missing_locations(tree), marker.names


def points() -> list[str]:
    """Every point of the code that moves money, in the order of the source."""
    return [name for module in MODULES for name in _marked(import_module(module))[1]]


# --- at large -------------------------------------------------------------------------------


@contextmanager
def marked(reach: Reach) -> Generator[None]:
    """Inside, whoever comes to a point of the code tells `reach` its name, and goes on when it returns."""

    async def at(place: str, awaitable: Awaitable[T]) -> T:
        with _closing_unawaited(awaitable):
            await reach(f"before {place}")
        result = await awaitable
        await reach(f"after {place}")
        return result

    @asynccontextmanager
    async def within(place: str, transaction: AbstractAsyncContextManager[T]) -> AsyncGenerator[T]:
        async with transaction as connection:
            token = in_transaction.set(True)
            try:
                yield connection
                await reach(f"before {place}")
            finally:
                in_transaction.reset(token)
        await reach(f"after {place}")

    with pytest.MonkeyPatch.context() as patch:
        for name in MODULES:
            _put_in(patch, import_module(name), {AT: at, WITHIN: within})
        yield


@contextmanager
def _closing_unawaited(awaitable: object) -> Generator[None]:
    """Who dies before an await leaves nothing that waits for ever."""
    try:
        yield
    except BaseException:
        if inspect.iscoroutine(awaitable):
            given = inspect.getcoroutinelocals(awaitable).values()
            for each in (awaitable, *filter(inspect.iscoroutine, given)):
                each.close()
        raise


def _put_in(patch: pytest.MonkeyPatch, module: ModuleType, hooks: dict[str, Any]) -> None:
    """The functions stay the same objects, so whoever has imported one runs the marked code too."""
    tree, _ = _marked(module)
    code = compile(tree, inspect.getfile(module), "exec")
    for name, hook in hooks.items():
        patch.setattr(module, name, hook, raising=False)
    for new in _coroutines(code):
        function = inspect.unwrap(attrgetter(new.co_qualname)(module))
        assert isinstance(function, FunctionType)
        patch.setattr(function, "__code__", new)


def _coroutines(code: CodeType) -> Iterator[CodeType]:
    """At the top of a module and in its classes. What stands inside one of them comes with it."""
    for each in code.co_consts:
        if not isinstance(each, CodeType):
            continue
        if each.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
            yield each
        elif not each.co_flags & inspect.CO_OPTIMIZED:  # the body of a class
            yield from _coroutines(each)
