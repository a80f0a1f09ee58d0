"""Which machines a stranger's address may lead to: those of the open internet, and none of ours."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from tools.errors import Invalid
from tools.trouble import NO_NAME

IPAddress = IPv4Address | IPv6Address

# Older addresses inside newer ones: a translator on the way may lead them where they say.
_TRANSLATED = IPv6Network("64:ff9b::/96")
_NEVER = tuple(map(ip_network, ("64:ff9b:1::/48", "::/96", "192.0.0.0/24")))


def is_public(address: IPAddress) -> bool:
    if any(address in network for network in _NEVER) or address.is_multicast:
        return False
    inner = _inner(address)
    return is_public(inner) if inner is not None else address.is_global


def _inner(address: IPAddress) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def look_up(host: str, port: int) -> list[IPAddress]:
    from socket import SOCK_STREAM, getaddrinfo

    return [ip_address(entry[4][0]) for entry in getaddrinfo(host, port, type=SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Reach:
    """Who may be asked, and how."""

    schemes: frozenset[str] = frozenset({"https"})
    may_reach: Callable[[IPAddress], bool] = is_public
    look_up: Callable[[str, int], list[IPAddress]] = look_up


REACH = Reach()


def where(host: str, port: int, reach: Reach) -> IPAddress:
    """Where a name leads, asked once: whoever connects there is led nowhere else by a second answer."""
    from socket import gaierror

    try:
        found = reach.look_up(host, port)
    except (gaierror, UnicodeError):
        raise Invalid("path", f"there is no host {host}; check the address ({NO_NAME.page})") from None
    if not found or not all(map(reach.may_reach, found)):
        raise Invalid("path", f"{host} leads into a private network; give an address of the open internet")
    return min(found, key=lambda each: each.version)  # the older kind is reached from everywhere
