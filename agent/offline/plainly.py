"""The same words as the rules know them: shots by number, slips of the fingers mended, commands in German."""

import re
from collections.abc import Sequence

from agent.words import NUMBER_WORDS, NUMBERS, number

SAID_CHARACTERS_MAX = 200
ORDINALS: Sequence[str] = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()  # noqa: SIM905 -- reads as a row  # fmt: skip
BY_PLACE = re.compile(
    rf"\b(?:the\s+|my\s+)?(?:(?P<word>{'|'.join(ORDINALS)}|(?<=the )opening|(?<=my )opening)|(?P<n>\d{{1,2}})(?:st|nd|rd|th)|(?P<last>last|final|(?<=the )(?:closing|ending)|(?<=my )(?:closing|ending)))\s+(?:shot|scene)\b",
    re.IGNORECASE,
)
GERMAN_N = r"(?:shot|szene|einstellung)\s*(?P<n>\d{1,3})"
GERMAN: tuple[tuple[str, str], ...] = (
    (r"(?:was|wie ?viel|wieviel)\s+(?:kostet|würde|wird|kosten)\b.*", "what would it cost"),
    (r"wie ?viel habe ich (?:ausgegeben|verbraucht)\b.*|(?:mein )?budget", "how much have I spent"),
    (r"(?:mach|mache)\s+(?:es|ihn|den film)\s+(?:etwas |ein bisschen |viel )?kürzer", "make it shorter"),
    (r"(?:mach|mache)\s+(?:es|ihn|den film)\s+(?:etwas |ein bisschen |viel )?länger", "make it longer"),
    (r"(?:mach|mache)\s+(?:es|ihn|den film)\s+(?P<rest>[\w: ]{2,40})", "make it {rest}"),
    (
        r"(?:mach|mache)\s+(?:daraus\s+)?eine?n?\s+(?P<rest>drama|komödie|montage|dialog|trailer)\s*(?:daraus)?",
        "make it a {rest}",
    ),
    (r"rückgängig(?: machen)?|mach das rückgängig", "undo"),
    (r"(?:rendere|rendern|dreh|drehe)(?:\s+(?:es|ihn|den film))?", "render it"),
    (r"abbrechen|brich ab|stopp", "cancel"),
    (r"vorschau(?: zeigen)?|zeig mir die vorschau", "preview"),
    (r"zeig(?:e)? (?:mir )?(?:den plan|die shots|die einstellungen)", "show me the plan"),
    (r"zeig(?:e)? (?:mir )?die prompts", "show me the prompts"),
    (r"wo ist (?:mein|der) film|wie weit (?:ist|bist).*|status", "what is the status"),
    (r"hilfe|was kannst du(?: alles)?", "help"),
    (rf"(?:lösche?|entferne?|streiche?)\s+(?:die |den )?{GERMAN_N}", "remove shot {n}"),
    (rf"(?:die |den )?{GERMAN_N}\s+(?:löschen|entfernen|streichen|weg)", "remove shot {n}"),
    (rf"(?:ändere?|mach|mache)\s+{GERMAN_N}\s+(?:zu|in)\s+(?P<rest>.+)", "change shot {n} to {rest}"),
    (
        r"(?:welche|was für)\s+(?P<rest>vorlagen|stile|stimmungen|metaphern|anbieter)\b.*",
        "what {rest} are there",
    ),
)
IN_ENGLISH = {
    "komödie": "comedy",
    "dialog": "dialogue",
    "vorlagen": "templates",
    "stile": "styles",
    "stimmungen": "moods",
    "metaphern": "metaphors",
    "anbieter": "vendors",
    "hochkant": "vertical",
    "quadratisch": "square format",
}
GERMAN_PLACES = {"erste": 1, "zweite": 2, "dritte": 3, "vierte": 4, "fünfte": 5, "sechste": 6}
GERMAN_PLACE = re.compile(rf"\b({'|'.join(GERMAN_PLACES)})[nrs]?\s+(shot|szene|einstellung)\b", re.IGNORECASE)
COMMANDS = frozenset(
    "make change remove delete replace insert split merge swap move lock unlock undo render preview cancel status budget estimate shorter longer cheaper vertical square noir comedy drama dialogue montage trailer template templates metaphor metaphors style styles moods vendors film video movie shot shots scene seconds repository project about stills another ending tension credit utilization percent prompts token download cost help funnier cheapest please what does".split()  # noqa: SIM905 -- a list of words reads better
)
KNOWN = COMMANDS | frozenset(
    "show short long clips cast more with what cost most lost hold shop like love look take mike male mood hats shoot shout slit spit swamp stile skills fill mind find clock block flock stock fell that then than them they this want wheat goes dose door done dogs doze".split()  # noqa: SIM905 -- as above
)
THINGS = frozenset(
    "film video movie trailer template metaphor style shot shots scene drama comedy dialogue montage".split()  # noqa: SIM905 -- as above
)
SLIPS_LETTERS_MIN = 4


def plainly(text: str, shots: int = 0) -> str:
    """A short message with its shots by number, in English where it is a command in German."""
    if len(text) > SAID_CHARACTERS_MAX:
        return text
    said = _in_english(text)
    if shots:
        said = ONES.sub(r"\g<before>\g<which>shot", BARE.sub(r"\g<verb> shot \g<n>", said))
    return _shots_by_number(_several(said, shots), shots)


def _shots_by_number(text: str, shots: int) -> str:
    """ "The second shot" is shot 2; the last one only where it is known how many there are."""

    def numbered(found: re.Match[str]) -> str:
        if found["last"]:
            return f"shot {shots}" if shots else found[0]
        return f"shot {_place(found['word'].lower()) if found['word'] else found['n']}"

    return BY_PLACE.sub(numbered, text)


def _place(word: str) -> int:
    return 1 if word == "opening" else ORDINALS.index(word) + 1


SEVERAL = re.compile(
    rf"\b(?:the\s+)?(?P<end>first|last)\s+(?P<n>{NUMBERS})\s+(?:shots|scenes)\b|\b(?:the\s+)?(?P<one>{'|'.join(ORDINALS)})\s+(?P<and>and|with)\s+(?:the\s+)?(?P<other>last|{'|'.join(ORDINALS)})\s+(?:shots?|scenes?)\b",
    re.IGNORECASE,
)


BARE = re.compile(
    r"^(?P<verb>\s*(?:(?:please|now|and|then|ok(?:ay)?)[,.]?\s+)*(?:remove|delete|drop|change|lock|unlock|split|duplicate|shorten|render|re-?render|upgrade))\s+(?P<n>\d{1,2})(?=\s+to\s|\s+into\s|\s*(?:please)?[.!]*\s*$)",
    re.IGNORECASE,
)
ONES = re.compile(
    rf"(?P<before>\b(?:change|remove|delete|drop|make|shorten|lengthen|duplicate|split|move|lock|unlock)\s+|\b(?:upgrade|(?:re-?)?render)\s+(?:(?:just|only)\s+)?(?=the\s+(?:{'|'.join(ORDINALS)}|last|final|opening)\s)|^\s*)(?P<which>the\s+\w+\s+)one(?=\s|[.!]*$)",
    re.IGNORECASE,
)


def _several(text: str, shots: int) -> str:
    """ "The first two shots", "the first and the last shot"."""

    def numbered(found: re.Match[str]) -> str:
        if found["one"]:
            last = found["other"].lower() == "last"
            other = shots if last else ORDINALS.index(found["other"].lower()) + 1
            one = f"shot {ORDINALS.index(found['one'].lower()) + 1}"
            return f"{one} {found['and']} shot {other}" if other else found[0]
        many = number(found["n"])
        first = 1 if found["end"].lower() == "first" else shots - many + 1
        if not 2 <= many <= shots:
            return found[0]
        return "shots " + " and ".join(map(str, range(first, first + many)))

    return SEVERAL.sub(numbered, text)


def _in_english(text: str) -> str:
    placed = GERMAN_PLACE.sub(lambda found: f"{found[2]} {GERMAN_PLACES[found[1].lower()]}", text)
    said = re.sub(r"\s*\b(?:bitte|doch|mal)\b\s*", " ", placed, flags=re.IGNORECASE).strip(" ?.!")
    for pattern, english in GERMAN:
        if found := re.fullmatch(pattern, said, re.IGNORECASE):
            words = {name: IN_ENGLISH.get(word.lower(), word) for name, word in found.groupdict().items()}
            return english.format(**words)
    return text


def mended(text: str) -> str:
    """The words with slips of the fingers in commands mended: one letter too many, too few, wrong, or two swapped."""
    if len(text) > SAID_CHARACTERS_MAX:
        return text
    words = rf"(?P<article>\b(?:an?|the)\s+)?\b(?P<word>[A-Za-z]{{{SLIPS_LETTERS_MIN},}})\b"
    return re.sub(words, lambda found: f"{found['article'] or ''}{_meant(found)}", text)


def _meant(found: re.Match[str]) -> str:
    """The one command that is near enough; after an article only a thing, for "a clock" is no lock."""
    word = found["word"].lower()
    if word in KNOWN or word in NUMBER_WORDS:
        return found["word"]
    near = [each for each in (THINGS if found["article"] else COMMANDS) if _is_slip(word, each)]
    return near[0] if len(near) == 1 else found["word"]


def _is_slip(typed: str, meant: str) -> bool:
    if abs(len(typed) - len(meant)) > 1 or len(meant) < SLIPS_LETTERS_MIN:
        return False
    same = next(
        (n for n, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant))
    )
    here, there = typed[same:], meant[same:]
    swapped = here[:2] == there[1::-1] and here[2:] == there[2:]
    return swapped or here[1:] == there[1:] or here[1:] == there or here == there[1:]
