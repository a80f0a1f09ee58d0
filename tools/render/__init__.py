"""The life of one render job: record, act, settle.

`submit` writes down that it is about to send, commits, sends exactly one request, and writes
down what came of it. `look_after` asks vendors about what is running. `settle` captures what
the vendor billed and releases the rest; `fetch` brings the clip home. Each may be cut off
anywhere and called again.
"""

from tools.render.answer import cancel, resolve
from tools.render.fetch import assemble, fetch, preview
from tools.render.kit import LEASE, Kit, request_from, request_of
from tools.render.reconcile import Orphan, orphans, reconcile, reconcile_all, trust
from tools.render.seek import hear, seek_unknown
from tools.render.send import submit
from tools.render.settle import settle
from tools.render.sweep import sweep
from tools.render.watch import fetch_again, look_after, poll_due, release_late, resume

__all__ = [
    "LEASE",
    "Kit",
    "Orphan",
    "assemble",
    "cancel",
    "fetch",
    "fetch_again",
    "hear",
    "look_after",
    "orphans",
    "poll_due",
    "preview",
    "reconcile",
    "reconcile_all",
    "release_late",
    "request_from",
    "request_of",
    "resolve",
    "resume",
    "seek_unknown",
    "settle",
    "submit",
    "sweep",
    "trust",
]
