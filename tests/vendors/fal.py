"""fal's queue, its price list and its public keys, as they are on the wire."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.conftest import Clock
from tests.vendors import KEY, Call, Fake, Heard, Reply, Word, told
from tests.vendors.row import REQUEST, Row
from tools.providers.account import Account
from tools.providers.fal import NAME, Fal
from tools.providers.fal.adapter import Line
from tools.providers.fal.webhooks import Keyring
from tools.providers.wire import Client

MODEL = "bytedance/seedance-2.0/text-to-video"
APP = "bytedance/seedance-2.0"
SIGNS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
UNIT_PRICE = Decimal("0.01")
PRICE = f"""
[[price]]
provider = "fal"
model = "{MODEL}"
kind = "video"
unit = "second"
usd = "0.10"
resolution = "720p"
seconds = [4, 8]
aspect_ratios = ["16:9", "9:16"]
source = "fal's own list"
as_of = 2026-11-21
"""
ON_THE_WIRE: dict[Word, str] = {"queued": "IN_QUEUE", "running": "IN_PROGRESS", "strange": "PONDERING"}


@dataclass
class Queue(Fake):
    """Jobs are named here as they are on record: by endpoint and addresses."""

    requests: dict[str, str] = field(default_factory=dict[str, str])  # their names, by request id
    kind: str | None = None  # of a failure
    fails_with: int = 422
    unit_price: Any = float(UNIT_PRICE)
    on_result: Reply | None = None
    on_price: Reply | None = None

    def answer(self, heard: Heard) -> Reply | None:
        where = urlsplit(heard.path)
        if where.path == "/.well-known/jwks.json":
            return told({"keys": [{"kty": "RSA", "n": "7"}, {"kty": "OKP", "crv": "Ed25519", "x": public()}]})
        if where.path.startswith("/files/"):
            return self.on_fetch or Reply(200, self.clip, ("content-type: video/mp4",))
        if heard.headers.get("authorization") != f"Key {KEY}":
            return told({"detail": "Cannot access application"}, 401)
        if where.path == "/v1/models/pricing":
            return self.on_price or self._price(parse_qs(where.query))
        if heard.method == "POST":
            return self._take(where.path.strip("/"), parse_qs(where.query), heard)
        return self._about(heard.method, where.path)

    def _take(self, endpoint: str, query: dict[str, list[str]], heard: Heard) -> Reply | None:
        if self.on_submit is not None:
            return self.on_submit
        self.addresses += query.get("fal_webhook", [])
        request_id = f"764cabcf-{len(self.jobs) + 1}"
        self.requests[request_id] = recorded(endpoint, request_id)
        self.jobs[self.requests[request_id]] = json.loads(heard.body)
        return None if self.loses_answers else self.acceptance(request_id)

    def acceptance(self, name: Any) -> Reply:
        base = f"{self.address}/{APP}/requests/{name}"
        addresses = {"response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel"}
        return told({"request_id": name, "status": "IN_QUEUE", "queue_position": 0} | addresses)

    def complaint(self, words: str, status: int) -> Reply:
        detail = [{"loc": ["body", "prompt"], "msg": words, "type": "no"}] if status == 422 else words
        return told({"detail": detail}, status, "retry-after: 30")

    def _about(self, method: str, path: str) -> Reply:
        app, _, rest = path.strip("/").partition("/requests/")
        request_id, _, question = rest.partition("/")
        if app != APP or request_id not in self.requests:
            return told({"detail": "Request not found"}, 404)
        match method, question:
            case "GET", "status":
                return self.on_poll or self._tell(request_id)
            case "PUT", "cancel":
                return self._cancel()
            case _:
                return self._result(request_id)

    def _tell(self, request_id: str) -> Reply:
        status = ON_THE_WIRE.get(self.word, "COMPLETED")
        more = {"metrics": {"inference_time": 3.7}} if status == "COMPLETED" else {"queue_position": 0}
        return told(
            {"request_id": request_id, "status": status} | more, 200 if status == "COMPLETED" else 202
        )

    def _cancel(self) -> Reply:
        if self.word in ("done", "failed", "canceled"):
            return told({"status": "ALREADY_COMPLETED"}, 400)
        self.word = "canceled"
        return told({"status": "CANCELLATION_REQUESTED"}, 202)

    def _result(self, request_id: str) -> Reply:
        units = [] if self.bill is None else [f"x-fal-billable-units: {Decimal(self.bill) / UNIT_PRICE:f}"]
        if self.on_result is not None:
            return replace(self.on_result, headers=(*self.on_result.headers, *units))
        match self.word:
            case "done":
                where = f"{self.address}/files/{request_id}.mp4"
                return told({"video": {"url": where, "content_type": "video/mp4"}, "seed": 7}, 200, *units)
            case "failed":
                wrong = [{"loc": ["body", "prompt"], "type": "content_policy_violation"}]
                detail = [wrong[0] | {"msg": self.why}] if self.why else wrong
                return told({"detail": detail}, self.fails_with, "x-fal-retryable: false", *units)
            case "canceled":
                gone = {"detail": "Request was cancelled", "error_type": "client_cancelled"}
                return told(gone, 499, "x-fal-error-type: client_cancelled", *units)
            case _:
                return told({"detail": "Request is still in progress"}, 400)

    def _price(self, query: dict[str, list[str]]) -> Reply:
        [endpoints] = query["endpoint_id"]
        price = {"unit_price": self.unit_price, "unit": "1000 tokens", "currency": "USD"}
        listed = [{"endpoint_id": endpoint} | price for endpoint in endpoints.split(",")]
        return told({"prices": listed, "has_more": False})

    def call(self, name: str, word: Word, at: datetime) -> Call:
        status = "ERROR" if word == "failed" else "OK"
        said = {"request_id": in_calls(name), "gateway_request_id": "g-1", "status": status}
        return self.signed(json.dumps(said).encode(), at, in_calls(name))

    def signed(self, body: bytes, at: datetime, request_id: str = "r-1") -> Call:
        signed = [request_id, "user-1", str(int(at.timestamp())), sha256(body).hexdigest()]
        return Call(
            {
                "x-fal-webhook-request-id": signed[0],
                "x-fal-webhook-user-id": signed[1],
                "x-fal-webhook-timestamp": signed[2],
                "x-fal-webhook-signature": SIGNS.sign("\n".join(signed).encode()).hex(),
            },
            body,
        )


def recorded(endpoint: str, request_id: str) -> str:
    """A job's name on record."""
    return f"{endpoint}|/{APP}/requests/{request_id}|/status||/cancel"


def in_calls(name: str) -> str:
    """What the vendor calls a job: only the id of its request."""
    return name.partition("/requests/")[2].partition("|")[0] or name


def public() -> str:
    return urlsafe_b64encode(SIGNS.public_key().public_bytes_raw()).rstrip(b"=").decode()


def line(client: Client, clock: Clock) -> Line:
    keyring = Keyring((SIGNS.public_key(),))
    capabilities = Fal.capabilities
    return Line(client, client, keyring, endpoints=[MODEL], capabilities=capabilities, clock=clock)


ROWS = [
    Row(
        name=NAME,
        provider=NAME,
        fake=Queue,
        base="",
        key={"authorization": f"Key {KEY}"},
        line=line,
        settings=lambda fake: {"fal": Account(KEY, fake.address)},
        prices=PRICE,
        request=replace(REQUEST, model=MODEL),
        sent={
            "prompt": "a fox, äöü ❄",
            "duration": "4",
            "resolution": "720p",
            "aspect_ratio": "16:9",
            "generate_audio": False,
        },
        stranger=recorded(MODEL, "of-somebody-else"),
        bills=True,
        shares=False,
        stops=True,
        calls=True,
        bills_by_name=False,
        named_in_calls=in_calls,
    )
]
