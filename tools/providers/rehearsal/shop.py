"""The vendor's business: it takes orders, works for a while, bills, and draws the clip.

It honours idempotency keys and can be searched by the buyer's reference, unless its `Terms` say
otherwise. It knows nothing of HTTP, and of the rest of the studio only how animatics are drawn.
"""

import hmac
import os
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

from tools.cards import render
from tools.clock import Clock, stamp
from tools.money import ZERO, Money
from tools.providers.base import RenderRequest, VideoModel
from tools.providers.drawn import card_of, keep, objection, recall
from tools.providers.rehearsal.faults import Faults
from tools.providers.rehearsal.meter import Accepted, Meter
from tools.shots import ASPECT_RATIOS, PICTURES_MAX

STAMP = "PLAY MONEY REHEARSAL"
WORK = timedelta(seconds=1)
TOGETHER = 50  # jobs that one question may be about
LINK_LIFE = timedelta(minutes=10)
BILL_DELAY = 3  # a late bill is there after three times the work

# Of as many reference pictures as a shot may have; it draws what it always draws.
_Offered = partial(VideoModel, aspect_ratios=ASPECT_RATIOS, note="play money", pictures=PICTURES_MAX)
MODELS = (
    _Offered("rehearsal-draft", tuple(range(1, 31)), ("480p", "720p")),
    _Offered("rehearsal-premium", tuple(range(2, 16)), ("720p",)),
)
# What this vendor bills, in play dollars a second. The price book repeats it; a test compares.
RATES = {
    ("rehearsal-draft", "480p"): Money.usd("0.04"),
    ("rehearsal-draft", "720p"): Money.usd("0.06"),
    ("rehearsal-premium", "720p"): Money.usd("0.30"),
}

Draw = Callable[[RenderRequest, Path], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What this vendor offers beside rendering, as vendors differ."""

    keys: bool = True  # the same key never makes a second job
    search: bool = True  # it can be asked for a job by the buyer's reference, and for a list
    webhooks: bool = False  # it calls the address that an order carries


def draw_card(request: RenderRequest, to: Path) -> None:
    render(card_of(request, STAMP), to)


class Shop:
    def __init__(self, folder: Path, clock: Clock, faults: Faults, terms: Terms, draw: Draw) -> None:
        self.folder = folder
        self.clock = clock
        self.faults = faults
        self.terms = terms
        self.meter = Meter(folder / "meter.jsonl")
        self.secret = _secret(folder / "secret")
        self._draw = draw
        self._asked: Counter[str] = Counter()
        self._first_links: dict[str, str] = {}

    # --- taking orders ---

    def take(self, order: RenderRequest, key: str | None) -> Accepted | str:
        """The job that an order is, made now or before; or in plain words why it is not taken."""
        faults = self.faults.of(order.number)
        reason = "refused on purpose" if "refuse" in faults else objection(order, MODELS)
        if reason is not None:
            return reason

        is_honoured = self.terms.keys and key == order.take_id
        name = order.take_id
        while True:
            if name in self.meter.jobs and not is_honoured:
                name = f"{order.take_id}-{secrets.token_hex(4)}"
            keep(self.folder, replace(order, take_id=name))
            if self._enter(self._priced(name, order, faults)) or is_honoured:
                return self.meter.jobs[name]

    def _enter(self, job: Accepted) -> bool:
        """Whether it is now a job; not if another process was quicker with that name."""
        return self.meter.write(lambda jobs: None if job.provider_job_id in jobs else job)

    def _priced(self, name: str, order: RenderRequest, faults: frozenset[str]) -> Accepted:
        seconds = order.seconds * (2 if "overrun" in faults else 1)
        price = RATES[order.model, order.resolution].times(seconds)
        return Accepted(
            provider_job_id=name,
            at=self.clock(),
            billed=ZERO if "fail" in faults else None if "no-cost" in faults else price,
            work=WORK * (10 if "slow" in faults else 1) * (1 + 0.1 * order.number),
            failed="fail" in faults,
            ref=order.take_id,
            number=order.number,
        )

    def cancel(self, job: Accepted) -> bool:
        if job.canceled or self.has_ended(job):
            return False
        self.meter.write(lambda _: replace(job, billed=ZERO, canceled=True))
        return True

    # --- saying how it goes ---

    def find(self, name: str) -> Accepted | None:
        """A job by its name, unless this shop pretends not to know it."""
        job = self.meter.jobs.get(name)
        if job is None:
            return None
        faults = self.faults.of(job.number)
        self._asked[name] += 1
        if "blink" in faults and self._asked[name] % 3 == 1:
            return None
        return None if self._is_forgotten(job) else job

    def _is_forgotten(self, job: Accepted) -> bool:
        return "forget" in self.faults.of(job.number) and self._share(job) > 0

    def has_ended(self, job: Accepted) -> bool:
        return job.canceled or (self._share(job) >= 1 and "endless" not in self.faults.of(job.number))

    def _share(self, job: Accepted) -> float:
        return max((self.clock() - job.at) / job.work, 0.0)

    def told(self, job: Accepted) -> dict[str, Any]:
        """What an answer says about a job."""
        facts = {"id": job.provider_job_id, "client_ref": job.ref, "created_at": stamp(job.at)}
        if job.canceled:
            return facts | {"status": "canceled", "cost_usd": str(ZERO)}
        if not self.has_ended(job):
            return facts | self._at_work(job)
        if job.failed:
            return facts | {"status": "failed", "error": "failed on purpose", "cost_usd": str(ZERO)}
        return facts | {"status": "succeeded", "content_url": self._link(job), **self._bill(job)}

    def _at_work(self, job: Accepted) -> dict[str, Any]:
        faults, share = self.faults.of(job.number), min(self._share(job), 1.0)
        if "odd-word" in faults:
            return {"status": "reticulating"}
        if "backwards" in faults and share >= 0.5:
            return {"status": "queued", "progress": 0.0}
        return {"status": "running", "progress": share}

    def _bill(self, job: Accepted) -> dict[str, Any]:
        faults = self.faults.of(job.number)
        is_late = "late-cost" in faults and self._share(job) < BILL_DELAY
        if job.billed is None or is_late:
            return {}
        return {"cost_usd": str(ZERO if "zero-cost" in faults else job.billed)}

    # --- handing over ---

    def _link(self, job: Accepted) -> str:
        expires, nonce = stamp(self.clock() + LINK_LIFE), secrets.token_hex(4)
        signature = self._seal(job, expires, nonce)
        return f"jobs/{job.provider_job_id}/content?expires={expires}&nonce={nonce}&signature={signature}"

    def opens(self, job: Accepted, link: Mapping[str, str]) -> bool:
        """Whether a link that is being used is one of ours, and of today."""
        expires, nonce, shown = (link.get(part, "") for part in ("expires", "nonce", "signature"))
        genuine = hmac.compare_digest(self._seal(job, expires, nonce).encode(), shown.encode())
        if not genuine or expires < stamp(self.clock()) or not self.has_ended(job):
            return False
        first = self._first_links.setdefault(job.provider_job_id, shown)
        return "expired-link" not in self.faults.of(job.number) or first != shown

    def _seal(self, job: Accepted, expires: str, nonce: str) -> str:
        return self.sign(f"{job.provider_job_id} {expires} {nonce}".encode())

    def sign(self, content: bytes) -> str:
        return hmac.digest(self.secret.encode(), content, "sha256").hex()

    def draw(self, job: Accepted) -> bytes:
        with TemporaryDirectory(dir=self.folder) as name:
            clip = Path(name) / "clip.mp4"
            self._draw(recall(self.folder, job.provider_job_id), clip)
            return clip.read_bytes()

    # --- looking back ---

    def by_ref(self, ref: str) -> list[Accepted]:
        return [job for job in self._remembered() if job.ref == ref]

    def since(self, moment: datetime) -> list[Accepted]:
        return [job for job in self._remembered() if job.at >= moment]

    def _remembered(self) -> list[Accepted]:
        return [job for job in list(self.meter.jobs.values()) if not self._is_forgotten(job)]


def _secret(path: Path) -> str:
    """The key that a buyer shows and the shop signs with: one for all processes that share the folder."""
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent, prefix=".secret.") as file:  # nobody else may read it
            file.write(secrets.token_urlsafe())
            file.flush()
            with suppress(FileExistsError):  # another process was quicker: its secret counts
                os.link(file.name, path)
    return path.read_text("ascii")
