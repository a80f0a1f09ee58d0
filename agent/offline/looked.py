"""Another look for the film that is planned: a style, a mood, a tone, a shape, or a length."""

import re

from agent.offline.phrases import END, FILM, NUMBER, POLITE, Edits
from agent.words import pattern
from tools.story import library, wishes_from

STYLE_OF = pattern(
    rf"\b(?:in the style of|in style of|make {FILM} (?:look|feel)(?: more)? like|as if (?:it was |it were )?(?:painted|drawn|shot) by)\s+(?:an?\s+)?(?P<style>[\w][\w' -]{{2,60}}?)(?:\s+(?:film|movie))?{END}"
)
COLOURS = pattern(
    rf"{POLITE}(?:(?:use|make|with|give it|take|i want|more|have)\s+)*(?:the\s+|some\s+|more\s+)*(?:colou?rs\s+(?:more\s+|be\s+)?(?P<after>[a-z]+)|(?P<how>warm|cold|cool|bright|dark|soft|strong|bold|muted|pale|pastel|vivid|vibrant|natural)(?:er)?\s+colou?rs?(?:\s+palette)?){END}"
)
SHAPE = pattern(
    rf"{POLITE}(?:(?:make|turn|put)\s+(?:it|this|the film)\s+(?:in(?:to)?\s+)?)?(?:(?P<tall>portrait)|landscape|widescreen)(?:\s+(?:mode|format|orientation))?{END}"
)
PLATFORM = pattern(
    rf"{POLITE}(?:(?:make|format|cut|optimi[sz]e|prepare|size|crop)\s+(?:it|this|the film)\s+)?(?:it'?s\s+)?(?:for|to fit)\s+(?:an?\s+|my\s+|the\s+)?"
    rf"(?:(?P<tall>tik ?tok|(?:instagram |facebook )?(?:reels?|stories|story)|(?:youtube )?shorts|snapchat|(?:a |my )?(?:phone|mobile)s?)|(?P<wide>youtube|vimeo|tv|television|cinema|the big screen|desktop|a laptop)|(?P<square>instagram posts?|an instagram post)){END}"
)
LOOK_TO = pattern(
    rf"{POLITE}(?:change|set|switch|make)\s+(?:the\s+|its\s+)?(?:visual\s+)?(?P<what>style|look|mood|tone|feeling)(?:\s+of\s+{FILM})?\s+(?:to\s+|into\s+|be\s+)?(?:something\s+)?(?:more\s+)?(?!better|different|another|new\b)(?P<how>\w[\w' -]{{2,60}}?){END}"
)
MOOD_OF = pattern(
    rf"{POLITE}make {FILM}\s+(?:look\s+|feel\s+)?(?:more\s+|very\s+|really\s+|a (?:bit|little)\s+(?:more\s+)?)?(?:(?P<mood>[a-z]+(?:y|ful|ic|ous|ive|ing|ish|less|al))|(?P<plain>dark|bright|warm|cold|soft|wild|strange)(?:er)?|(?P<more>(?:scar|happ|dream|mood|sunn|dirt|gritt|cos|creep|eer|spook))ier){END}"
)
BLACK_AND_WHITE = pattern(
    rf"\bblack[ -]and[ -]white\b|{POLITE}(?:no|without|remove|take out)\s+(?:the\s+|any\s+|all\s+)*colou?rs?{END}"
)
BARE_MOOD = pattern(
    rf"{POLITE}(?:i want\s+|i'd like\s+)?(?:{FILM}\s+)?(?:should be\s+|a (?:bit|little)\s+|much\s+|even\s+)*(?P<how>dark|bright|warm|cold|soft)er{END}"
)
A_STYLE = pattern(
    rf"{POLITE}(?:make|turn)\s+{FILM}\s+(?:into\s+|like\s+|look like\s+)?(?:an?\s+)?(?P<style>[\w -]{{3,40}}?){END}"
)
NEGATED = pattern(r"\b(?:less|not|undo|never|too|no longer|don'?t|isn'?t)\b")
OF_ONE = pattern(rf"\b(?:shots?|scenes?)\s*(?:number|#|no\.?)?\s*{NUMBER}|\b(?:except|but not)\b")


def look_to(text: str) -> Edits:
    """ "Change the style to noir" names what it is about, and is no story."""
    found = LOOK_TO.match(text)
    if found is None:
        return ()
    what = {"look": "style", "feeling": "mood"}.get(found["what"].lower(), found["what"].lower())
    return ({"action": "restyle", what: found["how"]},)


def _own_look(text: str) -> dict[str, str]:
    """A style or a mood in words that no preset has."""
    if found := SHAPE.match(text):
        return {"aspect_ratio": "9:16" if found["tall"] else "16:9"}
    if BLACK_AND_WHITE.search(text):
        return {"style": "black and white"}
    if (found := A_STYLE.match(text)) and (known := library().style(found["style"].lower())):
        return {"style": known.name}
    if found := BARE_MOOD.match(text):
        return {"mood": found["how"].lower()}
    if found := COLOURS.match(text):
        return {"mood": re.sub(r"(?<=[a-z])er$", "", (found["how"] or found["after"]).lower())}
    if found := PLATFORM.match(text):
        return {"aspect_ratio": "9:16" if found["tall"] else "16:9" if found["wide"] else "1:1"}
    if found := STYLE_OF.search(text):
        return {"style": found["style"]}
    found = MOOD_OF.match(text)
    if found is None:
        return {}
    return {"mood": (found["mood"] or found["plain"] or f"{found['more']}y").lower()}


def looks(text: str) -> Edits:
    """ "Make it noir", "vertical please": a new look for the plan that is there."""
    if OF_ONE.search(text):
        return ()
    if NEGATED.search(text):
        return ()
    wishes = wishes_from(text)
    named = {
        "style": wishes.style,
        "mood": wishes.mood,
        "tone": wishes.tone,
        "aspect_ratio": wishes.aspect_ratio,
    }
    said = {name: value for name, value in named.items() if value is not None} or _own_look(text)
    restyled: Edits = ({"action": "restyle", **said},) if said else ()
    return (
        restyled if wishes.seconds is None else (*restyled, {"action": "resize", "seconds": wishes.seconds})
    )


def is_look_of_one(text: str) -> bool:
    """A look that is wanted for one shot, or not for one; films have a single one."""
    edits = looks(OF_ONE.sub(" ", text)) if OF_ONE.search(text) else ()
    return any(each["action"] == "restyle" for each in edits)
