"""The folder where answers lie, each under the name of the take that it was given to."""

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tools.clock import read_stamp, stamp
from tools.money import Money
from tools.providers.at_once.way import Work
from tools.providers.base import Refused
from tools.providers.drawn import TAKE_ID, write_through


@dataclass(frozen=True, slots=True)
class Bought:
    """A vendor's work is here, since then. `charged` and `name` are as its answer said."""

    charged: Money | None
    name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Tray:
    """A note says that the work beside it is whole, or was until it was kept elsewhere: it is written last."""

    folder: Path

    def draft(self, take_id: str) -> Path:
        """Where an answer is received; an `OSError` says that there is no room for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self._path(take_id, "part")

    def keep(self, take_id: str, work: Work, at: datetime) -> None:
        write_through(self._path(take_id, "work"), work.content)
        micros = None if work.charged is None else work.charged.micros
        self._note(take_id, {"charged_micros": micros, "name": work.name, "at": stamp(at)})

    def refuse(self, take_id: str, refused: Refused) -> None:
        self._note(take_id, asdict(refused))

    def look(self, name: str) -> Bought | Refused | None:
        """What came of a take; None where no whole answer to it is here."""
        try:
            note = json.loads(self._path(name, "json").read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        if "reason" in note:
            return Refused(note["reason"])
        micros = note["charged_micros"]
        return Bought(None if micros is None else Money(micros), note["name"], read_stamp(note["at"]))

    def work(self, name: str) -> Path:
        return self._path(name, "work")

    def clear(self, name: str) -> None:
        """The note stays, and says for ever what came of the take. Work that does not go only takes room."""
        with suppress(OSError):
            self.work(name).unlink()

    def _note(self, take_id: str, note: dict[str, Any]) -> None:
        write_through(self._path(take_id, "json"), json.dumps(note).encode())
        self._path(take_id, "part").unlink(missing_ok=True)

    def _path(self, name: str, kind: str) -> Path:
        """Names become paths, so only plain ones will do."""
        if not re.fullmatch(TAKE_ID, name):
            raise FileNotFoundError(f"no take has the name {name!r}")
        return self.folder / f"{name}.{kind}"
