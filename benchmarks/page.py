"""docs/performance.md: a benchmark writes its own section anew, in place; the others stay as they are."""

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def put(section: str, text: str) -> None:
    page = PAGE.read_text("utf-8")
    head, *rest = re.split(r"^(?=## )", page, flags=re.MULTILINE)
    parts = {part.partition("\n")[0].removeprefix("## "): part for part in rest}
    parts[section] = f"## {section}\n\n{text.strip()}\n\n"
    PAGE.write_text((head + "".join(parts.values())).rstrip() + "\n", "utf-8")
