"""What the keyless director says. Every amount and name in it comes from a tool's answer."""

import re
from collections.abc import Callable
from typing import Any

from agent.offline.intents import Intent
from agent.offline.redone import edited
from agent.offline.told import BEFORE
from agent.words import count
from tools.shots import shots_in_words

ABILITIES = (
    '"Make a 30 second silent film about this repository", or tell me a story in a sentence',
    '"Show it as stills", "pictures instead of video", "as clips after all"',
    '"Change shot 2 to a clock without hands", "remove shot 3", "swap 1 and 2", "make it under $2"',
    '"Make it rain", "add a dog to shot 2", "replace the fox with an owl", "no faces", "end with the words Good night"',
    '"More tension in shot 2", "make shot 3 funnier", "another ending"',
    '"Show retries as a dog that keeps bringing the stick back"',
    '"Use this picture for shot 2", "for emma", "for the film", "take the picture away"',
    '"Split shot 2", "merge 3 and 4", "lock shot 1", "make it shorter", "undo that"',
    '"Make it a drama", "as a dialogue", "5 shots", "use a low token budget", "make it noir, 20 seconds, and remove shot 1"',
    '"What templates are there?", "which vendors?", "load film.json", "show me the prompts", "how do I approve?"',
    '"What would it cost in 1080p?", "use the cheapest", "upgrade shot 2 with rehearsal premium", "render it", "what is happening", "how much have I spent"',
)

HELP = (
    "I am the offline director: a set of rules, not a language model. I plan films, draw free previews, "
    "compare prices and make offers; only you can approve one, with the button on its card.\n\n"
    "You can say:\n" + "\n".join(f"- {each}" for each in ABILITIES) + "\n\n"
    "To talk to a real language model instead, set `GREENLIGHT_MODEL` and start again."
)

NOTED = "I will show it that way in the next film about a repository. Name one, and I plan it."

LESS = 'For less, "make it shorter", "as stills", or say what it may cost at most ("make it under $1").'
BY_HAND = "Locked shots are as they were; others that you changed are planned anew as well."

FILED = (
    "This plan came from a file, so there is no brief to plan it anew from. Change its shots "
    '("change shot 2 to ...", "more tension in 2") or its look ("make it noir"), or tell me a new film.'
)

PICTURED = "I have the picture. Tell me what the film is about, and say what the picture is for."

UNCLEAR = (
    "I did not understand that: I am a set of rules, not a language model, and nothing was changed. For example, say:\n"
    + "\n".join(f"- {each}" for each in (ABILITIES[0], ABILITIES[2], ABILITIES[-1]))
    + '\n\n"help" lists more.'
)


def failed(tool: str, why: str) -> str:
    """A tool could not do it; its own words say why, and the person learns what to do next."""
    why = ARGUMENT.sub(lambda found: found[1].upper(), why, count=1)
    if why.startswith(NO_PLAN):
        return NOTHING_YET
    if tool == "generate_video":
        said_no = why.startswith(("The person", "No person"))
        return f"{UNSPENT if said_no else UNOFFERED} {_sentence(why.removesuffix(UNSPENT).strip())}"
    if tool == "cancel_job":
        return _sentence(why)
    if tool == "plan_shots" and "needs it:" in why:
        return f'{_sentence(why)} Tell me, for example "{why.split(":", maxsplit=1)[0]} = 50".'
    return f"That did not work. {_sentence(why)}"


# What an argument of a tool is called is nothing to the person.
ARGUMENT = re.compile(
    r"^(?:path|job_id|edits|plan|n|old|version|shots?|seconds|provider|brief|text|model|resolution|only|limit_usd): (.)"
)
UNSPENT = "Nothing was rendered and nothing was spent."
UNOFFERED = "There is no offer, and nothing was spent."
NO_PLAN = "There is no plan yet"
NOTHING_YET = (
    'There is no plan yet. Tell me a story in a sentence, or say "make a film about this repository".'
)


def reply(intent: Intent, done: dict[str, dict[str, Any]]) -> str:
    """The words that end a turn in which every tool did its part."""
    match intent.kind:
        case "plan":
            return f"{_planned(done)} {intent.note}".rstrip()
        case "edit":
            return edited(intent, done["edit_shots"])
        case "pick":
            return _taken(intent, done["estimate_cost"])
        case "told":
            return intent.note
        case "under":
            return _within(intent, done)
        case "opened":
            return _planned(done, "open_plan")
        case "shown":
            return _plan(intent, done["show_plan"])
        case "replan":
            by_hand = f" {BY_HAND}" if intent.note else ""
            return f"Planned anew from the same words. {_planned(done)}{by_hand} {BEFORE}"
        case kind if kind in SAID:
            return SAID[kind]
        case kind:
            tool, words = ONE_ANSWER[kind]
            return f"{words(done[tool])} {intent.note}".rstrip()


def _planned(done: dict[str, dict[str, Any]], tool: str = "plan_shots") -> str:
    facts = done[tool]
    found = sum(bool(shot["from"]) for shot in facts["shots"])
    counted = f" Prompts: {facts['tokens']}." if "tokens" in facts else ""
    source = f" {count(found, 'shot')} came from the code, with file and line." if found else ""
    return (
        f"Here is **{facts['title']}**: {count(len(facts['shots']), 'shot')}, {facts['seconds']} s, with a free preview of each.{source}{counted} "
        f"{_priced(done['estimate_cost'])}"
    )


def _priced(facts: dict[str, Any]) -> str:
    rows = facts["rows"]
    if not rows:
        return f"{_sentence(facts['summary'])} Change the lengths or choose another model."
    ready = [row for row in rows if row["ready"]]
    if facts["only"]:
        return _alone(facts["only"], ready)
    best = (ready or rows)[0]
    other = f" {len(rows)} ways to render it are in the table." if len(rows) > 1 else ""
    invite = 'Say "render it" for an offer.' if ready else f"{best['provider']} is not set up here yet."
    form = "As stills, one picture a shot, with" if facts["stills"] else "With"
    return f"{form} {best['provider']} ({best['model']}) I expect {_amount(best)}.{_longer(best)}{other} {invite}"


def _longer(row: dict[str, Any]) -> str:
    """How the film stays as long as it was planned, where the vendor sells other lengths."""
    longer = next((note for note in row["notes"] if note.startswith("sells shots of")), None)
    fit = f' "Fit it to {row["provider"]} {row["model"]}" splits it into such shots.'
    return "" if longer is None else f" It {longer}.{fit}"


def _alone(only: list[int], ready: list[dict[str, Any]]) -> str:
    """What it costs to render some shots on their own, with whom, the best picture last."""
    shots = shots_in_words(sorted(set(only)))
    if not ready:
        return f"Nobody who is set up here can render {shots}."
    told = [
        f"- {row['provider']} {row['model']} in {row['resolution']}: {_amount(row)}"
        for row in ready[-ALONE_MAX:]
    ]
    best = f"{ready[-1]['provider']} {ready[-1]['model']}"
    say = f'Say "render {shots} with {best}" for an offer, or name another; the other shots stay as they are.'
    return "\n".join([f"For {shots} alone I expect:", "", *told, "", say])


def suggested(facts: dict[str, Any]) -> dict[str, Any]:
    """Who was proposed for some shots; nobody where nobody can."""
    ready = [row for row in facts["rows"] if row["ready"]]
    return {name: ready[-1][name] for name in ("provider", "model", "resolution")} if ready else {}


def _listed(facts: dict[str, Any]) -> str:
    what, rows = facts["what"], facts["choices"]
    told = [f"- **{row['name']}**: {row['about']}" for row in rows[:LISTED_MAX]]
    rest = ", ".join(row["name"] for row in rows[LISTED_MAX:])
    more = [f"- and {rest}"] if rest else []
    return "\n".join(
        [f"There are {count(len(rows), what.removesuffix('s'))}:", "", *told, *more, "", SAY_OF[what]]
    )


def _read(facts: dict[str, Any]) -> str:
    """What a repository is made of, in a few lines."""
    shelves = (("errors", "Errors"), ("concepts", "Most telling"), ("themes", "Themes"))
    told = [f"- {word}: {'; '.join(facts[name][:READ_MAX])}" for name, word in shelves if facts[name]]
    purpose = f" {_sentence(facts['purpose'])}" if facts["purpose"] else ""
    return "\n".join(
        [
            f"{_sentence(facts['summary'])}{purpose}",
            "",
            *told,
            "",
            'Say "make a film about" and its name or folder to film it.',
        ]
    )


def _plan(intent: Intent, facts: dict[str, Any]) -> str:
    """The shots in a line each, or one of them; with their whole prompts, or where they come from, if these were asked for."""
    n, prompts = intent.args.get("shot"), intent.args["prompts"]
    rows = [row for row in facts["shots"] if n in (None, row["n"])]
    if not rows:
        return f"This film has shots 1 to {len(facts['shots'])}, not {n}."
    if intent.args.get("source"):
        return "\n".join([*map(_source, rows), "", WHY])
    told = [_shot(row, row["prompt"] if prompts else row["caption"] or row["prompt"]) for row in rows]
    head = (
        f"**{facts['title']}**: {count(len(facts['shots']), 'shot')}, {facts['seconds']} s, {facts['look']}"
    )
    ask = 'Say "change shot 2 to ..." for another, or "show me the prompts" for all that a vendor would be sent.'
    return "\n".join([head, "", *told, "", 'Say "change shot 2 to ..." for another.' if prompts else ask])


def _source(row: dict[str, Any]) -> str:
    """The place in the code that a shot was found at, or that there is none."""
    where = ", ".join(row["from"])
    seen = row["caption"] or row["prompt"]
    if where:
        return f"Shot {row['n']} comes from {where}: {_sentence(seen)}"
    return f"Shot {row['n']} comes from no file; the words of the brief, a template or an edit made it: {_sentence(seen)}"


def _shot(row: dict[str, Any], text: str) -> str:
    marks = [
        f"{row['seconds']} s",
        row["size"],
        row["camera"],
        *row["from"],
        *([f'opens with the card "{row["card"]}"'] if row.get("card") else []),
        *(["locked"] if row.get("locked") else []),
    ]
    return f"{row['n']}. {_sentence(text)} ({', '.join(marks)})"


def picked(intent: Intent, facts: dict[str, Any]) -> dict[str, Any]:
    """The row at the end that was asked for, of those that are set up here; empty where there is none."""
    ready: list[dict[str, Any]] = [row for row in facts.get("rows", ()) if row["ready"]]
    return {} if not ready else ready[-1] if intent.args["which"] == "dearest" else ready[0]


def _taken(intent: Intent, facts: dict[str, Any]) -> str:
    which = intent.args["which"]
    if not facts["rows"] or which == "dearest":
        return _priced(facts)
    less = "" if which == "cheapest" else f" {LESS}"
    return f"Of those that are set up here it is the cheapest. {_priced(facts)}{less}"


def _within(intent: Intent, done: dict[str, dict[str, Any]]) -> str:
    facts, limit = done["estimate_cost"], intent.args["limit_usd"]
    plan = first_plan(facts)
    if not plan:
        return f'No version of this film fits in ${limit} with a vendor that is set up here. Say a higher limit, or "make it shorter".'
    lost = ", ".join(plan["gives_up"]) or "nothing of the plan"
    others = "".join(f" {_other(each)}" for each in facts["plans"][1:])
    return (
        f"Within ${limit}: {plan['seconds']} s with {plan['provider']} ({plan['model']}, {plan['resolution']}) "
        f"costs at most ${plan['ceiling_usd']}{_play(plan)} and gives up {lost}. The plan is like that now. "
        f'Say "render it" for an offer.{others}'
    )


def first_plan(facts: dict[str, Any]) -> dict[str, Any]:
    """Of the plans within a limit, the one that keeps the most; empty where there is none."""
    plans: list[dict[str, Any]] = facts.get("plans") or [{}]
    return plans[0]


def _other(plan: dict[str, Any]) -> str:
    lost = ", ".join(plan["gives_up"]) or "nothing of the plan"
    return (
        f"Or {plan['model']} in {plan['resolution']}, at most ${plan['ceiling_usd']}: that gives up {lost}."
    )


def _approved(facts: dict[str, Any]) -> str:
    reused = f", {facts['reused']} you own already at no cost" if facts["reused"] else ""
    drawn = f", {facts['drawn']} drawn here for nothing" if facts["drawn"] else ""
    return (
        f"You approved at most ${facts['ceiling_usd']}{_play(facts)}: {count(facts['jobs'], 'shot')} to render{reused}{drawn}. "
        "The film appears here when it is done, with a receipt. You can go on talking meanwhile."
    )


def _status(facts: dict[str, Any]) -> str:
    errors = [f"shot {job['shot']}: {job['error']}" for job in facts["jobs"] if job["error"]]
    ask = "" if facts["jobs"] else ' "Render it" asks for an offer of the plan.'
    return _sentence(facts["summary"]) + ask + (f" {_sentence('; '.join(errors))}" if errors else "")


def _budget(facts: dict[str, Any]) -> str:
    month, play, model = (facts["budgets"][name] for name in ("month", "play", "model"))
    return (
        f"This month you spent **${month['spent_usd']}** of ${month['limit_usd']} on rendering; ${month['held_usd']} is held and "
        f"${month['headroom_usd']} is left. In play money it is ${play['spent_usd']} of ${play['limit_usd']}, and language models "
        f"cost ${model['spent_usd']} of ${model['limit_usd']}."
    )


def _clips(facts: dict[str, Any]) -> str:
    rows = [f"- [{clip['title']}]({clip['url']}), {clip['seconds']:.0f} s" for clip in facts["clips"][:10]]
    none = (
        []
        if rows
        else [
            "Clips are here once a film was rendered; the words of a search are looked for in titles and prompts."
        ]
    )
    return "\n".join([_sentence(facts["summary"]), *rows, *none])


def _preview(facts: dict[str, Any]) -> str:
    return f"Here is the whole film as a free animatic: {_sentence(facts['summary'])}"


def _canceled(facts: dict[str, Any]) -> str:
    return _sentence(facts["summary"])


def _amount(row: dict[str, Any]) -> str:
    return f"**${row['expected_usd']}**{_play(row)}, at most ${row['ceiling_usd']}"


def _play(row: dict[str, Any]) -> str:
    return " of play money" if row["play_money"] else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


WHY = (
    "Rules choose, and no language model: in a repository they take names that matter there and the metaphor that fits best, in a brief what "
    'its sentences say. "Change shot 2 to ...", "another ending" or "show retries as a dog" is your choice instead.'
)
LISTED_MAX = 12
ALONE_MAX = 6
READ_MAX = 5
SAY_OF = {
    "templates": 'Name one with the brief: "make a 30 second trailer about this repository", "credit utilization with 35 percent".',
    "styles": 'Say "make it noir", or name one in the brief.',
    "moods": 'Say "make it hopeful", or name one in the brief.',
    "tones": 'Say "make it a comedy", or name one in the brief.',
    "patterns": 'Name one with the brief: "as a dialogue: two foxes argue about a map".',
    "metaphors": 'A film of a repository takes those that its code earns. One of your own: "show retries as a dog that keeps bringing the stick back".',
    "token budgets": 'Name one with the brief: "a fox learns to sail, low token budget".',
    "vendors": 'Once there is a plan, "what would it cost" compares them, and "render it with" and a name asks for an offer. '
    "The README says which key sets up each of the others.",
}

SAID = {"noted": NOTED, "pictured": PICTURED, "filed": FILED, "help": HELP, "unclear": UNCLEAR}

ONE_ANSWER: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "cost": ("estimate_cost", _priced),
    "render": ("generate_video", _approved),
    "status": ("check_jobs", _status),
    "cancel": ("cancel_job", _canceled),
    "budget": ("check_budget", _budget),
    "preview": ("compose_film", _preview),
    "clips": ("find_clips", _clips),
    "listed": ("list_choices", _listed),
    "scanned": ("scan_repo", _read),
}
