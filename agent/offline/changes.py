"""The changes to a plan that a message asks for, as edits: one, or several at once."""

import re
from collections.abc import Sequence
from typing import Any

from agent.offline.altered import altered
from agent.offline.lettered import lacks_words, lettered
from agent.offline.looked import look_to, looks
from agent.offline.ordered import ordered
from agent.offline.otherwise import otherwise, trimmed
from agent.offline.phrases import END, FILM, MARK, NUMBER, POLITE, Edits, end_of, numbers
from agent.offline.refined import refined
from agent.offline.wanted import fitted
from agent.words import NUMBERS, number, pattern
from tools.story import OFFERED

LOOK_WORDS_MAX = 8
STEP_SECONDS = 2


N = rf"(?:shots?|scenes?|number|#|no\.?)?\s*{NUMBER}"
SHOT = rf"(?:the\s+)?(?:shot|scene){MARK}{NUMBER}"

CHANGE = pattern(
    rf"\b(?:change|make|rewrite|replace|set|turn)\s+{SHOT}\s*(?:(?:too?|into|with|so that|be|show)\b|:)\s*:?\s*(?:be\s+)?(.+)"
)
TOLD = pattern(
    rf"{POLITE}(?:(?:make|turn|let|have)\s+{SHOT}\s+(?:be\s+|show\s+)?(?=(?:an?|the|about)\s)(?!a (?:bit|little|lot)\b)"
    rf"|(?:in|for|on)\s+{SHOT}\s*[,:]?\s+(?:show\s+|let\s+|use\s+|have\s+)?(?!more\b|less\b|use\b|it\b)"
    rf"|{SHOT}\s*(?::|(?:should|must|shall)\s+(?:be|show|have)\b|shows?\b)\s*)(.+)"
)
FRAMED = pattern(
    rf"{POLITE}(?:use\s+|do\s+|have\s+|make\s+)?(?:an?\s+)?(?P<how>(?:slow(?:ly)?\s+)?(?:push[- ]?in|pan|dolly[- ]in|zoom[- ]in)|(?:smooth\s+)?glide|static camera|close[- ]?up"
    rf"|wide shot|medium shot|tracking shot)\s+(?:in|on|for|to)\s+{SHOT}{END}"
)
SHORTER = pattern(
    rf"\b(?:make|set|change)\s+{SHOT}\s+(?:to\s+|be\s+)?(\d{{1,3}})\s*(?:s|sec|seconds?)\b\s*(?:long)?{END}"
)
PACED = pattern(
    rf"{POLITE}(?:make\s+|let\s+)?{SHOT}\s+(?:be\s+)?(?:a (?:bit|little)\s+|much\s+|even\s+)?(?P<way>shorter|longer){END}"
    rf"|{POLITE}{SHOT}\s+is\s+(?:a (?:bit|little)\s+|way\s+|much\s+)?too (?P<too>long|short){END}|{POLITE}(?P<verb>shorten|lengthen|extend)\s+{SHOT}{END}"
)
REMOVE = pattern(
    rf"\b(?:remove|delete|drop|cut|lose|kill|skip|get rid of|throw (?:out|away)|take (?:out|away))\s+{SHOT}(?!\s+(?:from|to|into|in)\b)"
    rf"|{POLITE}{SHOT}\s+(?:please\s+)?(?:remove|delete|drop|away|out|should go){END}"
)
SWAP = pattern(rf"\b(?:swap|switch|exchange)\s+{N}\s+(?:and|with)\s+{N}")
MOVE = pattern(
    rf"\bmove\s+{SHOT}\s+(?:to|before|after)\s+(?:position\s+|place\s+|the\s+)*(?:{N}|(?P<end>end|beginning|start|front|back))"
)
SPLIT = pattern(rf"\b(?:split\s+{SHOT}|cut\s+{SHOT}\s+in\s+(?:half|two))")
MERGE = pattern(rf"\b(?:merge|join|combine)\s+{N}\s+(?:and|with|into)\s+{N}")
LOCK = pattern(
    r"^\s*(?:please\s+)?(?P<verb>lock|unlock|keep)\s+(?:the\s+)?(?:shots?|scenes?)\s+(?P<shots>[^.:!?]{1,60}?)"
    r"(?P<as>\s+(?:exactly\s+)?as (?:it|they) (?:is|are))?\s*[.!]?\s*$"
)
UNDO = pattern(
    rf"{POLITE}(?:no,?\s+)?(?:undo|revert|take back|go back|step back|back)(?:\s+(?:that|it|this|one step|a step|(?:to )?(?:the|that|my|this) (?:very )?(?:last|previous|earlier|old|plan before|change|edit)(?:\s+(?:change|edit|plan|version|one|thing|step))?))?{END}"
    rf"|{POLITE}(?:take (?:that|it) back|bring (?:it|that|the old one|the plan before) back){END}"
)
TO_VERSION = pattern(
    rf"{POLITE}(?:(?:go|take (?:it|me|us)|get|change it|put it)\s+(?:all the way\s+)?back\s+to|back to|restore|revert(?: it)? to|return to|use|load|bring back)\s+(?:(?:the|my)\s+)?"
    rf"(?:(?P<first>(?:very\s+)?(?:first|original|initial)(?:\s+(?:version|plan|one|film|draft))?|beginning|start)|version\s+(?:number\s+)?{NUMBER}){END}"
    rf"|{POLITE}(?P<all>undo (?:everything|all(?: (?:of it|my changes|the changes|changes))?)){END}"
)
SCALE = pattern(
    rf"\bmake {FILM} (?:a (?:bit|little) |much |even |slightly )?(?P<way>shorter|longer){END}"
    rf"|{POLITE}(?:let\s+)?(?:{FILM}\s+)?(?:(?:should|must|can|could) be\s+|can it be\s+|be\s+)?(?:a (?:bit|little)\s+|much\s+|even\s+|slightly\s+)?(?P<bare>shorter|longer)(?:\s+make)?{END}"
    rf"|{POLITE}(?:it'?s\s+|(?:{FILM})\s+is\s+)?(?:a (?:bit|little)\s+|way\s+|much\s+|far\s+)?too (?P<too>long|short){END}"
    rf"|{POLITE}(?P<verb>shorten|lengthen|extend)\s+{FILM}{END}"
)
WAY = {"long": "shorter", "short": "longer", "shorten": "shorter", "lengthen": "longer", "extend": "longer"}
INSERT = pattern(
    rf"\b(?:add|insert|put in)\s+(?:an?\s+|another\s+|one\s+)?(?:(?:more|new|closing|last|final)\s+)*(?:shot|scene)"
    rf"(?:\s+(?P<where>after|before|at|as)\s+(?:(?:the\s+)?(?P<end>end|beginning|start)|{N}))?\s*(?::|,|of|with|where|showing|in which)\s*(?P<text>.+)"
)
RESIZE = pattern(
    rf"\bmake (?:it|the film|the video)\s+(?:about\s+|only\s+|exactly\s+)?(\d{{1,3}})\s*(?:s|sec|seconds?)\b(?:\s+long)?{END}"
)
SEPARATOR = pattern(
    r"(\s*(?:\n+|[;.]\s+|,\s+(?:and\s+|then\s+|but\s+)*|\s(?:and then|and also|and|then)\s+))"
)
ORDERS = pattern(
    rf"{POLITE}(?:make (?:it|the film|shot)|remove|delete|drop|swap|move|split|merge|lock|unlock|add|insert|change|set|undo|keep shot|shorten|use a)\b"
)
BARE_NUMBER = pattern(rf"\s*(?:shots?\s+)?{NUMBER}\s*(?:[.!]*\s*$|as\b)")
FILLER = pattern(r"\W*(?:no|yes|ok(?:ay)?|please|thanks?(?: you)?|but|hm+|well|great|nice|good)\W*")
SHOTS = pattern(
    rf"\b(?:shots?|scenes?)\s+(?:{NUMBERS})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)(?:shot\s+)?(?:{NUMBERS}))+\b"
)
CLAUSES_MAX = 12


def changes(text: str, lengths: Sequence[int] = ()) -> tuple[Edits, str]:
    """The edits of a message, and what of it is none. Several wishes are all granted, if each is understood."""
    parts = _clauses(text)
    found = [_edit(part, lengths) or _seen_otherwise(part) for part in parts]
    if len(parts) > 1 and all(found):
        return tuple(edit for each in found for edit in each), ""
    alone = _edit(text, lengths)
    if len(parts) < 2 or not alone or _each(text, lengths) == alone or any(_is_free(each) for each in alone):
        return alone, ""
    left = (part for part, each in zip(parts, found, strict=True) if not each and not FILLER.fullmatch(part))
    return alone, "; ".join(left)


def _clauses(text: str) -> list[str]:
    """What a message asks for, one thing after another; what follows a story belongs to it."""
    pieces = SEPARATOR.split(text.strip())
    parts = [pieces[0]]
    for mark, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        tells = "\n" not in mark and _tells(parts[-1])
        if (tells and not ORDERS.match(piece)) or BARE_NUMBER.match(piece):
            parts[-1] += mark + piece
        elif piece.strip(" .!"):
            parts.append(piece)
    return parts if len(parts) <= CLAUSES_MAX else [text]


def _tells(part: str) -> bool:
    """Whether words of a story, or words to be read, stand at its end."""
    told = CHANGE.search(part) or TOLD.search(part) or INSERT.search(part)
    return bool(told) or any("text" in each for each in lettered(part, 1))


def _is_free(edit: dict[str, Any]) -> bool:
    return edit["action"] in ("change", "insert", "refine", "title", "caption", "card", "add", "replace")


def _edit(text: str, lengths: Sequence[int]) -> Edits:
    """One change. A pattern with a number in it comes before one that would take the number for a story."""
    if UNDO.search(text):
        return ({"action": "undo"},)
    if found := TO_VERSION.match(text):
        return ({"action": "undo", "version": number(found[2]) if found[2] else 1},)
    if lacks_words(text):
        return ()
    return _one(text, lengths) or _each(text, lengths)


def _each(text: str, lengths: Sequence[int]) -> Edits:
    """One change to several shots: "shots 1 and 2 at night"."""
    found = SHOTS.search(text)
    if found is None:
        return ()
    made = [_one(f"{text[: found.start()]}shot {n}{text[found.end() :]}", lengths) for n in numbers(found[0])]
    return tuple(each for edits in made for each in edits) if all(made) else ()


def _one(text: str, lengths: Sequence[int]) -> Edits:
    return (
        lettered(text, len(lengths))
        or altered(text)
        or ordered(text, lengths)
        or look_to(text)
        or _cuts(text, lengths)
        or _of_one(text)
        or _placed(text, len(lengths))
        or refined(text)
        or trimmed(text)
    )


def _of_one(text: str) -> Edits:
    """One shot is longer, another, or gone."""
    if found := SHORTER.search(text):
        return ({"action": "retime", "shot": number(found[1]), "seconds": int(found[2])},)
    if found := FRAMED.match(text):
        return ({"action": "change", "shot": number(found[2]), "text": found["how"]},)
    if found := REMOVE.search(text):
        return ({"action": "remove", "shot": number(found[1] or found[2])},)
    if found := CHANGE.search(text):
        return ({"action": "change", "shot": number(found[1]), "text": found[2].strip()},)
    if found := TOLD.search(text):
        shot = next(each for each in found.groups()[:3] if each)
        return ({"action": "change", "shot": number(shot), "text": found[4].strip()},)
    return ()


def _placed(text: str, shots: int) -> Edits:
    """Shots that change their places, and a new one; and another length for all."""
    if found := SWAP.search(text):
        return ({"action": "swap", "shot": number(found[1]), "other": number(found[2])},)
    if found := MOVE.search(text):
        to = number(found[2]) if found[2] else end_of(found["end"], shots)
        return ({"action": "move", "shot": number(found[1]), "other": to},)
    if found := INSERT.search(text):
        return ({"action": "insert", "shot": _new(found, shots), "text": found["text"].strip()},)
    if found := RESIZE.search(text):
        return ({"action": "resize", "seconds": int(found[1])},)
    if maker := fitted(text):
        return ({"action": "resize"} | maker,)
    return ()


def _new(found: re.Match[str], shots: int) -> int:
    """The number of a new shot: after another it is one more, and without a place it is the last."""
    if found["end"]:
        return shots + 1 if found["end"].lower() == "end" else 1
    if found["where"] is None:
        return shots + 1
    return number(found[3]) + (found["where"].lower() == "after")


def _cuts(text: str, lengths: Sequence[int]) -> Edits:
    """Shots made two or one, locked or free, and a shot or a film that shall only be shorter."""
    if found := LOCK.search(text):
        return _locks(found)
    if found := SPLIT.search(text):
        return ({"action": "split", "shot": number(found[1] or found[2])},)
    if found := MERGE.search(text):
        return ({"action": "merge", "shot": number(found[1]), "other": number(found[2])},)
    if found := SCALE.search(text):
        said = (found["way"] or found["bare"] or found["too"] or found["verb"]).lower()
        return ({"action": WAY.get(said, said)},)
    found = PACED.search(text)
    if found is None:
        return ()
    way = (found["way"] or found["too"] or found["verb"]).lower()
    return _paced(number(found[1] or found[3] or found[6]), WAY.get(way, way), lengths)


def _paced(shot: int, way: str, lengths: Sequence[int]) -> Edits:
    """A shot that is only longer or shorter is so by two seconds, as far as shots can be."""
    if not 1 <= shot <= len(lengths):
        return ({"action": "retime", "shot": shot, "seconds": OFFERED[0]},)
    seconds = lengths[shot - 1] + (STEP_SECONDS if way == "longer" else -STEP_SECONDS)
    return ({"action": "retime", "shot": shot, "seconds": min(max(seconds, OFFERED[0]), OFFERED[-1])},)


def _locks(found: re.Match[str]) -> Edits:
    """ "Lock shots 1 and 3"; "keep shot 3 as it is" needs its last words, or it is about something else."""
    verb = found["verb"].lower()
    if verb == "keep" and not found["as"]:
        return ()
    action = "unlock" if verb == "unlock" else "lock"
    return tuple({"action": action, "shot": n} for n in numbers(found["shots"]))


def _seen_otherwise(part: str) -> Edits:
    """A look, a tone or a length that is named among other wishes."""
    if len(part.split()) > LOOK_WORDS_MAX:
        return ()
    kind = otherwise(part) or {}
    return ({"action": "restyle", "tone": kind["tone"]},) if set(kind) == {"tone"} else looks(part)
