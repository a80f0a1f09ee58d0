"""The page, as files."""

from pathlib import Path

STATIC = Path(__file__).parent
