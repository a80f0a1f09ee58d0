"""A metaphor of one's own in a sentence: "show retries as a dog that keeps bringing the stick back".

It passes the same checks as one from a file, is approved by whoever said it, and comes before the
metaphors of the house.
"""

import re
from collections.abc import Iterable
from functools import cache

from pydantic import ValidationError

from tools.errors import Invalid, explain
from tools.story.library import Metaphor, library
from tools.story.words import capital, clean, count, finish, first_words, one_sentence, split_name

OWN_MAX = 20
SENTENCE_CHARACTERS_MAX = 400
SHOW_AS = re.compile(
    r"^\s*(?:please\s+|and\s+|now\s+)*(?:show|film|stage|picture|draw|imagine|play)\s+"
    r"(?:the\s+|every\s+|each\s+|all\s+)?(?!an?\s)(?P<what>[\w][\w .'-]{0,60}?)\s+as\s+(?P<how>(?:an?|the|some|two|three|his|her|one)\s+.{3,300})$",
    re.IGNORECASE | re.DOTALL,
)
ACTS = re.compile(r"^(?P<who>.{2,80}?)\s+(?:that|who|which)\s+(?P<does>.{3,200})$", re.DOTALL)


def is_metaphor(text: str) -> bool:
    """Whether a message says how something shall be shown."""
    return _shown_as(text) is not None


def _shown_as(text: str) -> re.Match[str] | None:
    """ "Film this repository as a trailer" asks for a template, and shows nothing as something else."""
    found = SHOW_AS.match(clean(text)) if len(text) <= SENTENCE_CHARACTERS_MAX else None
    if found is None:
        return None
    form = re.sub(r"^(?:an?|the)\s+", "", found["how"].rstrip(" .!").lower())
    return None if form in _forms() else found


@cache
def _forms() -> frozenset[str]:
    """What a whole film can be made as."""
    books = library()
    entries = (*books.templates, *books.patterns, *books.styles, *books.tones)
    return frozenset(
        word
        for entry in entries
        for word in (entry.name, entry.name.replace("-", " "), *entry.aliases, *entry.weak)
    )


def metaphor_from(sentence: str) -> Metaphor:
    """The metaphor that a sentence describes; `Invalid` says what it should be like."""
    found = _shown_as(sentence)
    if found is None:
        raise Invalid("metaphor", "say it like 'show retries as a dog that keeps bringing the stick back'")
    concept, how = found["what"].strip(), one_sentence(found["how"])
    acts = ACTS.match(how)
    words = (acts["who"], acts["does"]) if acts else (how, "does exactly that, again and again")
    try:
        return _metaphor(concept, *words)
    except ValidationError as error:
        raise Invalid("metaphor", explain(error).why) from None


def _metaphor(concept: str, subject: str, action: str) -> Metaphor:
    """What does not fit into ten words goes on in the setting and the twist."""
    fitted = first_words(action, 10)
    rest = action[len(fitted) :].strip(" ,;")
    name = " ".join(split_name(concept)) or concept.lower()
    return Metaphor.model_validate(
        {
            "id": f"own {re.sub(r'[^a-z0-9]+', ' ', name.lower()).strip() or 'metaphor'}"[:60],
            "concept": concept,
            "terms": [name],
            "subject": first_words(subject, 10),
            "action": fitted,
            "setting": first_words(rest, 10),
            "place": "street",
            "title_card": f"{{name}}: {first_words(subject, 8)}.",
            "caption": finish(capital(first_words(f"{{name}}: {subject} {action}", 14))),
            "fallback": ["class", "function", "method", "error", "theme", "project"],
            "approved": True,
            "own": True,
        }
    )


def metaphors_from(sentences: Iterable[str]) -> tuple[Metaphor, ...]:
    """One for each sentence; what is said again about the same thing takes the place of what was said before."""
    told = [sentence for sentence in sentences if count(sentence)]
    if len(told) > OWN_MAX:
        raise Invalid("metaphors", f"at most {OWN_MAX} of your own at once")
    return tuple({metaphor.id: metaphor for metaphor in map(metaphor_from, told)}.values())
