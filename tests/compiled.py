"""Statements are compiled once in a process, not once more for each database that a test opens.

That took a quarter of a small test's time. An engine's own cache tells dialects apart by identity; here
all of a kind are one, which they are to what is compiled.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event


class _Statements(dict[Any, Any]):
    """By the dialect's kind and the statement."""

    def get(self, key: Any, default: Any = None, /) -> Any:
        return super().get(_by_kind(key), default)

    def __setitem__(self, key: Any, compiled: Any, /) -> None:
        super().__setitem__(_by_kind(key), compiled)


def _by_kind(key: Any) -> Any:
    dialect, *statement = key
    return type(dialect), *statement


_statements = _Statements()


def compile_once() -> None:
    """From now on, for every connection of every engine."""
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_statements)
