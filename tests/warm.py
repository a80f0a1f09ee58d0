"""What a process of ours comes to import and build in its first seconds, for those forked from one that has."""

import gc
from importlib import import_module

from agent.models import OFFLINE, Choice
from agent.stage import stage_for

DOORS = ("api.cli", "api.serve", "agent.offline.steps", "tests.kills")
LATE = (  # what is imported only where it is needed, and is by nearly all
    "PIL.Image",
    "agent.gather",
    "aiosqlite",
    "alembic.config",
    "av",
    "dbos",
    "dbos._sys_db_sqlite",
    "fastapi.telemetry._runtime",
    "genai_prices.data",
    "httpcore",
    "openai",
    "psycopg",
    "pydantic_ai.models.function",
    "pydantic_ai.models.openai",
    "sqlite3",
    "tools.providers.rehearsal.server",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
)

for name in DOORS + LATE:
    import_module(name)
stage_for(Choice(OFFLINE))
gc.freeze()  # so that no collection in a fork copies what it shares
