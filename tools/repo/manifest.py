"""What the files at the top of a repository say about it: name, description, keywords."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tools.repo.secrets import blank_strictly
from tools.repo.text import plain

BYTES_MAX = 256_000
KEYWORDS_MAX = 100


@dataclass(frozen=True, slots=True)
class Manifest:
    name: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()


def read_manifest(text_of: Callable[[str], str], folder: str) -> Manifest:
    """The first of the known manifests that names the project; `text_of` gives "" for no such file."""
    texts = ((reader, text_of(path)) for path, reader in _READERS.items())
    found = [reader(text) for reader, text in texts if text]
    keywords = tuple(word for manifest in found for word in manifest.keywords)
    return Manifest(
        name=next((manifest.name for manifest in found if manifest.name), _without_version(folder)),
        description=next((manifest.description for manifest in found if manifest.description), ""),
        keywords=keywords[:KEYWORDS_MAX],
    )


def _without_version(folder: str) -> str:
    """`django-5.2.1` is a folder of django."""
    folder, _ = blank_strictly(plain(folder))
    return re.sub(r"(?<=.)[-_](?:v\d+|v?\d+(?:\.[\w+-]+)+)$", "", folder) or folder


def _pyproject(text: str) -> Manifest:
    document = read_table(text)
    project = _table(document, "project") or _table(_table(document, "tool"), "poetry")
    topics = [
        topic.partition("::")[2] for topic in _words(project, "classifiers") if topic.startswith("Topic")
    ]
    return _manifest(project, [*_words(project, "keywords"), *topics])


def _setup_cfg(text: str) -> Manifest:
    metadata = read_sections(text).get("metadata", {})
    return _manifest(metadata, re.split(r"[,\s]+", metadata.get("keywords", "")))


def _package_info(text: str) -> Manifest:
    """A source distribution's own label: headers up to the first blank line."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            break
        key, _, value = line.partition(": ")
        fields.setdefault(key.lower(), value)
    keywords = re.split(r"[,\s]+", fields.get("keywords", ""))
    return _manifest({"name": fields.get("name"), "description": fields.get("summary")}, keywords)


def _package_json(text: str) -> Manifest:
    import json

    try:
        document: Any = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return Manifest()
    package = _table({"package": document}, "package")
    return _manifest(package, _words(package, "keywords"))


def _cargo(text: str) -> Manifest:
    package = _table(read_table(text), "package")
    return _manifest(package, [*_words(package, "keywords"), *_words(package, "categories")])


def _go_mod(text: str) -> Manifest:
    found = re.search(r"^module\s+\"?([^\s\"]+)", text, re.MULTILINE)
    path = re.sub(r"/v\d+$", "", blank_strictly(found[1])[0]) if found else ""
    return _manifest({"name": path.rpartition("/")[2]}, [])


_DEEP_KEY = re.compile(r"(?:[\w\"'-]+\s*\.\s*){20}")

_READERS: dict[str, Callable[[str], Manifest]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "PKG-INFO": _package_info,
    "Cargo.toml": _cargo,
    "go.mod": _go_mod,
    "package.json": _package_json,  # last: many a project in another language carries one for its page
}


def _manifest(table: Mapping[str, Any], keywords: list[str]) -> Manifest:
    return Manifest(
        name=_string(table, "name"),
        description=_string(table, "description"),
        keywords=tuple(word for word in map(plain, keywords) if word),
    )


def read_table(text: str) -> Mapping[str, Any]:
    """What a file of tables says; nothing where it is none."""
    if _DEEP_KEY.search(text):
        return {}  # the parser keeps every prefix of a dotted key: a long one is a bomb
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def read_sections(text: str) -> Mapping[str, Mapping[str, str]]:
    """What a `setup.cfg` says; nothing where it is broken, or tells only tools how they are to work."""
    if "[metadata]" not in text and "[options" not in text:
        return {}
    import configparser

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {name: dict(parser[name]) for name in parser.sections()}


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value: object = document.get(key)
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _string(table: Mapping[str, Any], key: str) -> str:
    value: object = table.get(key)
    return plain(value) if isinstance(value, str) else ""


def _words(table: Mapping[str, Any], key: str) -> list[str]:
    value: object = table.get(key)
    words = cast("list[object]", value) if isinstance(value, list) else []
    return [word for word in words if isinstance(word, str)]
