"""Reading a shot's words: where it is, what stands there, who is in it, how the camera moves."""

import re
from dataclasses import dataclass
from zlib import crc32

from tools.cards.card import Card
from tools.cards.palette import Inks, inks_for

THINGS_MAX = 3

PLACES: dict[str, tuple[str, ...]] = {
    "stage": ("stage", "theatre", "theater", "curtain", "audience", "spotlight", "circus"),
    "sea": ("sea", "ocean", "ship", "boat", "harbour", "harbor", "lighthouse", "shore", "wave", "island", "storm"),
    "space": ("space", "planet", "galaxy", "universe", "orbit", "cosmos", "void", "stars"),
    "forest": ("forest", "wood", "garden", "park", "jungle", "grove"),
    "city": ("city", "street", "town", "skyline", "alley", "roof", "building", "bridge", "traffic", "corner"),
    "room": (
        "room", "kitchen", "office", "desk", "house", "hall", "corridor", "library", "archive", "factory",
        "workshop", "door", "window", "clerk", "bureau", "server", "café", "cafe", "vault", "station", "table",
    ),
    "hills": ("mountain", "hill", "desert", "road", "field", "valley", "village", "path", "horizon", "crossroad"),
}  # fmt: skip

THINGS: dict[str, tuple[str, ...]] = {
    "lighthouse": ("lighthouse", "beacon"),
    "clock": ("clock", "time", "hour", "wait", "watch", "timeout", "deadline", "pendulum", "late"),
    "door": ("door", "gate", "entrance", "knock", "exit"),
    "signpost": ("sign", "redirect", "arrow", "crossroad", "route", "direction", "maze"),
    "jar": ("jar", "cookie", "cache", "bottle"),
    "boxes": ("box", "parcel", "package", "crate", "luggage", "suitcase", "stack", "pile", "depend"),
    "letters": ("letter", "mail", "envelope", "post", "message", "request", "telegram", "response"),
    "rack": ("server", "rack", "database", "machine", "computer", "engine", "cabinet", "terminal"),
    "safe": ("safe", "vault", "lock", "key", "secret", "password", "token", "certificate"),
    "stairs": ("stair", "ladder", "climb", "steps"),
    "books": ("book", "library", "page", "document", "archive", "novel", "record"),
    "tree": ("tree", "oak", "orchard", "branch", "forest", "wood"),
    "ship": ("ship", "boat", "sail"),
    "table": ("table", "desk", "kitchen", "counter", "bench", "café", "cafe"),
    "lamp": ("lamp", "lantern", "street", "light", "noir", "alley"),
}

PERSON = (
    "person", "man", "woman", "he", "she", "postman", "detective", "girl", "boy", "clerk", "hero", "keeper",
    "conductor", "figure", "traveller", "traveler", "someone", "messenger", "developer", "engineer", "inspector",
    "porter", "captain", "hacker", "stranger", "lady", "butler", "waiter", "cook", "chef", "actor", "magician",
)  # fmt: skip
CROWD = ("crowd", "people", "queue", "audience", "passengers", "clerks", "team", "couriers", "men", "women")
HATTED = (
    "postman",
    "detective",
    "noir",
    "silent",
    "hat",
    "inspector",
    "conductor",
    "captain",
    "vintage",
    "1920",
    "clerk",
)
SKIRTED = ("woman", "she", "girl", "lady", "her", "mother", "queen")
BAGGED = ("postman", "messenger", "courier", "mail", "parcel", "traveller", "traveler")
NIGHT = (
    "night",
    "moon",
    "dark",
    "midnight",
    "noir",
    "star",
    "evening",
    "dusk",
    "storm",
    "horror",
    "neon",
    "cyber",
    "lonel",
)
RAIN = ("rain", "storm", "drizzle", "noir", "thunder")
SNOW = ("snow", "winter", "blizzard", "frost")


@dataclass(frozen=True, slots=True)
class Scene:
    """A shot, ready to be drawn. `near` is 1 for a wide shot and more the closer it is."""

    place: str
    things: tuple[str, ...]
    people: int
    hat: bool
    skirt: bool
    bag: bool
    night: bool
    weather: str
    near: float
    mirrored: bool
    inks: Inks
    seed: int


def read(card: Card) -> Scene:
    told = words_of(card.prompt)
    manner = words_of(card.mood, *card.styles)
    every = told | manner
    seed = crc32(f"{card.number} {card.prompt} {card.caption}".encode())
    things = _things(told) or _things(words_of(card.caption or ""))
    return Scene(
        place=_place(told, things, seed),
        things=things,
        people=_people(told),
        hat=_any(every, HATTED),
        skirt=bool(told & set(SKIRTED)),
        bag=_any(told, BAGGED),
        night=_any(every, NIGHT),
        weather="rain" if _any(every, RAIN) else "snow" if _any(every, SNOW) else "",
        near=_nearness(words_of(card.camera) | told),
        mirrored=bool(seed & 1),
        inks=inks_for(manner) if manner else inks_for(told),
        seed=seed,
    )


def words_of(*texts: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", " ".join(texts).lower()))


def _any(words: frozenset[str], stems: tuple[str, ...]) -> bool:
    return any(word.startswith(stems) for word in words)


def _first_met(words: frozenset[str], families: dict[str, tuple[str, ...]]) -> list[str]:
    return [name for name, stems in families.items() if _any(words, stems)]


def _things(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(_first_met(words, THINGS)[:THINGS_MAX])


def _place(words: frozenset[str], things: tuple[str, ...], seed: int) -> str:
    met = _first_met(words, PLACES)
    if met:
        return met[0]
    if things:
        return "room"
    return ("room", "hills", "city")[seed // 2 % 3]


def _people(words: frozenset[str]) -> int:
    if words & set(CROWD):
        return 5
    return 1 if words & set(PERSON) else 0


def _nearness(words: frozenset[str]) -> float:
    if _any(words, ("close", "macro", "detail", "insert")):
        return 1.55
    return 1.22 if _any(words, ("medium", "waist")) else 1.0
