"""One thing named in the place of another, with its article, in a sentence that stays as it is."""

import re
from dataclasses import dataclass

from tools.errors import Invalid
from tools.story.words import LETTER, capital

DETERMINER = re.compile(
    r"^(?P<word>an?|the|all|every|each|his|her|their|its|my|our|some|one|two|three|four|five)\s+",
    re.IGNORECASE,
)
NAME_CHARACTERS_MAX = 60


@dataclass(frozen=True)
class Swap:
    """`old` and `new` are bare; `article` is what was said before the new one."""

    old: str
    new: str
    article: str
    whole: str = ""  # all of a name that the old one is the last word of, and goes first

    def made(self, text: str, *, names: bool = True) -> str:
        """The text with the new thing. A word that is part of a path or of a longer name is another.

        Without `names` only small letters count: a word with a capital is a name from the code.
        """
        for old in filter(None, (self.whole, self.old)):
            text = self._made(text, old if names else old.lower(), re.IGNORECASE if names else 0)
        return text

    def _made(self, text: str, old: str, flags: int) -> str:
        article = "[Aa]n?|[Tt]he" if self._is_name() else "[Aa]n?"
        name = rf"(?<![\w/.@-])(?:(?P<article>{article})\s+)?(?P<old>{re.escape(old)})(?P<many>e?s)?(?![\w/@-]|\.\w)"
        return re.sub(name, self._instead, text, flags=flags)

    def _is_name(self) -> bool:
        return self.new[:1].isupper() and not self.article

    def _instead(self, found: re.Match[str]) -> str:
        named = found["old"][:1].isupper() and not found["article"]
        word = f"{self.new}s" if found["many"] and not self.new.endswith("s") else self.new
        if found["article"] or (named and not found["many"] and not _is_after_article(found)):
            word = f"{self._before()}{word}"
        return capital(word) if found[0][:1].isupper() and _begins(found) else word

    def _before(self) -> str:
        """The article in which it stands: its own, or none for a name and for more than one."""
        if self.article.lower() not in ("", "a", "an", "the"):
            return f"{self.article.lower()} "
        if self._is_name() or (not self.article and self.new.endswith("s")):
            return ""
        return "an " if self.new[:1].lower() in "aeiou" else "a "


def _begins(found: re.Match[str]) -> bool:
    return re.search(r"(?:^|[.!?:]\s+)$", found.string[: found.start()]) is not None


def _is_after_article(found: re.Match[str]) -> bool:
    return (
        re.search(
            r"\b(?:the|his|her|their|its|my|our|old|young)\s+$", found.string[: found.start()], re.IGNORECASE
        )
        is not None
    )


def swap_of(old: str, new: str) -> Swap:
    """What is said of two things, taken apart."""
    for text in (old, new):
        if not LETTER.search(text) or len(text) > NAME_CHARACTERS_MAX:
            raise Invalid(
                "text",
                f"name what is replaced, and by what, in at most {NAME_CHARACTERS_MAX} characters each",
            )
    article = DETERMINER.match(new)
    bare, other = DETERMINER.sub("", old.strip(" .!,")), DETERMINER.sub("", new.strip(" .!,"))
    return Swap(bare, other, article["word"] if article else "")
