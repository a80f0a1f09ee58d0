"""Words: cleaning what people wrote, splitting names as programmers do, counting as vendors do."""

import re
import unicodedata

JOINERS = "\u200c\u200d"  # Persian and Indic scripts cannot be written without them
CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
SENTENCE_END = re.compile(r"[.!?…]+(?=[\"'”’)»\]]*(?:\s|$))|[。！？؟۔।]+")  # noqa: RUF001 -- these are the marks of other scripts
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
LETTER = re.compile(r"[^\W\d_]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def clean(text: str) -> str:
    """One line without control characters, invisible direction marks or double blanks."""
    visible = "".join(
        " " if ch.isspace() else ch
        for ch in text
        if ch.isspace() or ch in JOINERS or unicodedata.category(ch) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join(visible.split())


def split_name(name: str) -> tuple[str, ...]:
    """`HTTPStatusError` and `http_status_error` are both ("http", "status", "error")."""
    return tuple(stem(word) for word in CAMEL.findall(name))


def stem(word: str) -> str:
    """The singular, roughly; both sides of a comparison go through here."""
    word = word.lower()
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as")):
        word = word[:-1]
    return word[:-2] + "y" if len(word) > 3 and word.endswith("ie") else word


def count(text: str) -> int:
    return len(text.split())


def is_spaced(text: str) -> bool:
    """False for scripts that write no blanks between words, where counting words means nothing."""
    return len(UNSPACED.findall(text)) * 3 < max(1, len(LETTER.findall(text)))


def is_latin(text: str) -> bool:
    letters = len(LETTER.findall(text))
    return len(LATIN.findall(text)) * 2 > letters


def one_sentence(text: str) -> str:
    """The same words with every full stop inside turned into a comma and none at the end."""
    parts = [part.strip(" ,;:") for part in SENTENCE_END.split(text)]
    joined = ", ".join(part for part in parts if LETTER.search(part) or re.search(r"\d", part))
    return joined.strip(" ,;:-")


def first_words(text: str, most: int) -> str:
    """At most so many words; a tail that would dangle is left out too."""
    words = text.split()
    if len(words) <= most:
        return text
    kept = words[:most]
    while len(kept) > 1 and kept[-1].strip(",;:").lower() in DANGLING:
        kept.pop()
    return " ".join(kept).rstrip(",;:—-")


DANGLING = frozenset(
    "a an the of in on at to and or but with his her their its by for from into that which as while".split()  # noqa: SIM905 -- a list of words reads better
)


def clip(text: str, characters: int) -> str:
    """At most so many characters, cut between words and marked with an ellipsis."""
    if len(text) <= characters:
        return text
    head = text[: characters - 1]
    if is_spaced(text) and " " in head:
        head = head[: head.rindex(" ")]
    return head.rstrip(" ,;:.") + "…"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def finish(text: str) -> str:
    """A sentence with its mark at the end, in the script's own way."""
    if not text or SENTENCE_END.search(text[-1:]) or text.endswith("…"):
        return text
    return text + ("." if is_spaced(text) else "。")
