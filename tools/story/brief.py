"""A plain brief taken apart: its ideas, who they are about, where and when they happen.

Rules, not understanding: they read the shape of a sentence. Where a rule finds nothing it says
nothing, and the whole idea stands in every shot in the person's own words.
"""

import re
from dataclasses import dataclass

from tools.story.library import Library
from tools.story.words import LETTER, capital, clean, count, is_latin, is_spaced, one_sentence

SUBJECT_WORDS_MAX = 7
IDEAS_MAX = 300  # five times what a film can show
ABBREVIATION = re.compile(r"\b(Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|No|e\.g|i\.e|etc)\.(?=\s)")
IDEA_END = re.compile(r"(?<=[.!?…;])[\"'”’)»]*\s+|(?<=[。！？；।؟])|\n+")  # noqa: RUF001 -- these are the marks of other scripts
THEN = re.compile(r",?\s+(?:and\s+)?then\s+|;\s*|,\s+and\s+(?=(?:he|she|they|it)\s)", re.IGNORECASE)
PRONOUN = re.compile(
    r"^(?:(?:he|she|they|it|we|он|она|оно|они|هو|هي)\s+(?=\w)|彼女?ら?(?=[はが]))", re.IGNORECASE
)
DETERMINER = (
    r"(?:a|an|the|his|her|their|its|my|our|this|that|some|every|one|two|three|four|five|several|many)"
)
ARTICLES = frozenset({"a", "an", "the", "his", "her", "their", "its", "my", "our"})
PREPOSITIONS = frozenset(
    "of in on at by with from under over into onto through across near behind beside between above below around against after before during without and or but who which that while as for to toward towards along inside outside when where".split()  # noqa: SIM905 -- a list of words reads better
)
NOT_VERBS = frozenset("always sometimes perhaps its his this yes glass dress boss princess actress".split())  # noqa: SIM905 -- as above
VERBS = frozenset(
    "is are was were has had finds find walk walks run runs sit sits stand stands open opens see sees look looks go goes come comes came took take takes makes make met meet meets enter enters discover discovers dance dances wait waits sleep sleeps can must will rehearse race fight build chase cross found saw ran went sat stood opened walked looked entered".split()  # noqa: SIM905 -- as above
)
ENGLISH = frozenset("the a an of and in on at to with his her is are from by into that while".split())  # noqa: SIM905 -- as above
FOREIGN = frozenset(
    "un une le la les des el los las der die das ein eine einen den il uno una um uma de het een och en et ist y del dans con mit und auf przez na w".split()  # noqa: SIM905 -- as above
)
CYRILLIC_VERB = re.compile(
    r"^[\u0400-\u04ff]+(?:ет|ёт|ит|ют|ут|ат|ят|ется|ится|ает|яет|ал|ила|ала|ил|али|или|ел|ела)$"
)
ARABIC_VERB = re.compile(r"^[يت][\u0600-\u06ff]{2,}$")
JAPANESE_SUBJECT = re.compile(r"^([^。、はが]{1,20}?)(?:は|が)")

CAMERA_ORDER = re.compile(
    r"(?:^|(?<=[,.;:\n。、])|(?<=[^\x00-\x7f]))"
    r"(?:\s*(?:static camera|(?:slow )?push-in|smooth glide|slow pan|close-up|wide shot|medium shot|insert shot)"
    r"(?:\s*[,.;:。、]\s*|\s*$|\s+(?=[^\x00-\x7f])))+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Idea:
    """One thing that happens. `subject` is empty where the rules could not tell who it is about."""

    text: str
    subject: str = ""
    object: str = ""
    english: bool = True


@dataclass(frozen=True)
class Story:
    ideas: tuple[Idea, ...]
    characters: tuple[str, ...]
    landscapes: tuple[str, ...]
    time_of_day: str


def read_story(text: str, books: Library, hero: str = "") -> Story:
    """Take a brief apart. The one it is about keeps the same words from the first idea to the last.

    `hero` is who was told of before it.
    """
    text = _without_orders(text)
    english = is_english(text)
    sentences = _sentences(text, english=english)[:IDEAS_MAX]
    ideas: list[Idea] = []
    before, hero = hero, ""
    for sentence in sentences:
        subject = subject_of(sentence, english=english)
        hero = hero or subject or before
        told = _with_hero(sentence, hero)
        ideas.append(
            Idea(
                text=told,
                subject=hero or subject,
                object=_thing(object_of(sentence, subject), books) if english else "",
                english=english,
            )
        )
    return Story(
        ideas=tuple(ideas),
        characters=(_bare(hero),) if hero else (),
        landscapes=_places(text, books),
        time_of_day=_time(text, books),
    )


def _without_orders(text: str) -> str:
    """What is ordered of the camera, in a clause of its own, is nobody's name and nothing that happens."""
    rest = CAMERA_ORDER.sub(" ", text).strip()
    return rest if LETTER.search(rest) else text


def is_english(text: str) -> bool:
    """Latin letters, and more English little words than foreign ones."""
    if not is_latin(text):
        return False
    words = re.findall(r"\w+", text.lower())
    ours, theirs = sum(w in ENGLISH for w in words), sum(w in FOREIGN for w in words)
    return ours > theirs or (ours == theirs and text.isascii())


def subject_of(sentence: str, *, english: bool) -> str:
    """The words before the verb, when they are few and the verb shows itself by its shape."""
    if PRONOUN.match(sentence):
        return ""
    if not is_spaced(sentence):
        found = JAPANESE_SUBJECT.match(sentence)
        return found[1] if found else ""
    words = sentence.split()
    for n, word in enumerate(words[: SUBJECT_WORDS_MAX + 1]):
        if n == 1 and words[0].lower() in ARTICLES:
            continue  # "a chase over the roofs": what follows an article is its noun
        if n and _is_verb(word.strip(",").lower(), words[:n], english=english):
            return " ".join(words[:n]).strip(",")
        if n and word.lower() in PREPOSITIONS - {"of"}:
            acts = any(
                _is_verb(later.strip(",").lower(), words[:n], english=english) for later in words[n + 1 :]
            )
            return " ".join(words[:n]).strip(",") if english and acts and _is_noun_phrase(words[:n]) else ""
    return ""


def object_of(sentence: str, subject: str) -> str:
    """The first thing with an article after the subject: "a letter", "his umbrella"."""
    rest = sentence[len(subject) :] if subject and sentence.startswith(subject) else sentence
    found = re.search(rf"\b{DETERMINER}\s+((?:[\w'\u2019-]+\s*){{1,4}})", rest, re.IGNORECASE)
    if not found:
        return ""
    nouns: list[str] = []
    for word in found[1].split():
        if word.lower() in PREPOSITIONS or (
            nouns and (word.endswith(("ing", "ed")) or word.lower() in VERBS)
        ):
            break
        nouns.append(word)
    return f"{found[0].split()[0].lower()} {' '.join(nouns)}" if nouns else ""


def _thing(found: str, books: Library) -> str:
    """Something that hands can hold; a place is none."""
    return "" if _places(found, books) else found


def _sentences(text: str, *, english: bool) -> list[str]:
    joined = ABBREVIATION.sub(r"\1", text.replace("\r", "\n"))
    lines = [one_sentence(clean(part)) for part in IDEA_END.split(joined)]
    sentences = [line for line in lines if LETTER.search(line)]
    if not english:
        return sentences
    return [
        capital(part.strip(" ,"))
        for line in sentences
        for part in THEN.split(line)
        if count(part) > 1 or part == line
    ]


def _with_hero(sentence: str, hero: str) -> str:
    """The hero's own words in the place of a leading pronoun, or before a sentence that only says what is done."""
    if not hero:
        return sentence
    if PRONOUN.match(sentence):
        return PRONOUN.sub(lambda _: hero + (" " if is_spaced(sentence) else ""), sentence)
    first = sentence.split(maxsplit=1)[0].lower()
    if first in VERBS - {"can", "will", "must"} and count(sentence) > 1:
        return f"{hero} {sentence[:1].lower()}{sentence[1:]}"
    return sentence


def _is_verb(word: str, before: list[str], *, english: bool) -> bool:
    if not english:
        return bool(CYRILLIC_VERB.match(word) or ARABIC_VERB.match(word))
    if word in VERBS:
        return True
    plural = before[0].lower() in {"two", "three", "four", "five", "several", "many", "some"}
    doing = len(word) > 5 and word.endswith("ing") and len(before) > 1
    singular_verb = (
        word.endswith("s") and not word.endswith(("ss", "us", "'s", "\u2019s")) and word not in NOT_VERBS
    )
    return ((singular_verb and not plural) or doing) and _is_noun_phrase(before)


def _is_noun_phrase(words: list[str]) -> bool:
    """An article with a word after it, or a name."""
    if re.fullmatch(DETERMINER, words[0], re.IGNORECASE):
        return len(words) > 1
    return len(words) < 4 and all(word[:1].isupper() and word.lower() not in PREPOSITIONS for word in words)


def _bare(hero: str) -> str:
    """ "A lighthouse keeper" is indexed as "lighthouse keeper"."""
    return re.sub(rf"^{DETERMINER}\s+", "", hero, flags=re.IGNORECASE)[:120]


def _places(text: str, books: Library) -> tuple[str, ...]:
    return tuple(word for word in books.places if _says(text, word))[:6]


def _time(text: str, books: Library) -> str:
    return next((time for time, words in books.times.items() if any(_says(text, word) for word in words)), "")


def _says(text: str, word: str) -> bool:
    if not is_spaced(word):
        return word in text
    return word in text.lower() and bool(re.search(rf"(?<!\w){re.escape(word)}s?(?!\w)", text, re.IGNORECASE))
