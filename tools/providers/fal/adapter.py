"""How fal's queue is asked."""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio

from tools.clock import Clock
from tools.errors import Invalid
from tools.money import ZERO, Money
from tools.prices import Answer as PriceList
from tools.prices import PriceRow
from tools.prices import fal as read_prices
from tools.providers.account import Account
from tools.providers.answers import GONE, NOT_FOUND, UNSAID, as_object, as_objects, count, part, told
from tools.providers.base import (
    Capabilities,
    Failed,
    Missing,
    Nudge,
    Refused,
    RenderRequest,
    Running,
    Silent,
    Status,
    Submission,
    Succeeded,
    VideoProvider,
)
from tools.providers.download import download
from tools.providers.fal.endpoints import NAME, app_of, body_of, objection
from tools.providers.fal.names import Job, guessed, job_of, named
from tools.providers.fal.webhooks import Keyring, read_nudge
from tools.providers.wire import (
    PATIENCE,
    TOOK_NOTHING,
    Answer,
    Client,
    Patience,
    get_json,
    open_client,
    post_once,
    said,
)

QUEUE = "https://queue.fal.run"
PLATFORM = "https://api.fal.ai"
KEYS = "https://rest.fal.ai"
PRICED_AT_ONCE = 50  # endpoints of one question
UNITS = "x-fal-billable-units"
KIND = "x-fal-error-type"
RETRYABLE = "x-fal-retryable"  # stands with an error that is the job's own, as its kind does
NOT_ALLOWED = (401, 403)
UNPROCESSABLE = 422
CANCELED = "client_cancelled"
DOLLAR = Money.usd("1")
PRICE_LOOKS = 5  # a price that stays away keeps no job open


@asynccontextmanager
async def open_line(
    account: Account,
    endpoints: Sequence[str],
    capabilities: Capabilities,
    clock: Clock,
    patience: Patience = PATIENCE,
) -> AsyncGenerator[VideoProvider]:
    key = {"authorization": f"Key {account.key}"}
    async with AsyncExitStack() as stack:
        queue, platform, keys = [
            await stack.enter_async_context(open_client(account.address or own, shown, patience))
            for own, shown in ((QUEUE, key), (PLATFORM, key), (KEYS, {}))
        ]
        keyring = Keyring()
        group = await stack.enter_async_context(anyio.create_task_group())
        group.start_soon(keyring.keep_fresh, keys)
        stack.callback(group.cancel_scope.cancel)
        yield Line(queue, platform, keyring, endpoints=endpoints, capabilities=capabilities, clock=clock)


class Line(VideoProvider):
    """fal's queue, its price list, and who asks both."""

    name = NAME

    def __init__(
        self,
        queue: Client,
        platform: Client,
        keyring: Keyring,
        *,
        endpoints: Sequence[str],
        capabilities: Capabilities,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._platform = platform
        self._keyring = keyring
        self._apps = list(dict.fromkeys(map(app_of, endpoints)))
        self._clock = clock
        self._unpriced: Counter[str] = Counter()  # looks at a job that is over and cannot be priced
        self.models = ()
        self.capabilities = capabilities

    async def submit(self, request: RenderRequest) -> Submission:
        why = objection(request)
        if why is not None:
            return Refused(why)
        query = f"?{urlencode({'fal_webhook': request.webhook})}" if request.webhook else ""
        heard = await post_once(
            self._queue, f"{request.model}{query}", creates_nothing=TOOK_NOTHING, json=body_of(request)
        )
        return named(self._queue, request.model, heard.body) if isinstance(heard, Answer) else heard

    async def poll(self, provider_job_id: str) -> Status:
        """A bare request id may be of any app that is offered here."""
        job = job_of(provider_job_id)
        likely = [job] if job is not None else [guessed(app, provider_job_id) for app in self._apps]
        said_of = [await self._ask(each) for each in likely]
        known = [status for status in said_of if not isinstance(status, Missing)]
        return min(known, key=lambda status: isinstance(status, Silent), default=Missing())

    async def _ask(self, job: Job) -> Status:
        body = told(await get_json(self._queue, job.status))
        if isinstance(body, Missing | Silent):
            return body
        return await self._result(job, body) if body.get("status") == "COMPLETED" else Running()

    async def _result(self, job: Job, state: Mapping[str, Any]) -> Status:
        """What COMPLETED hides: a clip, or how the job failed. Only its result says which."""
        heard = await get_json(self._queue, job.response, faults=True)
        status = Silent() if heard is None else _verdict(self._queue, heard, state)
        if heard is None or not isinstance(status, Succeeded | Failed):
            return status
        billed = await self._billed(job, heard)
        return billed if isinstance(billed, Silent) else replace(status, charged=billed)

    async def _billed(self, job: Job, heard: Answer) -> Money | Silent | None:
        """Billed units times the endpoint's unit price: rows are by resolution, and units are not."""
        if heard.status >= 500:
            return ZERO  # never billed
        units = count(heard.headers.get(UNITS))
        if units == 0:
            return ZERO
        if units is None or job.endpoint is None:
            return None
        told = await get_json(self._platform, f"v1/models/pricing?endpoint_id={part(job.endpoint)}")
        if told is None:
            self._unpriced[job.response] += 1
            return Silent() if self._unpriced[job.response] < PRICE_LOOKS else None
        self._unpriced.pop(job.response, None)
        price = _unit_price(told, job.endpoint)
        return None if price is None else DOLLAR.times(units * price)

    async def price_list(self, at: datetime, known: Sequence[PriceRow]) -> PriceList | Silent:
        """What its endpoints cost now, as many as one question may be about at a time."""
        rows: tuple[PriceRow, ...] = ()
        unreadable: dict[str, str] = {}
        endpoints = list(dict.fromkeys(row.model for row in known if row.provider == NAME))
        for start in range(0, len(endpoints), PRICED_AT_ONCE):
            asked = ",".join(map(part, endpoints[start : start + PRICED_AT_ONCE]))
            heard = await get_json(self._platform, f"v1/models/pricing?endpoint_id={asked}")
            if heard is None or heard.status >= 400:
                return Silent()
            try:
                told = read_prices(heard.body, at, known)
            except Invalid:
                return Silent()
            rows, unreadable = rows + told.rows, unreadable | told.unreadable
        return PriceList(provider=NAME, at=at, rows=rows, unreadable=unreadable)

    async def cancel(self, provider_job_id: str) -> bool:
        job = job_of(provider_job_id)
        if job is None or not isinstance(await self.poll(provider_job_id), Running):
            return False
        heard = await get_json(self._queue, job.cancel, method="PUT")
        return heard is not None and heard.status < 400

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        job = job_of(provider_job_id)
        likely = [job] if job is not None else [guessed(app, provider_job_id) for app in self._apps]
        for each in likely:
            heard = await get_json(self._queue, each.response)
            where = None if heard is None or heard.status >= 400 else _clip(heard)
            if where is not None:
                await download(self._queue, where, to)
                return
        raise ConnectionError("the vendor gives no address of the clip")

    def nudge(self, headers: Mapping[str, str], body: bytes) -> Nudge | None:
        return read_nudge(self._keyring, headers, body, self._clock())


def _verdict(client: Client, heard: Answer, state: Mapping[str, Any]) -> Status:
    """How a job ended by its result. An error that says nothing about the job does not end it."""
    if heard.status < 400:
        return Failed("it left no clip", None) if _clip(heard) is None else Succeeded(None)
    kind = heard.headers.get(KIND) or heard.body.get("error_type") or state.get("error_type")
    if heard.status in NOT_ALLOWED:
        return Silent()
    if kind == CANCELED:
        return Failed("canceled", None, canceled=True)
    if kind or heard.status == UNPROCESSABLE or RETRYABLE in heard.headers:
        return Failed(said(client, heard.body) or said(client, state) or UNSAID, None)
    return Missing() if heard.status in (NOT_FOUND, GONE) else Silent()


def _clip(heard: Answer) -> str | None:
    where = as_object(heard.body.get("video")).get("url")
    return where if isinstance(where, str) and where else None


def _unit_price(told: Answer, endpoint: str) -> Decimal | None:
    for each in as_objects(told.body.get("prices")):
        if each.get("endpoint_id") == endpoint and each.get("currency") == "USD":
            return count(each.get("unit_price"))
    return None
