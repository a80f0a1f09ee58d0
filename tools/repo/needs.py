"""What a repository needs, where it begins and under which licence it says it is, by its own manifests.

Names only: whoever wants versions reads the file. What does not look like a name is left out, and
secrets are blanked before a name is cut from its line: a half of one can no longer be told.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tools.repo.manifest import read_sections, read_table
from tools.repo.secrets import Cleaner

NAME_CHARACTERS_MAX = 100

Table = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z0-9@_][\w.@/+-]*")
_WORD = re.compile(r"\s*([^\s;,<>=!~\[(@#]+)")  # up to where a requirement says more than a name
_REQUIRED = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Needs:
    """What one manifest says. `scripts` are what can be started: name, and where in the code it begins."""

    licence: str = ""
    scripts: tuple[tuple[str, str], ...] = ()
    dependencies: tuple[str, ...] = ()


def read_needs(text_of: Callable[[str], str], clean: Cleaner) -> dict[str, Needs]:
    """By manifest, those that say anything; `text_of` gives "" for no such file."""
    texts = {name: text_of(name) for name in _READERS}
    return {name: _READERS[name](text, clean) for name, text in texts.items() if text}


def _pyproject(text: str, clean: Cleaner) -> Needs:
    document = read_table(text)
    project, poetry = _table(document, "project"), _table(_table(document, "tool"), "poetry")
    said = project.get("license", poetry.get("license", ""))
    licence = _words([said] if isinstance(said, str) else [_table(project, "license").get("text", "")])
    topics = _words(_list(project, "classifiers"))
    named = [topic.rpartition("::")[2].strip() for topic in topics if topic.startswith("License ::")]
    scripts = {**_table(project, "scripts"), **_table(project, "gui-scripts"), **_table(poetry, "scripts")}
    return Needs(
        next(iter([*filter(None, licence), *named]), ""),
        _pairs(scripts),
        _names(
            [
                *_required("\n".join(_words(_list(project, "dependencies"))), clean),
                *(clean(name) for name in _table(poetry, "dependencies") if name.casefold() != "python"),
            ]
        ),
    )


def _setup_cfg(text: str, clean: Cleaner) -> Needs:
    said = read_sections(text)
    metadata, options, starts = (
        said.get(name, {}) for name in ("metadata", "options", "options.entry_points")
    )
    lines = starts.get("console_scripts", "").splitlines()
    scripts = dict(line.split("=", 1) for line in lines if "=" in line)
    return Needs(
        metadata.get("license", ""),
        _pairs({name.strip(): target.strip() for name, target in scripts.items()}),
        _names(_required(options.get("install_requires", ""), clean)),
    )


def _package_info(text: str, clean: Cleaner) -> Needs:
    """A distribution's own label: headers up to the first blank line."""
    head = text.partition("\n\n")[0]
    needed = re.findall(r"(?im)^requires-dist: ([^;\n]+)(?:;(?!.*extra).*)?$", head)
    said = re.search(r"(?im)^license-expression: (.+)$", head) or re.search(r"(?im)^license: (.+)$", head)
    return Needs(said[1] if said else "", (), _names(_required("\n".join(needed), clean)))


def _requirements(text: str, clean: Cleaner) -> Needs:
    return Needs("", (), _names(_required(text, clean)))


def _package_json(text: str, clean: Cleaner) -> Needs:
    import json

    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return Needs()
    package = _table({"package": document}, "package")
    name, started = package.get("name"), package.get("bin")
    scripts = _table(package, "bin")
    if isinstance(name, str) and isinstance(started, str):
        scripts = {clean(name).rpartition("/")[2]: started}
    licence = package.get("license")
    return Needs(
        licence if isinstance(licence, str) else "",
        _pairs(scripts),
        _names(map(clean, _table(package, "dependencies"))),
    )


def _cargo(text: str, clean: Cleaner) -> Needs:
    document = read_table(text)
    package = _table(document, "package")
    bins = [_table({"bin": each}, "bin") for each in _list(document, "bin")]
    scripts = {str(each.get("name")): each.get("path", "src/main.rs") for each in bins}
    licence = package.get("license")
    return Needs(
        licence if isinstance(licence, str) else "",
        _pairs(scripts),
        _names(map(clean, _table(document, "dependencies"))),
    )


def _go_mod(text: str, clean: Cleaner) -> Needs:
    direct = (line for line in text.splitlines() if "// indirect" not in line)
    found = re.findall(r"(?m)^(?:require)?\s+([\w.-]+\.[\w.-]+/\S+)\s+v\d", "\n".join(direct))
    return Needs("", (), _names(map(clean, found)))


def _pom(text: str, clean: Cleaner) -> Needs:
    """By its letters: a real reader of XML would follow what an entity says."""
    blocks = re.findall(r"<dependency>((?:[^<]|<(?!/?dependency>)){0,2000})</dependency>", text)
    found = (re.search(r"<artifactId>\s*([\w.-]+)\s*<", block) for block in blocks)
    return Needs("", (), _names(clean(each[1]) for each in found if each))


_READERS: dict[str, Callable[[str, Cleaner], Needs]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "PKG-INFO": _package_info,
    "requirements.txt": _requirements,
    "Cargo.toml": _cargo,
    "go.mod": _go_mod,
    "pom.xml": _pom,
    "package.json": _package_json,  # last: many a project in another language carries one for its page
}


def _table(document: Table, key: str) -> Table:
    value: object = document.get(key)
    return cast("Table", value) if isinstance(value, dict) else {}


def _list(document: Table, key: str) -> list[Any]:
    value: object = document.get(key)
    return cast("list[Any]", value) if isinstance(value, list) else []


def _words(values: Iterable[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _required(text: str, clean: Cleaner) -> Iterator[str]:
    """The name at the beginning of each line. As a whole first: a key may go over several lines."""
    found = map(_WORD.match, clean.of_lines(text))
    yield from filter(_REQUIRED.fullmatch, (clean(each[1]) for each in found if each))


def _names(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(name for name in found if len(name) <= NAME_CHARACTERS_MAX and _NAME.fullmatch(name))
    )


def _pairs(scripts: Table) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, target)
        for name, target in scripts.items()
        if isinstance(target, str) and _NAME.fullmatch(name)
    )
