"""Schemas of tools as a maker wants them, made once and shared by all requests.

The framework makes them anew for each request, and holds them until its answer has ended: a tenth of what
an open stream costs, and ten times the work.
"""

from functools import lru_cache
from typing import Any

from pydantic_ai.models import Model
from pydantic_ai.profiles import JsonSchemaTransformer, ModelProfile
from pydantic_core import from_json, to_json

SCHEMAS_MAX = 256

Schema = dict[str, Any]


def sharing(model: Model) -> Model:
    """The same model, whose requests share their schemas."""
    transformer = model.profile.get("json_schema_transformer")
    if transformer is not None:
        model.profile = ModelProfile(**model.profile | {"json_schema_transformer": shared(transformer)})
    return model


def shared(transformer: type[JsonSchemaTransformer]) -> type[JsonSchemaTransformer]:
    """One that does each schema once: who asks again is given the same."""

    @lru_cache(SCHEMAS_MAX)
    def walked(schema: bytes, *, strict: bool | None) -> tuple[Schema, bool]:
        walker = transformer(from_json(schema), strict=strict)
        return walker.walk(), walker.is_strict_compatible

    class Shared(transformer):
        def __init__(self, schema: Schema, *, strict: bool | None = None) -> None:
            # Not the original's, which copies what it is about to change: this changes nothing.
            self.schema, self.strict = schema, strict

        def walk(self) -> Schema:
            schema, self.is_strict_compatible = walked(to_json(self.schema), strict=self.strict)
            return schema

    return Shared
