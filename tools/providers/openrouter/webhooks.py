"""OpenRouter's calls: `X-OpenRouter-Signature: t=<time>,v1=<hex>` over `<time>,<body>`, for five minutes.

Its header with a key for each event is not signed; what is signed names the job and the event.
"""

import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from tools.providers.answers import as_object, submitted
from tools.providers.base import Nudge, Submitted

SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
SECONDS_MAX = 300
EVENT = re.compile(r"[a-z_.]{1,60}")


def read_call(secret: str, now: datetime, headers: Mapping[str, str], body: bytes) -> Nudge | None:
    """The event that a call is about; None if it is not genuine, not of now, or not about a job."""
    signature = SIGNATURE.fullmatch(headers.get("x-openrouter-signature", ""))
    if signature is None or abs(now.timestamp() - int(signature[1])) > SECONDS_MAX:
        return None
    if not hmac.compare_digest(sign(secret, signature[1], body), signature[2]):
        return None
    said = _object(body)
    job = submitted(as_object(said.get("data")).get("id"))
    event = said.get("type")
    if not isinstance(job, Submitted) or not isinstance(event, str) or not EVENT.fullmatch(event):
        return None
    key = sha256(f"{event} {job.provider_job_id}".encode()).hexdigest()
    return Nudge(key, job.provider_job_id)


def sign(secret: str, at: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at},".encode() + body, sha256).hexdigest()


def _object(body: bytes) -> dict[str, Any]:
    try:
        return as_object(json.loads(body))
    except (ValueError, RecursionError):
        return {}
