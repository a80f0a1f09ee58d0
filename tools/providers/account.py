"""Who pays a vendor, and where that vendor is reached."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """`address` is a gateway's in place of the vendor's own; the key goes there and nowhere else."""

    key: str = field(repr=False)
    address: str | None = None
