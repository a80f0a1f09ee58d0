"""Every vendor there is a fake of: a new one adds its rows here."""

from tests.vendors import at_once, fal, google, openai_videos, openrouter, runway

ROWS = [*openai_videos.ROWS, *openrouter.ROWS, *fal.ROWS, *runway.ROWS, *google.ROWS]
AT_ONCE = at_once.ROWS  # who answers with the work itself, of which there is nothing to ask
