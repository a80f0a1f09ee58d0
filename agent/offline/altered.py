"""What shall be otherwise in a picture that stays: "make it rain", "add a dog to shot 2", "replace the fox with an owl"."""

import re

from agent.offline.phrases import SHOT, Edits, first, said
from agent.offline.wanted import VENDORS
from agent.words import number

SAID_CHARACTERS_MAX = 160
UNQUOTED = str.maketrans("", "", '"\u201c\u201d\u201e\u00ab\u00bb')
FILM = r"(?:it|this|that|everything|(?:the|my|this)\s+(?:whole\s+)?(?:film|movie|video|story|thing)|all (?:of it|(?:the )?shots)|every shot|them all|the shots)"
IN_SHOT = rf"(?:\s+(?:in|to|into|of|from|on|for)\s+(?:{SHOT}|{FILM}|everywhere))?"
TIME = r"(?:night(?:\s?time)?|midnight|dawn|sunrise|daybreak|(?:early\s+|late\s+)?(?:morning|afternoon|evening)|noon|midday|dusk|twilight|sunset|day\s?time|daylight|day)"
WEATHER = r"(?:heavy\s+|light\s+|thick\s+|bright\s+|pouring\s+)?(?:rain(?:y|ing)?|snow(?:y|ing)?|fog(?:gy)?|mist(?:y)?|thunder ?storm|storm(?:y)?|windy|wind|sunny|sunshine|cloudy|overcast|winter|summer|autumn)"
SAID = rf"(?:(?:during|at|in|by|under|on|to)\s+)?(?:the\s+|an?\s+)?(?:{TIME}|{WEATHER})\b"
CONDITION = rf"(?P<when>{SAID}(?:\s*,?\s*(?:and\s+)?{SAID})?)"
PLAYS = r"(?:\s+(?:should|shall|must|could)\s+be|\s+(?:be|is|happens?|takes? place|plays?|look like|looks like|all))*"
LETS = r"(?:make|render|let|set|have|film|shoot|show|turn|change|put)"


WHEN = tuple(
    said(each)
    for each in (
        rf"(?:{LETS}\s+)?{SHOT}{PLAYS}\s+(?:into\s+|to\s+)?{CONDITION}",
        rf"{LETS}\s+{FILM}{PLAYS}(?:\s+(?:into|to))?\s+{CONDITION}",
        rf"{FILM}\s+(?:should|shall|must)(?:\s+(?:all\s+)?(?:be|happen|take place|play|look))\s+{CONDITION}",
        rf"(?=(?:at|in|during|by)\s){CONDITION}",
        rf"(?:add|with)\s+(?:some\s+|more\s+)?(?P<when>rain|snow|fog|mist|wind|sunshine){IN_SHOT}",
        rf"(?:make it|let it|it should)\s+(?P<when>rain|snow){IN_SHOT}",
        rf"(?P<when>(?:at|in the)\s+(?:{TIME}|{WEATHER}))\s+in\s+{SHOT}",
    )
)
THING = r"(?!more\b|less\b|it\b|that\b|this\b|shots?\b|scenes?\b)(?P<thing>[\w'-]+(?:\s+[\w'-]+){0,7}?)"
NO_PICTURE = re.compile(
    r"\b(?:shots?|scenes?|cards?|captions?|subtitles?|titles?|text|words?|music|sounds?|audio|voices?|voice-?over|narrat\w+|songs?|transitions?|cross ?fades?|fades?|wipes?|effects?|pictures?|images?|photos?|references?|tension|drama|humou?r|energy|emotion|seconds?|prompts?|style|mood|tone|vendors?|models?|endings?|openings?|cuts?|close-?ups?|camera|zoom|pan|films?|movies?|videos?|clips?|stills?|budget|price|length|duration|format|ratio|colou?rs?|brief|story|plan|pace|speed|logo|watermark|everything|something|anything|it|this|that|locks?|metaphors?|templates?|repo(?:sitory)?|project|code|names?|dialogue|money|character|version|again)\b",
    re.IGNORECASE,
)
A = r"(?:an?|the|some|two|three|four|five|another|many|his|her|their|(?:[a-z]+\s+)?(?:[a-z]{2,}s|people|children))"
ADD = tuple(
    said(each)
    for each in (
        rf"(?:add|put|insert|place|have|show|include)\s+(?=(?:{A})\s){THING}\s+(?:to|in|into|on|for)\s+{SHOT}",
        rf"(?:add|put|insert|place|have|show|include)\s+(?=(?:{A})\s){THING}\s+of\s+{SHOT}",
        rf"(?:in|to)\s+{SHOT}\s*,?\s+(?:add|put|include)\s+(?=(?:{A})\s){THING}",
        rf"(?:there should be|i want|let there be)\s+(?=(?:{A})\s){THING}\s+in\s+{SHOT}",
        rf"{SHOT}\s+(?:needs|should have|could use|must have)\s+(?=(?:{A})\s){THING}",
        rf"(?:add|put|include)\s+(?=(?:{A})\s){THING}\s+(?:to|in|into)\s+(?:every|each|all)\s+(?:of\s+)?(?:the\s+)?shots?",
    )
)
OFTEN_UNWANTED = r"(?:(?:human\s+)?faces?|people|persons?|humans?|men|women|children|kids|crowds?|animals?|cars?|logos?|brands?|brand names|watermarks?|blood|gore|violence|weapons?|guns?|hands|smoke|fire|phones?|screens?|computers?|modern (?:objects|things)|cats?|dogs?|birds?|buildings?|smiles?|nudity|alcohol|cigarettes?|smoking)"
AVOID = tuple(
    said(each)
    for each in (
        rf"(?:no(?:\s+more)?|without(?:\s+any)?)\s+(?P<thing>{OFTEN_UNWANTED}){IN_SHOT}",
        rf"(?:avoid|never show|do ?n[o']t show|do not show|keep out|leave out|there should be no|i do ?n[o']t want(?: to see)?(?: any)?)\s+(?:any\s+|the\s+)?(?P<thing>{OFTEN_UNWANTED}|(?!shots?\b|scenes?\b)[\w-]+(?:\s+[\w-]+)?){IN_SHOT}",
        rf"keep\s+(?P<thing>{OFTEN_UNWANTED})\s+out(?:\s+of\s+(?:the\s+)?(?:pictures?|{FILM}))?",
    )
)
OLD = r"(?!shots?\b|scenes?\b|\d)(?:(?:the|all|every|all the|an?|my|his|her|both)\s+)?(?P<old>[\w'-]+(?:\s+[\w'-]+){0,4}?)"
NEW = r"(?!an? (?:bit|little|lot|touch)\b|more\b|less\b)(?P<new>[\w'-]+(?:\s+[\w'-]+){0,5}?)"
REPLACE = tuple(
    said(each)
    for each in (
        rf"(?:replace|exchange|swap(?=.*\s(?:with|for|by)\s+an?\s))\s+{OLD}\s+(?:with|by|for)\s+{NEW}{IN_SHOT}",
        rf"(?:change|turn)\s+{OLD}\s+(?:in)?to\s+(?=(?:an?|two|three|some)\s){NEW}{IN_SHOT}",
        rf"in\s+{SHOT}\s*,?\s+(?:replace|swap|exchange)\s+{OLD}\s+(?:with|by|for)\s+{NEW}",
        rf"(?:(?:use|show|make it|have|take|put|i want)\s+)(?=(?:an?|two|three|some|the)\s){NEW}\s+(?:instead of|rather than|in place of)\s+(?=the\s|an?\s){OLD}{IN_SHOT}",
        rf"(?:use|show|have|i want)\s+(?=[a-z]+s\s){NEW}\s+(?:instead of|rather than|in place of)\s+(?=[a-z]+s\b){OLD}{IN_SHOT}",
        rf"make\s+(?=the\s){OLD}\s+(?:into\s+)?(?=(?:an?)\s){NEW}{IN_SHOT}",
        rf"(?=the\s){OLD}\s+(?:should be|is now|is)\s+(?=(?:an?)\s){NEW}{IN_SHOT}",
    )
)
VENDOR = re.compile(rf"\b(?:{VENDORS})\b", re.IGNORECASE)
RENAMED = said(rf"(?:rename|call|name)\s+(?=the\s){OLD}\s+(?:to\s+|as\s+)?(?P<new>[A-Z][\w'-]+)")
SOME_ONE = r"(?!me\b|it\b|us\b|him\b|her\b|them\b)(?:the\s+)?[\w'-]+(?:\s+[\w'-]+)?"
WORN = said(
    rf"(?:give\s+(?P<who>{SOME_ONE})|(?:make|let)\s+(?P<also>{SOME_ONE})\s+wear|(?P<he>{SOME_ONE})\s+(?:should|must|shall)\s+wear)"
    r"\s+(?P<what>(?:an?|the|his|her|two)\s+(?:[\w-]+\s+){0,3}(?:hat|cap|coat|raincoat|jacket|scarf|glasses|sunglasses|beard|moustache|dress|uniform|cape|cloak|mask|boots|helmet|tie|suit|apron|sweater|shirt|wig|crown|gloves|umbrella hat))"
)
SLOW = tuple(
    said(each)
    for each in (
        rf"(?:make\s+|show\s+|play\s+|put\s+)?{SHOT}\s+(?:in\s+|be\s+)?(?P<thing>slow[- ]?motion|slo-?mo)",
        rf"(?:use\s+|add\s+|do\s+|have\s+)?(?P<thing>slow[- ]?motion|slo-?mo)\s+(?:in|for|on|to)\s+{SHOT}",
    )
)
PRONOUN = re.compile(r"(?:he|she|him|her|they|them|me|you|us|we|one|who)", re.IGNORECASE)
SOMEBODY = re.compile(
    r"an?\s+(?:(?:very\s+)?[\w-]+\s+){0,2}(?:woman|man|girl|boy|lady|child|kid|teenager|person|gentleman|grandmother|grandfather)",
    re.IGNORECASE,
)
QUALITY = r"(?:red|green|blue|yellow|orange|purple|pink|black|white|gr[ae]y|brown|golden|silver|old|young|tall|tiny|small|big|huge|bald|wet|dirty)"
OF_A_QUALITY = said(rf"make\s+the\s+(?P<who>[\w'-]+(?:\s+[\w'-]+)?)\s+(?P<how>{QUALITY})")


def altered(text: str) -> Edits:
    """The edits of a message about what is in the pictures; empty for every other."""
    if len(text) > SAID_CHARACTERS_MAX:
        return ()
    text = text.translate(UNQUOTED)
    if found := first(WHEN, text):
        return ({"action": "when", "text": _plain(found["when"])} | _where(found),)
    if found := first(SLOW, text):
        return ({"action": "add", "text": "in slow motion"} | _where(found),)
    return _of_somebody(text) or _other(text) or _with_or_without(text)


def _with_or_without(text: str) -> Edits:
    """Something more in a picture, or something that shall not come into it."""
    for patterns, action in ((ADD, "add"), (AVOID, "avoid")):
        found = first(patterns, text)
        if found and not NO_PICTURE.search(found["thing"]):
            return ({"action": action, "text": found["thing"]} | _where(found),)
    return ()


def _of_somebody(text: str) -> Edits:
    """Another name for somebody, or what they wear."""
    if found := WORN.fullmatch(text):
        who = found["who"] or found["also"] or found["he"]
        return ({"action": "describe", "text": f"{who} wears {found['what']}"},)
    found = RENAMED.fullmatch(text)
    if found is None or not found["new"][:1].isupper() or _is_none(found["old"]):
        return ()
    return ({"action": "replace", "old": found["old"], "text": found["new"]},)


def _other(text: str) -> Edits:
    """Something in the place of something; who becomes a woman is still the keeper."""
    if (found := OF_A_QUALITY.fullmatch(text)) and not NO_PICTURE.search(found["who"]):
        return ({"action": "describe", "text": f"the {found['who']} is {_a(found['how'])} {found['who']}"},)
    found = first(REPLACE, text)
    if found is None or any(_is_none(found[name]) for name in ("old", "new")):
        return ()
    if re.match(r"\s*the\b.*\bis\b", text, re.IGNORECASE) and not SOMEBODY.fullmatch(found["new"]):
        return ()
    if SOMEBODY.fullmatch(found["new"]) and text.lower().lstrip().startswith(("make", "the")):
        return ({"action": "describe", "text": f"the {found['old']} is {found['new']}"},)
    return ({"action": "replace", "old": found["old"], "text": found["new"]} | _where(found),)


def _is_none(thing: str) -> bool:
    """Nothing that is seen in a picture."""
    return bool(NO_PICTURE.search(thing) or VENDOR.search(thing) or PRONOUN.fullmatch(thing))


def _a(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def _where(found: re.Match[str]) -> dict[str, int]:
    shot = found.groupdict().get("shot")
    return {"shot": number(shot)} if shot else {}


def _plain(said: str) -> str:
    """Without the little words before it: "to night" is "night"."""
    return re.sub(r"^(?:to|on)\s+", "", said.strip(), flags=re.IGNORECASE)
