"""The address of a repository on another machine, as people write it."""

import re
from dataclasses import dataclass

from tools.errors import Invalid
from tools.repo.reach import REACH, Reach

PORTS = {"https": 443, "http": 80}

_ADDRESS = re.compile(
    r"""(?x) (?P<scheme>[a-z]+)://
    (?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?) (?: :(?P<port>\d{1,5}))?
    (?P<path>(?:/[A-Za-z0-9._~+-]+)+) /?
    (?: [#@] (?P<ref>[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}) )?"""
)
_ELSEWHERE = re.compile(r"(?i)^\s*(?:[a-z][a-z0-9+.-]*://|[a-z0-9-]+::|[\w.-]+@[\w.-]+:)")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a repository is served, and which branch, tag or commit of it is meant; "" is the usual one."""

    scheme: str
    host: str
    port: int
    path: str
    ref: str = ""

    @property
    def url(self) -> str:
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2].removesuffix(".git") or self.host

    def __str__(self) -> str:
        return self.url + (f"#{self.ref}" if self.ref else "")


def is_address(said: str) -> bool:
    """Whether this can be no path: somebody means a place on another machine, well said or not."""
    return _ELSEWHERE.match(said) is not None


def read_address(said: str, reach: Reach = REACH) -> Address:
    """`https://host/owner/name`, with or without `.git`, and `#` or `@` before a branch, tag or commit."""
    found = _ADDRESS.fullmatch(said.strip())
    if found is None or found["scheme"] not in reach.schemes or _wanders(found["path"], found["ref"] or ""):
        raise Invalid("path", "a git address looks like https://host/owner/name, or .../name#branch")
    port = int(found["port"] or PORTS[found["scheme"]])
    return Address(found["scheme"], found["host"].lower(), port, found["path"], found["ref"] or "")


def _wanders(path: str, ref: str) -> bool:
    parts = {*path.split("/"), *ref.split("/")[1:]}
    return not parts.isdisjoint({".", ".."}) or ".." in ref or ref.endswith(("/", ".", ".lock"))
