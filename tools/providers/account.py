"""Who pays a vendor, and where that vendor is reached."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Account:
    """`address` is a gateway's in place of the vendor's own; the key goes there and nowhere else."""

    key: str = field(repr=False)
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """A server of a protocol that many speak: below `address` are its routes. One's own may want no key."""

    address: str
    key: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return bearer(self.key)

    @property
    def base(self) -> str:
        return first_version(self.address)


def bearer(key: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def first_version(address: str) -> str:
    """A bare host means its `/v1`, as the servers themselves print it."""
    return address if urlsplit(address).path.strip("/") else f"{address.rstrip('/')}/v1"
