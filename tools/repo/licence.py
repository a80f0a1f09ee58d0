"""Under which licence a repository is, by its SPDX name: what the manifest says, or the licence's own words."""

import re

CHARACTERS_MAX = 6_000
NAMES = ("license", "licence", "copying", "unlicense")  # of files, whatever their ending

# The title of the family that is quoted in each other's texts, and its number.
_GNU = re.compile(r"gnu (affero |lesser |library )?general public license.{0,40}?version (\d(?:\.\d)?)")
_GNU_CHARACTERS = 600
_GNU_NAMES = {None: "GPL", "affero ": "AGPL", "lesser ": "LGPL", "library ": "LGPL"}

# Words that no other licence has, the narrower before the wider.
_TELLING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("MPL-2.0", ("mozilla public license", "2.0")),
    ("EPL-2.0", ("eclipse public license", "2.0")),
    ("EUPL-1.2", ("european union public licence", "1.2")),
    ("BUSL-1.1", ("business source license 1.1",)),
    ("Elastic-2.0", ("elastic license 2.0",)),
    ("SSPL-1.0", ("server side public license",)),
    ("Apache-2.0", ("apache license", "version 2.0")),
    ("BSL-1.0", ("boost software license",)),
    ("CC0-1.0", ("cc0 1.0 universal",)),
    ("Unlicense", ("free and unencumbered software released into the public domain",)),
    ("PSF-2.0", ("python software foundation license",)),
    ("Zlib", ("altered source versions must be plainly marked",)),
    ("BSD-4-Clause", ("redistribution and use in source and binary forms", "all advertising materials")),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms", "neither the name")),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms",)),
    ("ISC", ("copy, modify, and/or distribute this software", "provided that the above copyright notice")),
    ("ISC", ("copy, modify, and distribute this software", "provided that the above copyright notice")),
    ("0BSD", ("copy, modify, and/or distribute this software",)),
    ("MIT", ("permission is hereby granted, free of charge", "permission notice shall be included")),
    ("MIT-0", ("permission is hereby granted, free of charge", 'provided "as is"')),
)

# What manifests write for the common ones; the rest is told by the text.
_SAID: tuple[tuple[str, str], ...] = (
    (r"(?:the )?mit(?: license)?(?: \(mit\))?", "MIT"),
    (r"apache(?: software)?(?: license)?,?[ -]?(?:version )?v?2(?:\.0)?", "Apache-2.0"),
    (r"(?:new |modified |3-clause )bsd(?: license)?|bsd[ -]3[ -]clause", "BSD-3-Clause"),
    (r"mozilla public license 2\.0(?: \(mpl 2\.0\))?|mpl[ -]?2\.0", "MPL-2.0"),
    (r"isc(?: license)?(?: \(iscl\))?", "ISC"),
    (r"the unlicense(?: \(unlicense\))?", "Unlicense"),
)
_SPDX = (
    r"(?:(?:A|L)?GPL-[123]\.\d(?:-only|-or-later|\+)?|Artistic-2\.0|WTFPL|PSF-2\.0|Python-2\.0|CC-BY-4\.0|PostgreSQL"
    rf"|{'|'.join(re.escape(name) for name, _ in _TELLING)})"
)
_EXPRESSION = re.compile(rf"\(?{_SPDX}\)?(?: (?:AND|OR|WITH) \(?(?:{_SPDX}|[\w.-]+-exception)\)?){{0,6}}")


def spdx(said: str, text: str) -> str | None:
    """By what the manifest says where that is a name, else by the text; None where neither tells."""
    said = " ".join(said.replace("/", " OR ").split())  # Rust wrote it so for years
    if _EXPRESSION.fullmatch(said):
        return said
    for pattern, name in _SAID:
        if re.fullmatch(pattern, said.casefold()):
            return name
    return _told_by(text)


def _told_by(text: str) -> str | None:
    words = " ".join(text[:CHARACTERS_MAX].casefold().replace("\N{LEFT DOUBLE QUOTATION MARK}", '"').split())
    if found := _GNU.search(words[:_GNU_CHARACTERS]):
        number = found[2] if "." in found[2] else f"{found[2]}.0"
        return f"{_GNU_NAMES[found[1]]}-{number}"
    return next((name for name, telling in _TELLING if all(each in words for each in telling)), None)
