"""Foreign Python is parsed without a word about its style."""

import re
import threading
import warnings

# `ast` names the warnings of foreign sources after this file, so one filter silences exactly them.
FILENAME = "<repository>"
_filter_lock = threading.Lock()


def silence() -> None:
    """Keep a filter in front for our file name. `catch_warnings` would reach into other threads."""
    ours = re.compile(re.escape(FILENAME))
    with _filter_lock:
        first = warnings.filters[0] if warnings.filters else None
        if first is None or first[0] != "ignore" or first[3] != ours:
            warnings.filterwarnings("ignore", module=ours.pattern)
