"""Price files: TOML with a table for each row, read with care and written in one way only."""

import json
import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tools.errors import Invalid
from tools.prices.book import PriceBook
from tools.prices.row import PriceRow

PACKAGED = Path(__file__).parent.with_name("prices.toml")


def read_prices(path: Path) -> tuple[PriceRow, ...]:
    """Read one TOML file of `[[price]]` rows; `Invalid` names the file, the row and the field."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(str(path), f"cannot be read as a price file: {error}") from None
    rows: Any = document.get("price")
    if not isinstance(rows, list):
        raise Invalid(str(path), "has no [[price]] rows")
    return tuple(_row(path, n, row) for n, row in enumerate(rows, 1))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _row(path: Path, n: int, row: Any) -> PriceRow:
    try:
        return PriceRow.model_validate(row)
    except ValidationError as error:
        complaints = error.errors(include_url=False, include_context=False, include_input=False)
        first = max(
            complaints, key=lambda each: each["type"] != "tuple_type"
        )  # a range is no list: not the news
        field = first["loc"][0] if first["loc"] else "row"
        raise Invalid(str(path), f"price {n}, {field}: {first['msg']}") from None


@cache
def packaged() -> tuple[PriceRow, ...]:
    """The rows that came with this version."""
    return read_prices(PACKAGED)


def load_book(user_file: Path | None = None) -> PriceBook:
    """The user's rows before the packaged ones."""
    own = read_prices(user_file) if user_file is not None else ()
    return PriceBook(own + packaged())


def to_toml(rows: Iterable[PriceRow]) -> str:
    """Rows as a price file has them, so that two versions can be compared line by line."""
    return "\n".join(_table(row) for row in rows)


def _table(row: PriceRow) -> str:
    facts = row.model_dump(exclude_none=True, exclude_defaults=True)
    return "[[price]]\n" + "".join(f"{name} = {_value(value)}\n" for name, value in facts.items())


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case date():
            return value.isoformat()
        case dict():
            return "{ " + ", ".join(f"{name} = {_value(each)}" for name, each in value.items()) + " }"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case tuple():
            return "[" + ", ".join(_value(each) for each in value) + "]"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case _:
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
