"""What a person means, as far as rules can tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from agent.asked import listed, opened, shown
from agent.otherwise import facts, otherwise, token_budget, trimmed
from agent.pictured import attached, names_in, picture_edits, without_names
from agent.refined import refined
from agent.words import NUMBER_WORDS, number
from tools.story import is_metaphor, is_sheet, library, scenes_of, wishes_from

IntentKind = Literal[
    "plan",
    "replan",
    "edit",
    "cost",
    "under",
    "render",
    "status",
    "cancel",
    "budget",
    "preview",
    "clips",
    "listed",
    "opened",
    "shown",
    "pictured",
    "noted",
    "filed",
    "help",
    "unclear",
]

BRIEF_WORDS_MIN = 3
READ_CHARACTERS = 600
WISH_WORDS_MAX = 12  # longer, it is a story in which there are pictures


@dataclass(frozen=True)
class Intent:
    """`args` are for the intent's first tool; `edits` for an edit, or for the plan that is made first.

    `note` is what the reply should not leave unsaid.
    """

    kind: IntentKind
    args: dict[str, Any] = field(default_factory=dict[str, Any])
    edits: tuple[dict[str, Any], ...] = ()
    note: str = ""


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


N = r"(?:shots?|scenes?|number|#|no\.?)?\s*(\d{1,3}|" + "|".join(NUMBER_WORDS) + r")"
SHOT = r"(?:shot|scene)\s*(?:number|#|no\.?)?\s*(\d{1,3}|" + "|".join(NUMBER_WORDS) + r")"

HELP = _pattern(
    r"^\s*(?:/?help|hi|hello|hey|what can you do|who are you|what are you|how does (?:this|it) work)\b"
)
UNDER = _pattern(
    r"\b(?:under|below|at most|no more than|less than|within|cheaper than|for|max(?:imum)?)\s*\$\s*(\d+(?:\.\d{1,6})?)"
    r"|\b(?:under|below|at most|no more than|less than|within)\s*(\d+(?:\.\d{1,6})?)\s*(?:dollars?|usd|bucks)"
)
BUDGET = _pattern(
    r"\bhow much (?:have|did|has|do) (?:i|we)\b.*\b(?:spen[dt]|left|paid)\b|\b(?:my|the) budget\b|^\s*budget\b|\bwhat(?:'s| is) left\b"
)
COST = _pattern(
    r"\bhow much\b|\bwhat (?:would|does|will|do) .*\bcosts?\b|\bcosts?\b.*\?|\bprices?\b|\bestimate\b|\bcompare\b"
)
WITH = _pattern(r"\b(?:with|on|using|through|by)\s+([a-z][\w.-]*)(?:[ /:]+([a-z0-9][\w.-]*))?")
STILLS = _pattern(
    r"\b(?:as|in|of|with|only|just)\s+(?:a\s+series\s+of\s+)?(?:stills|still\s+(?:pictures?|images?|frames?|photos?))\b"
    r"|\bas\s+(?:a\s+)?(?:pictures|images|photos|slide\s?show)\b"
    r"|\bmake\s+(?:it|them)\s+(?:into\s+)?(?:a\s+)?(?:stills|slide\s?show)\b"
    r"|\b(?:stills|pictures|images|photos)\s+(?:only\b|(?:instead|rather than)\b)"
)
CLIPS_AFTER_ALL = _pattern(
    r"\b(?:as|in)\s+(?:a\s+)?(?:video|clips|moving pictures)\b|\b(?:video|clips)\s+(?:instead|rather than)\b"
)
STATUS = _pattern(
    r"\bwhat(?:'s| is) (?:happening|going on|the status)\b|\bstatus\b|\bhow (?:far|is it going|are (?:the|my) (?:jobs|shots))\b"
    r"|\bis (?:it|the film|my film) (?:done|ready|finished)\b|\bprogress\b|\bwhere is (?:my|the) film\b"
)
CANCEL = _pattern(r"^\s*(?:please\s+)?(?:cancel|abort|stop)\b")
RENDER = _pattern(
    r"^\s*(?:please\s+|ok(?:ay)?[,.!]?\s+|yes[,.!]?\s+)*(?:render|shoot|generate)\b(?!\s+(?:an?|me|some)\b)"
    r"|^\s*(?:yes|ok(?:ay)?|go ahead|go|do it|approved?|let'?s go|looks good)\b[\s,.!\w]{0,40}$"
    r"|\brender (?:it|this|that|the film|them)\b"
)
PREVIEW = _pattern(r"\b(?:preview|animatic)\b|\bwatch (?:it|the film|the plan)\b")
CLIPS = _pattern(r"\b(?:find|show|list|which) (?:me )?(?:my |the )?clips?\b(?:\s+(?:of|with|about)\s+(.+))?")

CHANGE = _pattern(
    rf"\b(?:change|make|rewrite|replace|set)\s+{SHOT}\s*(?:to|into|with|so that|:|be|show)\s*:?\s*(?:be\s+)?(.+)"
)
SHORTER = _pattern(
    rf"\b(?:make|set|change)\s+{SHOT}\s+(?:to\s+|be\s+)?(\d{{1,3}})\s*(?:s|sec|seconds?)\b\s*(?:long)?\s*[.!]?\s*$"
)
REMOVE = _pattern(rf"\b(?:remove|delete|drop|cut|lose)\s+{SHOT}")
SWAP = _pattern(rf"\bswap\s+{N}\s+(?:and|with)\s+{N}")
MOVE = _pattern(rf"\bmove\s+{SHOT}\s+(?:to|before|after)\s+(?:position\s+|place\s+)?{N}")
SPLIT = _pattern(rf"\bsplit\s+{SHOT}")
MERGE = _pattern(rf"\b(?:merge|join|combine)\s+{N}\s+(?:and|with|into)\s+{N}")
LOCK = _pattern(
    r"^\s*(?:please\s+)?(?P<verb>lock|unlock|keep)\s+(?:the\s+)?(?:shots?|scenes?)\s+(?P<shots>[^.:!?]{1,60}?)"
    r"(?P<as>\s+(?:exactly\s+)?as (?:it|they) (?:is|are))?\s*[.!]?\s*$"
)
UNDO = _pattern(
    r"^\s*(?:please\s+|no,?\s+)?(?:undo|revert|take back)(?:\s+(?:that|it|this|the last (?:change|edit)))?\s*[.!]?\s*$"
    r"|^\s*(?:please\s+)?take (?:that|it) back\s*[.!]?\s*$"
)
SCALE = _pattern(
    r"\bmake (?:it|the film) (?:a (?:bit|little) |much |even )?(?P<way>shorter|longer)\s*[.!]?\s*$"
)
INSERT = _pattern(
    rf"\b(?:add|insert)\s+(?:a\s+|another\s+)?(?:new\s+)?shot(?:\s+(?:after|at|as)\s+{N})?\s*(?::|of|with|where|showing)\s*(.+)"
)
RESIZE = _pattern(r"\bmake it\s+(?:about\s+)?(\d{1,3})\s*(?:s|sec|seconds?)\b(?:\s+long)?\s*[.!]?\s*$")

REPO = _pattern(
    r"\b(?:this|the|my|our)\s+(?:very\s+)?(?:repo(?:sitory)?|project|code ?base|code|package|library)\b"
)
PATH = re.compile(
    r"(?:^|\s|[\"'`(])(https://(?!\S*\.(?:png|jpe?g|webp|gif)\b)[\w.:-]+(?:/[\w.~+-]*[\w~+-]){2,}(?:[#@][\w./+-]*\w)?|upload:[0-9a-f]{20}"
    r"|(?:~|\.{1,2})?/[^\s\"'`,;)]*|\.{1,2}(?=[\s,;.!?]|$)|[\w.-]+/[\w./-]+)(?=[./]?(?:$|[\s\"'`,;)?!]))"
)
BEGIN = _pattern(
    r"^\s*(?:please\s+|now\s+|can you\s+|i (?:want|need|would like)\s+|let'?s\s+)*"
    r"(?:(?:make|create|film|shoot|plan|produce|draft|write|do)\s+(?:me\s+|us\s+)?(?:an?|another|the|some|\d)\b|(?:an?\s+)?(?:new\s+)?[\w\s,-]{0,40}\b(?:film|video|movie|trailer|clip)\b)"
)
NEW = _pattern(
    r"\b(?:make|create|film|shoot|plan|produce|draft|write)\s+(?:me\s+|us\s+)?(?:an?|another|some|\d)\b"
    r"|\babout\b|\b(?:film|movie|trailer)\s+of\b"
)
QUESTION = _pattern(
    r"^\s*(?:what|why|how|who|when|where|can|could|do|does|is|are|will|would|should)\b.*\?\s*$"
)


def understand(text: str, *, has_plan: bool) -> Intent:
    """The intent of one message. A message that starts a film wins over words that occur in its story.

    What a person wants stands at the beginning; the rest of a long brief is its story.
    """
    edits = picture_edits(text) if has_plan else ()
    if edits:
        return Intent("edit", edits=edits)
    names = names_in(text)
    if names:
        return _with_pictures(understand(without_names(text), has_plan=has_plan), names, has_plan=has_plan)
    whole, text = text, text[:READ_CHARACTERS]
    if HELP.search(text):
        return Intent("help")
    said = _noted(whole, has_plan=has_plan) or _looking(whole)
    said = said or _changing(text, has_plan=has_plan) or _asked(text, has_plan=has_plan)
    if said is not None:
        return said
    if _is_brief(text, has_plan=has_plan):
        return Intent("plan", _plan_args(whole))
    return _look(text) if has_plan else Intent("unclear")


def _changing(text: str, *, has_plan: bool) -> Intent | None:
    """The film that is planned, changed or planned otherwise; facts may also be told to a plan that lacked them."""
    if has_plan and (edits := _edits(text)):
        return Intent("edit", edits=edits)
    if known := facts(text):
        return Intent("replan", {"facts": known})
    wanted = otherwise(text) if has_plan else None
    return None if wanted is None else Intent("replan", wanted)


def _with_pictures(said: Intent, names: Sequence[str], *, has_plan: bool) -> Intent:
    """What was said beside pictures, and the film that is meant uses them."""
    if said.kind in ("plan", "edit"):
        return replace(said, edits=(*said.edits, *attached(names)))
    return Intent("edit", edits=attached(names)) if has_plan else Intent("pictured")


def _noted(text: str, *, has_plan: bool) -> Intent | None:
    """Who somebody is, and how something shall be shown."""
    if is_sheet(text) and has_plan:
        return Intent("edit", edits=({"action": "describe", "text": text},))
    return Intent("noted") if is_metaphor(text) or is_sheet(text) else None


def _looking(text: str) -> Intent | None:
    """What somebody asks to see: a shelf of the library, the plan, or one that lies in a file."""
    if path := opened(text):
        return Intent("opened", {"path": path})
    if what := listed(text):
        return Intent("listed", {"what": what})
    part = shown(text)
    return None if part is None else Intent("shown", part)


def _asked(text: str, *, has_plan: bool) -> Intent | None:
    """Requests that are not about what the film shows."""
    form = _form(text)
    if has_plan and form and _is_wish(text):
        return Intent("cost", form | _vendor(text))
    if _begins_a_film(text) and not (has_plan and UNDER.search(text)):
        return None
    if BUDGET.search(text):
        return Intent("budget")
    if has_plan and (limit := UNDER.search(text)):
        return Intent("under", form | {"limit_usd": limit[1] or limit[2]})
    if COST.search(text):
        return Intent("cost", form | _vendor(text))
    if RENDER.search(text):
        return Intent("render", form | _vendor(text))
    if STATUS.search(text):
        return Intent("status")
    if CANCEL.search(text):
        return Intent("cancel")
    if found := CLIPS.search(text):
        return Intent("clips", {"words": (found[1] or "").strip(" ?.!")})
    return Intent("preview") if has_plan and PREVIEW.search(text) else None


def _form(text: str) -> dict[str, Any]:
    """Stills or clips, where a person says which: "as stills", "pictures instead of video", "as clips"."""
    if CLIPS_AFTER_ALL.search(text):
        return {"stills": False}
    return {"stills": True} if STILLS.search(text) else {}


def _is_wish(text: str) -> bool:
    """A word about the film that is planned, and no other request."""
    others = (NEW, UNDER, RENDER, BUDGET)
    return len(text.split()) <= WISH_WORDS_MAX and not any(each.search(text) for each in others)


def wants_stills(brief: str) -> bool:
    """A film that shall be made of pictures from the beginning."""
    return _form(brief[:READ_CHARACTERS]).get("stills", False)


def _begins_a_film(text: str) -> bool:
    return bool(BEGIN.search(text)) and not RENDER.search(text) and not QUESTION.search(text)


def _is_brief(text: str, *, has_plan: bool) -> bool:
    if REPO.search(text) or PATH.search(text) or BEGIN.search(text) or _is_told(text):
        return True
    spaced = len(text.split())
    long_enough = spaced >= BRIEF_WORDS_MIN or (spaced >= 1 and not text.isascii())
    return not has_plan and long_enough and not QUESTION.search(text)


def _is_told(text: str) -> bool:
    """A template that brings its own story needs no more than its name."""
    named = wishes_from(text).template
    return named is not None and library().template(named).is_told


def _plan_args(text: str) -> dict[str, Any]:
    """The brief in the person's words, what they said around it, and the repository they named."""
    level, text = token_budget(text)
    wishes = wishes_from(scenes_of(text).plain)
    said = {
        "shots": wishes.shots,
        "seconds": wishes.seconds,
        "style": wishes.style,
        "mood": wishes.mood,
        "tone": wishes.tone,
        "aspect_ratio": wishes.aspect_ratio,
        "template": wishes.template,
        "token_budget": level,
    }
    repo = _repository(text)
    args = {"brief": text} | {name: value for name, value in said.items() if value is not None}
    return args if repo is None else args | {"repo_path": repo}


def _repository(text: str) -> str | None:
    if found := PATH.search(text):
        return found[1].removesuffix(".") if found[1].strip("./") else found[1]  # the sentence's full stop
    return "." if REPO.search(text) else None


def _vendor(text: str) -> dict[str, Any]:
    found = WITH.search(CLIPS_AFTER_ALL.sub("", STILLS.sub("", text)))
    if found is None or found[1].casefold() in (
        "it",
        "that",
        "this",
        "sound",
        "audio",
        "stills",
        "still",
        "pictures",
        "the",
        "a",
        "all",
        "every",
    ):
        return {}
    return {"provider": found[1].rstrip(".")} | ({"model": found[2].rstrip(".")} if found[2] else {})


def _edits(text: str) -> tuple[dict[str, Any], ...]:
    """The edits that a message asks for: of several lines, all, if each of them is an edit."""
    lines = [_edit(line) for line in text.splitlines() if line.strip()]
    return tuple(edit for line in lines for edit in line) if all(lines) else _edit(text)


def _edit(text: str) -> tuple[dict[str, Any], ...]:
    if UNDO.search(text):
        return ({"action": "undo"},)
    if cuts := _cuts(text):
        return cuts
    if found := SHORTER.search(text):
        return ({"action": "retime", "shot": number(found[1]), "seconds": int(found[2])},)
    if found := CHANGE.search(text):
        return ({"action": "change", "shot": number(found[1]), "text": found[2].strip()},)
    if found := REMOVE.search(text):
        return ({"action": "remove", "shot": number(found[1])},)
    if found := SWAP.search(text):
        return ({"action": "swap", "shot": number(found[1]), "other": number(found[2])},)
    if found := MOVE.search(text):
        return ({"action": "move", "shot": number(found[1]), "other": number(found[2])},)
    if found := INSERT.search(text):
        return ({"action": "insert", "shot": number(found[1] or "1"), "text": found[2].strip()},)
    if found := RESIZE.search(text):
        return ({"action": "resize", "seconds": int(found[1])},)
    return refined(text) or trimmed(text)


def _cuts(text: str) -> tuple[dict[str, Any], ...]:
    """Shots made two or one, locked or free, and a film that shall only be shorter."""
    if found := LOCK.search(text):
        return _locks(found)
    if found := SPLIT.search(text):
        return ({"action": "split", "shot": number(found[1])},)
    if found := MERGE.search(text):
        return ({"action": "merge", "shot": number(found[1]), "other": number(found[2])},)
    if found := SCALE.search(text):
        return ({"action": found["way"].lower()},)
    return ()


def _locks(found: re.Match[str]) -> tuple[dict[str, Any], ...]:
    """ "Lock shots 1 and 3"; "keep shot 3 as it is" needs its last words, or it is about something else."""
    verb = found["verb"].lower()
    if verb == "keep" and not found["as"]:
        return ()
    action = "unlock" if verb == "unlock" else "lock"
    numbers = re.findall(rf"\b(?:\d{{1,3}}|{'|'.join(NUMBER_WORDS)})\b", found["shots"], re.IGNORECASE)
    return tuple({"action": action, "shot": number(each)} for each in numbers)


def _look(text: str) -> Intent:
    """ "Make it noir", "vertical please": a new look for the plan that is there."""
    wishes = wishes_from(text)
    named = {
        "style": wishes.style,
        "mood": wishes.mood,
        "tone": wishes.tone,
        "aspect_ratio": wishes.aspect_ratio,
    }
    said = {name: value for name, value in named.items() if value is not None}
    edits: list[dict[str, Any]] = [{"action": "restyle", **said}] if said else []
    if wishes.seconds is not None:
        edits.append({"action": "resize", "seconds": wishes.seconds})
    return Intent("edit", edits=tuple(edits)) if edits else Intent("unclear")
