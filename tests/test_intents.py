"""The offline director understands plain words, and says so when it does not."""

from typing import Any

import pytest

from agent.offline.intents import understand
from agent.offline.told import BEFORE
from agent.offline.wanted import wants_stills


@pytest.mark.parametrize("text", ["The keeper of chat-offer finds a letter", "A stile in a mode of its own"])
def test_a_story_is_told_in_the_persons_own_words(text: str) -> None:
    assert understand(text, has_plan=False).args["brief"] == text


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("Make a film about this repository", {"repo_path": "."}),
        ("make a 30 second silent film about ./httpx", {"repo_path": "./httpx", "seconds": 30}),
        (
            "Film /srv/code/django in 6 shots, noir",
            {"repo_path": "/srv/code/django", "shots": 6, "style": "noir"},
        ),
        ("Film ./shop. Make it short.", {"repo_path": "./shop"}),
        ("Make a film about ..", {"repo_path": ".."}),
        ("a vertical trailer for my project", {"repo_path": ".", "aspect_ratio": "9:16"}),
        ("A lighthouse keeper finds a letter", {}),
        ("Un phare, une lettre, la mer", {}),
        ("灯台守が手紙を見つける", {}),
        ("Смотритель маяка находит письмо", {}),
    ],
)
def test_a_brief_in_plain_words_is_planned(text: str, args: dict[str, Any]) -> None:
    intent = understand(text, has_plan=False)

    assert intent.kind == "plan"
    assert intent.args["brief"] == text
    assert {name: intent.args.get(name) for name in args} == args


@pytest.mark.parametrize(
    "text",
    [
        "A lighthouse keeper finds a letter, 20 seconds",
        "A fox learns to sail, 20 seconds, noir",
        "Two foxes argue about a map, as a dialogue, vertical",
        "a heron waits in the rain for the last bus of the night",
    ],
)
def test_a_story_that_is_told_beside_a_plan_is_a_new_film(text: str) -> None:
    intent = understand(text, has_plan=True, lengths=[3, 3])

    assert (intent.kind, intent.args["brief"], intent.note) == ("plan", text, BEFORE)


@pytest.mark.parametrize(
    "text",
    [
        "a bit more noir please",
        "a vertical format works better",
        "a comedy works too",
        "a cat walks by in the background",
        "two options sound good to me",
        "a dark background suits it",
        "a close-up of his hands",
        "a title card says hello",
        "a dog runs through shot 2",
        "two more shots of rain",
    ],
)
def test_a_wish_for_the_film_that_is_there_is_no_story(text: str) -> None:
    assert understand(text, has_plan=True, lengths=[3, 3]).kind != "plan"


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        (
            "change shot 2 to a clock without hands",
            {"action": "change", "shot": 2, "text": "a clock without hands"},
        ),
        (
            "Change shot two to: rain on the window",
            {"action": "change", "shot": 2, "text": "rain on the window"},
        ),
        ("remove shot 3", {"action": "remove", "shot": 3}),
        ("please drop scene 1", {"action": "remove", "shot": 1}),
        ("swap 1 and 2", {"action": "swap", "shot": 1, "other": 2}),
        ("swap shots 1 and 2", {"action": "swap", "shot": 1, "other": 2}),
        ("move shot 4 to 1", {"action": "move", "shot": 4, "other": 1}),
        ("make shot 2 8 seconds", {"action": "retime", "shot": 2, "seconds": 8}),
        ("make it 20 seconds", {"action": "resize", "seconds": 20}),
        ("split shot 2 in two", {"action": "split", "shot": 2}),
        ("merge shots 2 and 3", {"action": "merge", "shot": 2, "other": 3}),
        ("lock shot three", {"action": "lock", "shot": 3}),
        ("keep shot 3 as it is", {"action": "lock", "shot": 3}),
        ("unlock shots 1 and 3", {"action": "unlock", "shot": 1}),
        ("more tension in 3", {"action": "refine", "shot": 3, "text": "more tension"}),
        ("less drama in the first shot", {"action": "refine", "shot": 1, "text": "less drama"}),
        ("Make shot two a bit funnier!", {"action": "refine", "shot": 2, "text": "funnier"}),
        ("give me another ending please", {"action": "refine", "text": "another ending"}),
        ("Can we have a different opening?", {"action": "refine", "shot": 1, "text": "a different opening"}),
        ("undo that", {"action": "undo"}),
        ("take that back", {"action": "undo"}),
        ("make it a bit shorter", {"action": "shorter"}),
        ("Make the film longer.", {"action": "longer"}),
        ("make it noir", {"action": "restyle", "style": "noir"}),
        ("vertical please, 9:16", {"action": "restyle", "aspect_ratio": "9:16"}),
    ],
)
def test_an_edit_names_the_shot_and_what_it_becomes(text: str, edit: dict[str, Any]) -> None:
    intent = understand(text, has_plan=True)

    assert intent.kind == "edit"
    assert intent.edits[0] == edit


@pytest.mark.parametrize(
    ("text", "kind", "args"),
    [
        ("how much would that cost", "cost", {}),
        ("what would that cost with each vendor?", "cost", {}),
        ("what would it cost with other models?", "cost", {}),
        ("what does it cost with rehearsal", "cost", {"provider": "rehearsal"}),
        ("What would it cost with fal kling-4?", "cost", {"provider": "fal", "model": "kling-4"}),
        ("make it under $2", "under", {"limit_usd": "2"}),
        ("can you do it for less than 1.50 dollars", "under", {"limit_usd": "1.50"}),
        ("What would it cost as stills?", "cost", {"stills": True}),
        ("as stills please", "cost", {"stills": True}),
        ("pictures instead of video", "cost", {"stills": True}),
        ("as still pictures with openrouter", "cost", {"stills": True, "provider": "openrouter"}),
        ("make it a slideshow", "cost", {"stills": True}),
        ("video instead of stills", "cost", {"stills": False}),
        ("make it as stills under $2", "under", {"stills": True, "limit_usd": "2"}),
        ("render it as stills", "agreed", {"stills": True}),
        ("render it with fal as clips", "agreed", {"stills": False, "provider": "fal"}),
        ("render it", "agreed", {}),
        (
            "Render it with rehearsal rehearsal-premium",
            "agreed",
            {"provider": "rehearsal", "model": "rehearsal-premium"},
        ),
        ("yes go ahead", "agreed", {}),
        ("ok", "agreed", {}),
        ("what is happening", "status", {}),
        ("is the film ready?", "status", {}),
        ("cancel", "cancel", {}),
        ("how much have I spent", "budget", {}),
        ("how much have I spent this month?", "budget", {}),
        ("show me my clips of the clock", "clips", {"words": "the clock"}),
        ("preview", "preview", {}),
        ("help", "help", {}),
        ("hello", "help", {}),
    ],
)
def test_a_request_is_told_from_a_story(text: str, kind: str, args: dict[str, str]) -> None:
    intent = understand(text, has_plan=True)

    assert (intent.kind, intent.args) == (kind, args)


@pytest.mark.parametrize("text", ["purple monkey", "???", "asdf", "why is the sky blue?", "2"])
def test_what_it_does_not_understand_it_says(text: str) -> None:
    assert understand(text, has_plan=True).kind == "unclear"


def test_a_story_that_mentions_money_or_stopping_is_still_a_story() -> None:
    for text in (
        "Make a film about a thief who wants to cancel his budget",
        "A film of a man who renders the price of bread",
        "a film of stills about a fox",
        "Make a film about a painter who thinks in pictures instead of words",
    ):
        assert understand(text, has_plan=True).kind == "plan"


def test_a_film_may_be_wanted_as_stills_from_the_beginning() -> None:
    assert wants_stills("a film of stills about a fox")
    assert not wants_stills("a film about a painter of a still life")


def test_lines_that_are_all_edits_are_all_made() -> None:
    intent = understand("Change shot 2 to: a clock in the rain\nMake shot 2 4 seconds", has_plan=True)

    assert intent.edits == (
        {"action": "change", "shot": 2, "text": "a clock in the rain"},
        {"action": "retime", "shot": 2, "seconds": 4},
    )


def test_a_line_that_is_no_edit_leaves_the_first_of_a_message() -> None:
    intent = understand("please remove shot 3\nit is too dark", has_plan=True)

    assert intent.edits == ({"action": "remove", "shot": 3},)


def test_no_message_makes_it_slow() -> None:
    for text in (
        "a" * 20_000,
        "swap " * 4_000,
        "shot 1 to " * 2_000,
        "./" * 10_000,
        "make it " * 2_500,
        "lock shots " + "1 and " * 4_000,
        "\n" * 4_000 + "render",
        "please now " * 15,
        "a bit " * 30,
        "A fox learns to sail" + "\n" * 15_000 + "end",
    ):
        for has_plan in (True, False):
            understand(text, has_plan=has_plan)


@pytest.mark.parametrize(
    ("text", "kind", "args"),
    [
        ("what does it cost in 720p?", "cost", {"resolution": "720p"}),
        ("make it in 4k", "cost", {"resolution": "4k"}),
        ("Full HD please", "cost", {"resolution": "1080p"}),
        ("with sound", "cost", {"audio": True}),
        ("use rehearsal premium", "cost", {"provider": "rehearsal", "model": "rehearsal-premium"}),
        ("render it in 1080p with fal", "agreed", {"resolution": "1080p", "provider": "fal"}),
        ("use the cheapest", "pick", {"which": "cheapest"}),
        ("what is the cheapest vendor?", "pick", {"which": "cheapest"}),
        ("use the cheapest vendor and render it", "pick", {"which": "cheapest"}),
        ("again but cheaper", "pick", {"which": "cheaper"}),
        ("make it under 10 cents", "under", {"limit_usd": "0.10"}),
        ("render within $2", "under", {"limit_usd": "2"}),
        ("render max 3 dollars", "under", {"limit_usd": "3"}),
        ("what is in ./box?", "scanned", {"path": "./box"}),
        ("analyze this repository", "scanned", {"path": "."}),
        ("too expensive", "pick", {"which": "cheaper"}),
        ("how much is left?", "budget", {}),
        ("show me the film", "preview", {}),
        ("can I see it?", "preview", {}),
        ("waht does it cost", "cost", {}),
        ("was kostet das?", "cost", {}),
        ("yes please, render it", "agreed", {}),
        ("stop the rendering please", "cancel", {}),
        ("cancel job_123", "cancel", {"job_id": "job_123"}),
    ],
)
def test_a_newcomer_is_understood(text: str, kind: str, args: dict[str, Any]) -> None:
    intent = understand(text, has_plan=True)

    assert (intent.kind, intent.args) == (kind, args)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("is it free?", "play money"),
        ("do I need an account?", "play money"),
        ("what is rehearsal?", "pretended vendor"),
        ("how do I render it?", "Only the button"),
        ("can you approve it for me?", "Only the button"),
        ("download", "Download button"),
        ("save it as film.json", "greenlight plan"),
        ("render shot 2 again", "only that one costs"),
        ("redo shot 2", "only that one costs"),
        ("what did it cost?", "receipt"),
        ("add music", "no words for music"),
        ("raise the budget to $50", "greenlight budget limit"),
        ("are you chatgpt?", "not a language model"),
        ("can you make a film?", "in a sentence"),
        ("make a video", "in a sentence"),
        ("how do I remove shot 2?", "remove shot 3"),
        ("start over", '"undo" brings this one back'),
        ("no", "nothing was spent"),
        ("it's too dark", "what should be otherwise"),
        ("more shots", "how many"),
        ("replace the music with jazz", "Name what is seen"),
        ("cancel shot 2", "by its id"),
        ("what happens if a shot fails?", "not sent again by itself"),
        ("ok, what now?", '"render it" for an offer'),
        ("add a dog", "what is seen"),
        ("how long does it take?", "preview takes seconds"),
        ("surprise me", "lighthouse keeper"),
        ("bye", "nobody approved"),
    ],
)
def test_a_question_about_the_studio_is_answered(text: str, words: str) -> None:
    intent = understand(text, has_plan=True)

    assert intent.kind == "told"
    assert words in intent.note


@pytest.mark.parametrize(
    "text",
    [
        "go to shot 2",
        "ok what about a cat",
        "go away",
        "yes but no",
        "how would you render it in oil?",
        "ok thanks",
    ],
)
def test_words_that_only_begin_like_a_yes_ask_for_no_offer(text: str) -> None:
    assert understand(text, has_plan=True).kind in ("unclear", "told")


@pytest.mark.parametrize(
    "text",
    [
        "which way is up?",
        "what tones do birds have?",
        "Can it fly?",
        "show the cache",
        "how do I make a film of my repo?",
    ],
)
def test_a_question_is_no_brief(text: str) -> None:
    assert understand(text, has_plan=False).kind in ("unclear", "told", "listed")


@pytest.mark.parametrize(
    "text",
    [
        "Hello Kitty finds a letter",
        "Stop the clock",
        "What the fox said to the moon",
        "Can you make me a film about a fox?",
        "mkae a film about a dog",
        "A robot learns to sail",
        "show me a fox in the snow",
    ],
)
def test_a_brief_that_begins_like_a_command_is_a_brief(text: str) -> None:
    assert understand(text, has_plan=False).kind == "plan"


@pytest.mark.parametrize(
    "text",
    ["make the film funny and sad at once somehow", "make the first shot about love", "make it a film"],
)
def test_the_film_that_is_there_is_not_thrown_away_for_a_word_about_it(text: str) -> None:
    assert understand(text, has_plan=True, lengths=(3, 3)).kind != "plan"
