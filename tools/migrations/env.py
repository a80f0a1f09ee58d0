"""Alembic's entry: it migrates on the connection that `tools.db.upgrade` hands over."""

from typing import Any

from alembic import context

from tools.tables import metadata


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:  # noqa: FBT001 -- alembic's signature
    """The workflow engine keeps its tables in the same SQLite file: leave them alone."""
    return kind != "table" or name in metadata.tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=ours,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
