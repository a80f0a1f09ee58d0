"""What a person means, as far as rules can tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from agent.offline.asked import listed, opened, shown
from agent.offline.briefs import NEW, QUESTION, begins, is_brief, plan_args, scanned, tells
from agent.offline.changes import changes
from agent.offline.looked import is_look_of_one, looks
from agent.offline.otherwise import facts, otherwise, trimmed
from agent.offline.plainly import mended, plainly
from agent.offline.told import BEFORE, NO, ONE_LOOK, ONE_SHOT, SOME, TOKENS, WISH, told
from agent.offline.upgraded import asked_again, chosen, is_about_some, names_some, the_rest
from agent.offline.wanted import READ_CHARACTERS, TAKE, VENDORS, form, picked, quality, wanted
from agent.pictured import names_in, parted, picture_edits
from agent.words import pattern
from tools.story import is_metaphor, is_sheet, scenes_of

IntentKind = Literal[
    "plan",
    "replan",
    "edit",
    "cost",
    "pick",
    "under",
    "render",
    "agreed",
    "status",
    "cancel",
    "budget",
    "preview",
    "clips",
    "listed",
    "opened",
    "scanned",
    "shown",
    "told",
    "pictured",
    "noted",
    "filed",
    "help",
    "unclear",
]

WISH_WORDS_MAX = 12  # longer, it is a story in which there are pictures
SLIP_WORDS_MAX = 12


@dataclass(frozen=True)
class Intent:
    """`args` are for the intent's first tool; `edits` for an edit, or for the plan that is made first.

    `note` is what the reply should not leave unsaid.
    """

    kind: IntentKind
    args: dict[str, Any] = field(default_factory=dict[str, Any])
    edits: tuple[dict[str, Any], ...] = ()
    note: str = ""


HELP = pattern(
    r"^\s*(?:/?help(?:\s+me)?(?:\s+please)?|what can you do|who are you|what are you|how does (?:this|it) work)\b[\s?.!]*(?:$|for|with)"
    r"|^\s*(?:hi|hello|hey|good (?:morning|evening|day)|hallo|moin)(?:\s+(?:there|you|again|greenlight|director|everybody|all))*[\s!.,]*$"
)
UNDER = pattern(
    r"\b(?:under|below|at most|no more than|less than|within|cheaper than|for|max(?:imum)?)\s*\$\s*(\d+(?:\.\d{1,6})?)"
    r"|\b(?:under|below|at most|no more than|less than|within|for|max(?:imum)?)\s*(\d+(?:\.\d{1,6})?)\s*(?:dollars?|usd|bucks|\$)"
    r"|\b(?:under|below|at most|no more than|less than|within|for|max(?:imum)?)\s*(?P<cents>\d{1,4})\s*(?:cents?|¢)"
)
BUDGET = pattern(
    r"\bhow much (?:have|did|has|do|can|may) (?:i|we)\b.*\b(?:spen[dt]|left|paid)\b|\b(?:my|the) budget\b|^\s*budget\b|\b(?:what|how much)(?:'s| is)(?: still)? left\b"
    r"|^\s*(?:show (?:me )?)?(?:my |the |our )?(?:spending|history|expenses|costs so far|costs? by)\b"
)
SPENT_ON = pattern(
    rf"\b(?:by|per|for each|each|for every)\s+(?:vendor|provider|model|film|project|shot|day|week|conversation)\b|\b(?:on|with|at|to|for)\s+(?:{VENDORS})\b"
)
BY_MONTH = "The books are kept by month, not by vendor or film: the receipt of each film says who was paid, and what for."
COST = pattern(
    r"\bhow much\b|\bwhat (?:would|does|will|do|did) .*\bcosts?\b|\bcosts?\b.*\?|\bprices?\b|\bestimate\b|\bcompare\b|\bhow expensive\b"
)
STATUS = pattern(
    r"\bwhat(?:'s| is) (?:happening|going on|the status)\b|\bstatus\b|\bhow (?:far|is it going|are (?:the|my) (?:jobs|shots))\b"
    r"|\bis (?:it|the film|my film) (?:done|ready|finished|rendered)\b|\bprogress\b|\bwhere(?:'s| is| are) (?:my|the) (?:film|video|movie|clips?|files?)\b"
)
CANCEL = pattern(
    r"^\s*(?:please\s+)?(?:cancel|abort|stop)\b(?:\s+(?:it|that|this|everything|all|the (?:render(?:ing)?|jobs?|film|shots?)|rendering|render|now|please|(?P<job>job_\w+)))*\s*[.!]*\s*$"
)
RENDER = pattern(
    r"^\s*(?:please\s+|now\s+|and\s+|then\s+|can you\s+|ok(?:ay)?[,.!]?\s+|yes[,.!]?\s+)*(?:render|shoot|generate)\b(?!\s+(?:an?|me|some)\b)"
    r"|\brender (?:it|this|that|the film|them)\b"
)
YES = pattern(
    r"^\s*(?:(?:yes|yep|yeah|sure|ok(?:ay)?|go|go ahead|do it|approved?|let'?s go|looks? good|perfect|fine|alright|agreed|please|it|that|this|all|the (?:offer|film|plan)|yourself|i approve|now|for me|and|render|start|great|good)[\s,.!]*)+$"
)
AND_RENDER = pattern(
    r"(?:[,;.\n]|\b(?:and|then)\b)[ \t]*(?:(?:and|then|please)[ \t]+){0,3}(?:render|shoot)\s+(?:it|this|that|the film|them)\b(?P<how>[^.\n]{0,60})[\s.!]*$"
)
PREVIEW = pattern(
    r"\b(?:preview|animatic)\b|\b(?:watch|play) (?:it|the film|the plan)\b|^\s*(?:please\s+)?(?:show (?:me )?|can i (?:see|watch) |let me see )(?:it|(?:the|my) (?:film|video|movie))\b"
)
CLIPS = pattern(
    r"(?:\b(?:find|show|list|which) (?:me )?(?:my |the |all )*|^\s*(?:my |all )?)clips?\b(?:\s+(?:of|with|about|at|in|from)\s+(.+))?"
)
MAYBE = pattern(
    r"^\s*(?:and\s+|so\s+)?(?:(?:can|could|should|may)\s+(?:it|the\s+\w+|shot \d{1,3}|there)\s+(?:all\s+)?be|what if|how about|what about)\s[^.\n]{2,80}$"
)
REFUSED = pattern(
    r"^\s*(?:(?:please|no)[,.]?\s+)*(?:do not|don'?t|never)\s+(?:re-?)?(?:render|shoot|generate|upgrade)\s*(?:$|[.!]|(?:it|this|that|them|yet|now|anything|everything|shots?|scenes?|the (?:film|shots?|scenes?|rest|others?))\b)"
)
WHOLE = pattern(r"\b(?:film|movie|video|all|everything|whole|plan)\b")
BUT = pattern(r"\b(?:all|everything|every \w+)\s+(?:but|except)\b")
SKIPS = pattern(r"\b(?:skip|leave out)\b.*\brender\b|\brender\b.*\b(?:skip|leave out)\b")
THESE = pattern(r"\b(?:both|those|these|them)(?:\s+(?:shots|scenes|clips|ones|two|three))?\b")
POINTED = pattern(r"\b(?:it|them|both|those|these|that|this)\b")
HYPOTHESIS = pattern(r"^\s*(?:how|why|when|who|what if|what happens|does|do(?! it\b)|did|should|is|are)\b")


def understand(text: str, *, has_plan: bool, lengths: Sequence[int] = ()) -> Intent:
    """The intent of one message; `lengths` are the seconds of the plan's shots, where they are known.

    A message that starts a film wins over words that occur in its story. What a person wants stands at the
    beginning; the rest of a long brief is its story. What is not understood is read again without slips,
    but a story is told in the person's own words: "chat" is no slip of "what" there.
    """
    said = _understood(text, has_plan=has_plan, lengths=lengths)
    if said.kind not in ("unclear", "plan") or len(text.split()) > SLIP_WORDS_MAX:
        return said
    meant = mended(text)
    again = said if meant == text else _understood(meant, has_plan=has_plan, lengths=lengths)
    story = said.kind == again.kind == "plan" and (begins(text) or not begins(meant))
    return said if story or again.kind == "unclear" else again


def _understood(text: str, *, has_plan: bool, lengths: Sequence[int]) -> Intent:
    edits = picture_edits(text) if has_plan else ()
    if edits:
        return Intent("edit", edits=edits)
    if names_in(text):
        rest, edits = parted(text)
        said = _understood(rest, has_plan=has_plan, lengths=lengths)
        return _with_pictures(said, edits, has_plan=has_plan)
    whole, text = text, plainly(_apart(text[:READ_CHARACTERS]), len(lengths))
    if HELP.search(text):
        return Intent("help")
    said = _noted(whole, has_plan=has_plan) or _looking(text, has_plan=has_plan)
    said = said or (_alone(text, len(lengths)) if has_plan else None)
    said = said or _changing(text, has_plan=has_plan, lengths=lengths) or _answered(text, has_plan=has_plan)
    if said is None and has_plan and tells(text):
        return Intent("plan", plan_args(whole), note=BEFORE)
    said = said or _asked(text, has_plan=has_plan, shots=len(lengths))
    if said is not None:
        return said
    if is_brief(text, has_plan=has_plan):
        return Intent("plan", plan_args(whole))
    return _look(text) if has_plan else Intent("unclear")


def _apart(text: str) -> str:
    """The words with one blank, or one end of a line, between them: rules read them in every way there is."""
    return re.sub(r"\s+", lambda found: "\n" if "\n" in found[0] else " ", text)


def _with_pictures(said: Intent, edits: tuple[dict[str, Any], ...], *, has_plan: bool) -> Intent:
    """What was said beside pictures, and the film that is meant uses them."""
    if said.kind in ("plan", "edit"):
        return replace(said, edits=(*said.edits, *edits))
    return Intent("edit", edits=edits) if has_plan else Intent("pictured")


def _noted(text: str, *, has_plan: bool) -> Intent | None:
    """Who somebody is, and how something shall be shown."""
    if is_sheet(text) and has_plan:
        return Intent("edit", edits=({"action": "describe", "text": text},))
    return Intent("noted") if is_metaphor(text) or is_sheet(text) else None


def _looking(text: str, *, has_plan: bool) -> Intent | None:
    """What somebody asks to see: a shelf of the library, the plan, or one that lies in a file."""
    if path := opened(text):
        return Intent("opened", {"path": path})
    if repo := scanned(text):
        return Intent("scanned", {"path": repo})
    if has_plan and (which := picked(AND_RENDER.sub("", text))):
        return Intent("pick", {"which": which})
    if (what := listed(text)) and not (has_plan and COST.search(text)):
        return Intent("listed", {"what": what})
    part = shown(text)
    return None if part is None else Intent("shown", part)


def _changing(text: str, *, has_plan: bool, lengths: Sequence[int]) -> Intent | None:
    """The film that is planned, changed or planned otherwise; facts may also be told to a plan that lacked them."""
    if has_plan and not HYPOTHESIS.search(text) and (said := _edited(text, lengths)):
        return said
    if not has_plan and trimmed(text):
        return Intent("told", note=TOKENS)
    if known := facts(text):
        return Intent("replan", {"facts": known})
    kind = otherwise(text) if has_plan else None
    return None if kind is None else Intent("replan", kind)


def _edited(text: str, lengths: Sequence[int]) -> Intent | None:
    """Edits, and with "and render it" at the end an offer for what they make."""
    if scenes_of(text).scenes:  # a new story: "Scene 1: ... Scene 2: ..."
        return None
    if offer := AND_RENDER.search(text):
        before = text[: offer.start()].strip(" ,;")
        edits = changes(before, lengths)[0] or looks(before)
        return Intent("render", wanted(offer["how"]), edits) if edits else None
    edits, missed = changes(text, lengths)
    return Intent("edit", edits=edits, note=missed) if edits else None


def _alone(text: str, shots: int) -> Intent | None:
    """Some shots of the film, rendered on their own, or none."""
    if REFUSED.search(text):
        return Intent("told", note=NO)
    if SKIPS.search(text):
        return Intent("told", note=SOME)
    if (wish := asked_again(text)) is not None:
        return Intent("render", wish)
    if (rest := the_rest(text)) is not None:
        return Intent("render", rest)
    match chosen(text, shots):
        case ("again", _):
            return Intent("told", note=ONE_SHOT)
        case ("cost", args):
            return Intent("cost", args)
        case ("render", args):
            return Intent("render", args)
        case _:
            return None


def _answered(text: str, *, has_plan: bool) -> Intent | None:
    words = told(text, has_plan=has_plan)
    return None if words is None else Intent("told", note=words)


def _asked(text: str, *, has_plan: bool, shots: int) -> Intent | None:
    """Requests that are not about what the film shows."""
    if has_plan and not COST.search(text) and (said := _rendering(text, shots)):
        return said
    if has_plan and (TAKE.match(text) or BUT.search(text)) and names_some(text):
        return Intent("told", note=SOME)
    if has_plan and (form(text) or quality(text) or TAKE.match(text)) and _is_wish(text):
        return Intent("cost", wanted(text))
    if _begins_a_film(text) and not (has_plan and UNDER.search(text)):
        return None
    if BUDGET.search(text):
        return Intent("budget", note=BY_MONTH if SPENT_ON.search(text) else "")
    if has_plan and (found := UNDER.search(text)):
        return _within(text, found)
    return _of_rendering(text, has_plan=has_plan)


def _of_rendering(text: str, *, has_plan: bool) -> Intent | None:
    if COST.search(text):
        return Intent("cost", wanted(text))
    if RENDER.search(text) or YES.search(text):
        return Intent("render", wanted(text))
    if STATUS.search(text):
        return Intent("status")
    if found := CANCEL.search(text):
        return Intent("cancel", {"job_id": found["job"]} if found["job"] else {})
    if found := CLIPS.search(text):
        return Intent("clips", {"words": (found[1] or "").strip(" ?.!")})
    return Intent("preview") if has_plan and PREVIEW.search(text) else None


def _rendering(text: str, shots: int) -> Intent | None:
    """A yes, or a wish to render what was spoken of last; and one for some shots that is not understood.

    That one is never answered with an offer of all.
    """
    renders = RENDER.search(text) is not None
    if renders and is_about_some(THESE.sub("it", text), shots):
        return Intent("told", note=SOME)
    if (
        WHOLE.search(text)
        or UNDER.search(text)
        or not (YES.search(text) or (renders and POINTED.search(text)))
    ):
        return None
    return Intent("agreed", wanted(text), note=SOME if THESE.search(text) else "")


def _within(text: str, limit: re.Match[str]) -> Intent:
    """A limit, and what else was wished beside it."""
    cents = int(limit["cents"] or 0)
    args = form(text) | {"limit_usd": limit[1] or limit[2] or f"{cents // 100}.{cents % 100:02}"}
    rest = re.sub(r"^\s*(?:make it|and|,)\s*$", "", UNDER.sub(" ", text))
    return Intent("under", args, looks(rest) if rest.strip() else ())


def _is_wish(text: str) -> bool:
    """A word about the film that is planned, and no other request."""
    others = (NEW, UNDER, RENDER, BUDGET)
    return len(text.split()) <= WISH_WORDS_MAX and not any(each.search(text) for each in others)


def _begins_a_film(text: str) -> bool:
    return begins(text) and not RENDER.search(text) and not QUESTION.search(text)


def _look(text: str) -> Intent:
    if is_look_of_one(text):
        return Intent("told", note=ONE_LOOK)
    edits = () if HYPOTHESIS.search(text) or re.match(r"\s*what\b", text, re.IGNORECASE) else looks(text)
    if edits:
        return Intent("edit", edits=edits)
    return Intent("told", note=WISH) if MAYBE.match(text) else Intent("unclear")
