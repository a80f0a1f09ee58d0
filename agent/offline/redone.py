"""What the keyless director says of a plan that was changed."""

from typing import Any

from agent.offline.intents import Intent
from agent.words import count
from tools.story import library

SEEN = frozenset(
    {"caption", "card", "describe", "when", "add", "avoid", "replace", "retime", "lock", "unlock"}
)
TOLD_MAX = 4
WHOLE = SEEN | {"restyle", "resize", "shorter", "longer", "trim"}


def edited(intent: Intent, facts: dict[str, Any]) -> str:
    changed = facts.get("changed", [])
    shown = (
        changed
        if len(changed) <= TOLD_MAX
        else [*changed[: TOLD_MAX - 1], f"and {len(changed) - TOLD_MAX + 1} more"]
    )
    listed = f" ({'; '.join(shown)})" if shown else ""
    counted = f" Prompts: {facts['tokens']}." if "tokens" in facts else ""
    missed = f' I did not understand "{intent.note}", and left it.' if intent.note else ""
    done = "Nothing is otherwise" if _is_seen(intent) and not changed else "Done"
    return (
        f"{done}: {count(len(facts['shots']), 'shot')}, {facts['seconds']} s now{listed}.{counted}{_kept(intent, facts)} An earlier offer is for "
        f'the old plan. Say "render it" for a new one.{_drawn(intent)}{missed}'
    )


def _is_seen(intent: Intent) -> bool:
    """Whether all that was changed would be seen in the shots."""
    return all(each["action"] in SEEN for each in intent.edits)


def _kept(intent: Intent, facts: dict[str, Any]) -> str:
    """The locked shots that a change to all of them left alone."""
    whole = any(each["action"] in WHOLE and each.get("shot") is None for each in intent.edits)
    locked = [str(shot["n"]) for shot in facts["shots"] if shot.get("locked")] if whole else []
    if not locked:
        return ""
    one = len(locked) == 1
    return f" {'Shot' if one else 'Shots'} {', '.join(locked)} {'is' if one else 'are'} locked and as before."


def _drawn(intent: Intent) -> str:
    """Who does it, and who does not, so that nobody pays a vendor for what is not sold."""
    if any(each["action"] in ("card", "caption") and "text" in each for each in intent.edits):
        return " Previews and `rehearsal` draw these words; a vendor's clips have none."
    if any(each["action"] == "avoid" for each in intent.edits):
        return " Not every vendor's model takes a list of what to keep out, and a preview draws none."
    styles = (each["style"] for each in intent.edits if each.get("style"))
    own = next((style for style in styles if library().style(style) is None), None)
    return "" if own is None else f" {OWN.format(own)}"


OWN = (
    'I know no style "{}", so these words stand in every prompt as they are, and a preview cannot show them. '
    '"What styles are there?" lists those I know.'
)
