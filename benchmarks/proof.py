"""docs/proof.md: each command that tries to make the money wrong writes what it tried into its own section."""

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "proof.md"
TITLE = """# What was tried on the money

`make prove` writes this page: every number on it was counted by the command named above it.
"""


def put(section: str, text: str) -> None:
    """Write a section anew, in place; the others stay as they are."""
    page = PAGE.read_text("utf-8") if PAGE.exists() else TITLE
    parts = dict(re.findall(r"^## (.+)\n\n((?:(?!^## ).*\n?)*)", page, re.MULTILINE))
    parts[section] = text
    body = "".join(f"\n## {name}\n\n{words.strip()}\n" for name, words in parts.items())
    PAGE.write_text(TITLE + body, "utf-8")
