"""What vendors say now beside what the packaged book says, as a patch that a person reviews."""

from collections.abc import Iterable, Sequence
from difflib import unified_diff

from tools.prices.files import to_toml
from tools.prices.live import Answer
from tools.prices.row import PriceRow

NAME = "tools/prices.toml"


def updated(rows: Sequence[PriceRow], answers: Iterable[Answer]) -> tuple[PriceRow, ...]:
    """The rows with each answered model's own in their place; models that are new come last."""
    said: dict[tuple[str, str], list[PriceRow]] = {}
    for row in (row for answer in answers for row in answer.rows):
        said.setdefault((row.provider, row.model), []).append(row)
    result: list[PriceRow] = []
    done: set[tuple[str, str]] = set()
    for row in rows:
        key = row.provider, row.model
        if key not in said:
            result.append(row)
        elif key not in done:
            done.add(key)
            result += [_dated(each, row) for each in said[key]]
    return (*result, *(row for key, new in said.items() if key not in done for row in new))


def _dated(said: PriceRow, known: PriceRow) -> PriceRow:
    """Price lists do not tell when a model ends; what was known of that stays."""
    return said.model_copy(update={"end_of_life": known.end_of_life, "successor": known.successor})


def as_diff(before: Sequence[PriceRow], after: Sequence[PriceRow], header: str = "") -> str:
    """A patch of the packaged file; empty where nothing changed. `header` is what the file begins with."""
    old, new = (header + to_toml(rows) for rows in (before, after))
    lines = unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{NAME}", f"b/{NAME}"
    )
    return "".join(lines)
