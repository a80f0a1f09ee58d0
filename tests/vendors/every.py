"""Every vendor there is a fake of: a new one adds its rows here."""

from tests.vendors import fal, google, openai_videos, openrouter, runway

ROWS = [*openai_videos.ROWS, *openrouter.ROWS, *fal.ROWS, *runway.ROWS, *google.ROWS]
