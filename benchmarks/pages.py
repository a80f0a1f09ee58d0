"""Pages of docs/ that commands write: each its own section anew, in place; the others stay as they are."""

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PERFORMANCE = DOCS / "performance.md"
PROOF = DOCS / "proof.md"
PROOF_TITLE = """# What was tried on the money

`make prove` writes this page: every number on it was counted by the command named above it.

"""


def put(page: Path, section: str, text: str) -> None:
    head, *rest = re.split(r"^(?=## )", _read(page), flags=re.MULTILINE)
    parts = {part.partition("\n")[0].removeprefix("## "): part for part in rest}
    parts[section] = f"## {section}\n\n{text.strip()}\n\n"
    page.write_text((head + "".join(parts.values())).rstrip() + "\n", "utf-8")


def _read(page: Path) -> str:
    """A page ends with an empty line, so that another section may follow."""
    return f"{page.read_text('utf-8').rstrip()}\n\n" if page.exists() else PROOF_TITLE
