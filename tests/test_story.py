import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.errors import Invalid
from tools.repo.profile import Concept, ErrorUse, Place, RepoProfile
from tools.shots import BRIEF_CHARACTERS_MAX, SHOTS_MAX, Shot, ShotList, read_shots
from tools.story import (
    OFFERED,
    Wishes,
    change,
    extend,
    insert,
    library,
    move,
    plan,
    read_metaphors,
    remove,
    resize,
    restyle,
    retime,
    swap,
    wishes_from,
)
from tools.story.brief import is_english, read_story, subject_of
from tools.story.library import CAMERAS
from tools.story.match import find_gags
from tools.story.prompts import CAMERA_PHRASES, WORDS_MAX, WORDS_MIN
from tools.story.words import clean, is_spaced, split_name

KEEPER = "A lighthouse keeper finds a letter"
MARKS = re.compile(r"[.!?…。！？؟]+[\"'”’)»]*(?:\s|$)")  # noqa: RUF001 -- marks of other scripts
OWN = '[[metaphor]]\nid = "ghost"\nconcept = "ghost"\nterms = ["query set"]\naction = "calls an elevator"\ntitle_card = "{name}: it comes."\napproved = true\n'

DJANGO = RepoProfile(
    root="/src/django",
    name="django",
    purpose="A high-level Python web framework. It saves time.",
    concepts=(
        Concept("class", "QuerySet", "django/db/models/query.py", 280, 0.9),
        Concept("class", "BaseCache", "django/core/cache/backends/base.py", 58, 0.7),
        Concept("class", "SessionMiddleware", "django/contrib/sessions/middleware.py", 12, 0.6),
        Concept("class", "URLResolver", "django/urls/resolvers.py", 490, 0.8),
        Concept("function", "render_to_string", "django/template/loader.py", 52, 0.5),
        Concept("class", "MigrationExecutor", "django/db/migrations/executor.py", 10, 0.6),
    ),
    errors=(
        ErrorUse("ImproperlyConfigured", 60, 4, (Place("django/conf/__init__.py", 71),)),
        ErrorUse("ValidationError", 90, 30, (Place("django/core/validators.py", 40),)),
    ),
    themes=("models", "admin"),
)
HTTPX = RepoProfile(
    root="/src/httpx",
    name="httpx",
    purpose="A next generation HTTP client for Python.",
    concepts=(
        Concept("class", "AsyncClient", "httpx/_client.py", 1307, 0.9),
        Concept("class", "Cookies", "httpx/_models.py", 1079, 0.6),
        Concept("class", "ConnectTimeout", "httpx/_exceptions.py", 130, 0.5),
    ),
    errors=(
        ErrorUse("ConnectTimeout", 2, 3, (Place("httpx/_transports/default.py", 90),)),
        ErrorUse("TooManyRedirects", 1, 0, (Place("httpx/_client.py", 972),)),
        ErrorUse("StreamConsumed", 3, 0, (Place("httpx/_content.py", 60),)),
    ),
)
EMPTY = RepoProfile(root="/src/new", name="new", purpose="")

PROFILES = st.sampled_from([DJANGO, HTTPX, EMPTY])
SENTENCES = st.sampled_from(
    [
        KEEPER,
        "She opens it slowly.",
        "Two dancers rehearse on an empty stage, then the lights go out!",
        "灯台守が古い手紙を見つける。",
        "حارس المنارة يجد رسالة قديمة في الليل.",
        "Смотритель маяка находит письмо.",
        'Mr. Smith says "Stop!" and runs; the door closes.',
        "Ein Mann sucht seinen Hut.",
        "x",
    ]
)
BRIEFS = st.lists(SENTENCES, min_size=1, max_size=9).map(" ".join) | st.text(min_size=1, max_size=300)
WISHES = st.builds(
    Wishes,
    brief=BRIEFS,
    shots=st.none() | st.integers(1, SHOTS_MAX),
    style=st.none() | st.sampled_from(["noir", "silent film", "my aunt's wallpaper. In beige!", "anime"]),
    mood=st.none() | st.sampled_from(["tense", "like Tuesday"]),
    tone=st.none() | st.sampled_from(["comedy", "drama", "montage"]),
    template=st.none()
    | st.sampled_from(["silent-film", "trailer", "explainer", "product-launch", "tutorial", "scene"]),
    pattern=st.none() | st.sampled_from(["dialogue", "action", "montage"]),
)


def test_a_shot_that_stands_alone_has_four_seconds() -> None:
    assert plan(Wishes("A fox learns to sail", shots=1), None).seconds == 4


OFFERS = st.sampled_from([OFFERED, (4, 8, 12), (5, 10), (6,), (1,)])


def texts(film: ShotList) -> list[str]:
    return [shot.enhanced_prompt for shot in film.shots]


def planned(
    wishes: Wishes, profile: RepoProfile | None, offered: tuple[int, ...] = OFFERED
) -> ShotList | None:
    """The plan, or None where the wishes cannot be had; what they ask for may be read from any text."""
    try:
        return plan(wishes, profile, offered=offered)
    except Invalid:
        return None


# --- The library


def test_the_library_has_the_promised_metaphors() -> None:
    ids = {metaphor.id for metaphor in library().metaphors}

    assert {
        "import-milk", "lost-apartment", "searching-cupboards", "film-backward", "silly-events", "shuffled-film",
        "inner-monologue", "cutting-montage", "boxes-upstairs", "station-overhead", "text-over-chaos",
    } <= ids  # fmt: skip
    assert len(ids) >= 60


def test_the_library_has_enough_presets() -> None:
    books = library()

    assert len(books.styles) >= 12
    assert len(books.moods) >= 8
    assert [tone.name for tone in books.tones] == ["comedy", "drama", "montage"]
    assert [template.name for template in books.templates] == [
        "silent-film", "trailer", "explainer", "product-launch", "tutorial", "credit-utilization", "scene",
    ]  # fmt: skip


@pytest.mark.parametrize("metaphor", library().metaphors, ids=lambda metaphor: metaphor.id)
def test_every_metaphor_fits_a_prompt_and_a_preview(metaphor: object) -> None:
    known = next(one for one in library().metaphors if one == metaphor)
    profile = replace(EMPTY, concepts=(Concept("class", "Name", "a.py", 1, 1.0),))
    own = replace(library(), metaphors=(known.model_copy(update={"kinds": (), "terms": ("name",)}),))

    film = plan(Wishes(shots=3), profile, books=own)

    shot = film.shots[1]
    assert shot.evidence[0].path == "a.py"
    assert known.action in shot.enhanced_prompt
    assert known.twist in shot.enhanced_prompt
    assert "Name" in (shot.title_card or "") + (shot.caption or "")
    assert not (shot.caption or "").endswith("…")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[metaphor]", "not valid TOML"),
        ("[[gag]]\nid = 'x'", "[[metaphor]] tables and nothing else"),
        (OWN.replace('concept = "ghost"\n', ""), "Field required"),
        (OWN.replace("{name}", "It"), "needs {name}"),
        (OWN.replace("calls an elevator", "one two three four five six seven eight nine ten eleven"), "at most 10 words"),
        (OWN + OWN, "two metaphors have the id 'ghost'"),
        (OWN + "colour = 'red'\n", "Extra inputs"),
    ],
)  # fmt: skip
def test_a_bad_metaphor_is_refused_with_one_reason(text: str, complaint: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_metaphors(text, "mine.toml")

    assert complaint in refused.value.why
    assert refused.value.what.startswith("mine.toml")


def test_an_own_metaphor_is_used_in_the_next_plan() -> None:
    books = extend(library(), read_metaphors(OWN))

    film = plan(Wishes(), DJANGO, books=books)

    assert any(shot.title_card == "QuerySet: it comes." for shot in film.shots)


def test_an_own_metaphor_takes_the_place_of_one_with_its_id() -> None:
    books = extend(library(), read_metaphors(OWN.replace("ghost", "import-milk")))

    assert len(books.metaphors) == len(library().metaphors)
    assert next(one for one in books.metaphors if one.id == "import-milk").action == "calls an elevator"


def test_a_metaphor_that_nobody_approved_is_not_used() -> None:
    books = extend(library(), read_metaphors(OWN.replace("approved = true", "")))

    assert "QuerySet: it comes." not in str(plan(Wishes(shots=20), DJANGO, books=books))


# --- A film about a repository


def test_a_concept_becomes_a_gag_with_its_line_in_the_code() -> None:
    film = plan(Wishes(), HTTPX)

    shot = next(shot for shot in film.shots if "ConnectTimeout" in (shot.title_card or ""))
    assert shot.title_card == "ConnectTimeout: he waits beside a clock without hands."
    assert [(place.path, place.line) for place in shot.evidence] == [("httpx/_transports/default.py", 90)]
    assert "waits beside a clock without hands" in shot.enhanced_prompt


def test_a_repository_film_is_thirty_seconds_of_six_shots() -> None:
    film = plan(Wishes(), DJANGO)

    assert (film.seconds, len(film.shots), film.template, film.repo) == (30, 6, "silent-film", "django")
    assert film.style == "black and white silent film, 1920s"
    assert all("black and white silent film, 1920s" in prompt for prompt in texts(film))


def test_the_opening_says_what_the_project_is_for() -> None:
    film = plan(Wishes(), DJANGO)

    assert film.shots[0].title_card == "django. A high-level Python web framework."


def test_the_hero_keeps_his_words_through_the_film() -> None:
    film = plan(Wishes(), DJANGO)

    assert len({shot.characters[0] for shot in film.shots}) == 1
    assert all(film.shots[0].characters[0] in prompt for prompt in texts(film))


def test_two_projects_get_two_films() -> None:
    ours, theirs = plan(Wishes(), DJANGO), plan(Wishes(), HTTPX)

    assert texts(ours) != texts(theirs)
    assert not set(texts(ours)[1:-1]) & set(texts(theirs)[1:-1])


def test_any_repository_finds_at_least_six_metaphors() -> None:
    assert len({gag.metaphor.id for gag in find_gags(EMPTY, library().metaphors)}) >= 6


def test_a_concept_named_in_the_brief_comes_first() -> None:
    film = plan(Wishes(brief="make a film about the cache", shots=3), DJANGO)

    assert "BaseCache" in (film.shots[1].title_card or "")


def test_names_in_tests_say_less_than_names_in_the_code() -> None:
    profile = replace(
        EMPTY,
        concepts=(
            Concept("class", "RetryHelper", "tests/test_retry.py", 1, 0.9),
            Concept("class", "RetryPolicy", "src/retry.py", 5, 0.5),
        ),
    )

    assert find_gags(profile, library().metaphors)[0].name == "RetryPolicy"


def test_names_that_say_the_same_do_not_crowd_the_film() -> None:
    profile = replace(
        EMPTY,
        concepts=(
            Concept("class", "URL", "a.py", 1, 1.0),
            Concept("class", "InvalidURL", "a.py", 2, 0.6),
            Concept("class", "Cookies", "a.py", 3, 0.2),
        ),
    )

    assert [gag.name for gag in find_gags(profile, library().metaphors)[:2]] == ["InvalidURL", "Cookies"]


def test_the_tone_changes_the_camera_and_not_the_evidence() -> None:
    comedy, drama = (plan(Wishes(tone=tone, shots=6), DJANGO) for tone in ("comedy", "drama"))

    assert [s.evidence for s in comedy.shots] == [s.evidence for s in drama.shots]
    assert [s.camera for s in comedy.shots] != [s.camera for s in drama.shots]


@given(WISHES, PROFILES, OFFERS)
@settings(max_examples=60, deadline=None)
def test_no_film_uses_a_metaphor_twice(
    wishes: Wishes, profile: RepoProfile, offered: tuple[int, ...]
) -> None:
    film = planned(replace(wishes, brief="", template="silent-film"), profile, offered)

    assert film is not None
    cards = [shot.title_card for shot in film.shots if shot.title_card]
    assert len(set(cards)) == len(cards)


# --- A scene from a brief


def test_a_brief_becomes_shots_of_different_sizes_around_the_same_person() -> None:
    film = plan(Wishes(brief=KEEPER), None)

    assert [shot.shot_type for shot in film.shots] == ["wide", "medium", "insert", "close-up", "wide"]
    assert all("lighthouse keeper" in prompt for prompt in texts(film))
    assert {shot.characters[0] for shot in film.shots} == {"lighthouse keeper"}
    assert film.shots[0].landscapes == ["lighthouse"]
    assert (film.seconds, film.template) == (25, "scene")


def test_a_pronoun_is_told_with_the_persons_own_words() -> None:
    film = plan(Wishes(brief=f"{KEEPER}. He opens it at midnight.", shots=2), None)

    assert film.shots[1].enhanced_prompt.startswith("A lighthouse keeper opens it at midnight.")
    assert film.shots[1].time_of_day == "night"


def test_no_word_of_a_wish_is_left_behind() -> None:
    film = plan(
        Wishes(brief="a nature documentary in 5 shots of 6 seconds: a hedgehog crosses a garden"), None
    )

    assert (film.seconds, len(film.shots), film.style) == (30, 5, "nature")
    assert film.title == "A nature documentary: a hedgehog crosses a garden"


@pytest.mark.parametrize(
    ("brief", "character"),
    [
        ("灯台守が古い手紙を見つける。彼はそれを開く。", "灯台守"),
        ("حارس المنارة يجد رسالة قديمة", "حارس المنارة"),
        ("Смотритель маяка находит письмо. Она открывает его.", "Смотритель маяка"),  # noqa: RUF001 -- Russian
    ],
)
def test_a_brief_in_another_script_keeps_its_words_and_its_hero(brief: str, character: str) -> None:
    film = plan(Wishes(brief=brief), None)

    assert all(character in prompt for prompt in texts(film))
    assert film.shots[0].characters == [character]


def test_directions_are_obeyed_and_not_filmed() -> None:
    film = plan(Wishes(brief="30 seconds, six shots, vertical, noir, funny: a cat steals a fish"), None)

    assert (film.seconds, len(film.shots), film.aspect_ratio) == (30, 6, "9:16")
    assert (film.style, film.tone) == ("noir", "comedy")
    assert not any("vertical" in prompt or "six shots" in prompt for prompt in texts(film))


def test_unknown_words_are_taken_as_they_are() -> None:
    film = plan(Wishes(brief=KEEPER, style="faded wallpaper", mood="like a Tuesday"), None)

    assert film.style == "faded wallpaper"
    assert all("faded wallpaper" in prompt and "like a Tuesday mood" in prompt for prompt in texts(film))


def test_no_invisible_character_reaches_a_prompt() -> None:
    film = plan(Wishes(brief="A cat\u202e sleeps\u0000\n\n\u200bsoftly"), None)

    assert all(prompt == clean(prompt) for prompt in texts(film))


@pytest.mark.parametrize(
    ("wishes", "what", "why"),
    [
        (Wishes(), "brief", "say in words"),
        (Wishes(brief=" ?! "), "brief", "say in words"),
        (Wishes(brief="\ud800 a"), "brief", "half a character"),
        (Wishes(brief="a" * (BRIEF_CHARACTERS_MAX + 1)), "brief", "20,000"),
        (Wishes(brief=KEEPER, shots=0), "shots", "1 to 60"),
        (Wishes(brief=KEEPER, shots=61), "shots", "1 to 60"),
        (Wishes(brief=KEEPER, seconds=0), "seconds", "1 to 3,600"),
        (Wishes(brief=KEEPER, seconds=10**18), "seconds", "1 to 3,600"),
        (Wishes(brief=KEEPER, seconds=2), "seconds", "2 s cannot be split into shots of 3 to 12 s; 3 s can"),
        (Wishes(brief=KEEPER, seconds=30, shots=2), "seconds", "2 shots of 3 to 12 s; 24 s can"),
        (
            Wishes(brief=KEEPER, template="opera"),
            "template",
            "silent-film, trailer, explainer, product-launch, tutorial, credit-utilization, scene",
        ),
        (Wishes(brief=KEEPER, style="x" * 121), "style", "120"),
    ],
)
def test_what_cannot_be_had_is_refused_with_what_can(wishes: Wishes, what: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan(wishes, None)

    assert refused.value.what == what
    assert why in refused.value.why


def test_a_length_nobody_asked_for_bends_to_the_video_model() -> None:
    assert plan(Wishes(), DJANGO, offered=(4, 8, 12)).seconds in {28, 32}
    with pytest.raises(Invalid, match="28 s or 32 s can"):
        plan(Wishes(seconds=30), DJANGO, offered=(4, 8, 12))


# --- What holds for every plan


@given(WISHES, st.none() | PROFILES, OFFERS)
@settings(max_examples=120, deadline=None)
def test_every_plan_is_sound(wishes: Wishes, profile: RepoProfile | None, offered: tuple[int, ...]) -> None:
    film = planned(wishes, profile, offered)

    if film is None:
        return
    assert film == plan(wishes, profile, offered=offered)
    assert film == read_shots(film.model_dump_json())
    assert [shot.shot_id for shot in film.shots] == [f"shot_{n:03}" for n in range(1, len(film.shots) + 1)]
    assert all(shot.duration in offered for shot in film.shots)
    assert wishes.shots in {None, len(film.shots)}
    for before, shot in zip([None, *film.shots], film.shots, strict=False):
        assert shot.camera in CAMERAS
        assert sum(phrase in shot.enhanced_prompt for phrase in CAMERA_PHRASES.values()) == 1
        assert len(shot.caption or "") <= 90
        assert before is None or before.shot_type != shot.shot_type
        assert_prompt(shot)


def assert_prompt(shot: Shot) -> None:
    prompt = shot.enhanced_prompt
    assert len(MARKS.findall(prompt)) in {1, 2}, prompt
    if is_spaced(prompt):
        assert WORDS_MIN <= len(prompt.split()) <= WORDS_MAX, prompt


@given(st.integers(1, 400), OFFERS, st.none() | PROFILES)
@settings(max_examples=60, deadline=None)
def test_the_wished_seconds_are_met_exactly_or_refused(
    seconds: int, offered: tuple[int, ...], profile: RepoProfile | None
) -> None:
    film = planned(Wishes(brief=KEEPER, seconds=seconds), profile, offered)

    if film:
        assert film.seconds == seconds
        assert all(shot.duration in offered for shot in film.shots)
    elif offered == OFFERED:
        assert seconds < 3
    else:
        assert seconds % offered[0] or seconds > SHOTS_MAX * offered[-1]


# --- Wishes in plain words


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("A 45 second cyberpunk film in 9:16", {"seconds": 45, "style": "cyberpunk", "aspect_ratio": "9:16"}),
        ("half a minute of silent film", {"seconds": 30, "style": "silent film", "template": "silent-film"}),
        ("six shots of 5 seconds, noir", {"seconds": 30, "shots": 6, "style": "noir"}),
        ("10 shots, 5 seconds each, documentary style", {"seconds": 50, "shots": 10, "style": "documentary"}),
        ("make it 20s, square, calm mood", {"seconds": 20, "aspect_ratio": "1:1", "mood": "calm"}),
        ("30秒の縦型動画: 猫が走る", {"seconds": 30, "aspect_ratio": "9:16"}),
        (
            "a funny 90-second trailer for my project",
            {"seconds": 90, "tone": "comedy", "template": "trailer"},
        ),
        ("he waits 30 seconds", {}),
        ("as it rains, two spies meet", {}),
        ("as a dialogue: two spies meet", {"pattern": "dialogue"}),
        ("a man cooking dinner for his sad dog", {}),
        ("a vertical cliff", {}),
        ("one shot", {"shots": 1}),
        ("0 shots", {"shots": 0}),
    ],
)
def test_wishes_are_read_from_plain_words(text: str, wishes: dict[str, object]) -> None:
    assert wishes_from(text) == Wishes(brief=text, **wishes)  # pyright: ignore[reportArgumentType] -- a table of fields


def test_a_wish_by_name_wins_over_one_between_the_words() -> None:
    film = plan(Wishes(brief=f"six shots, noir: {KEEPER}", shots=3, style="anime"), None)

    assert (len(film.shots), film.style) == (3, "anime")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HTTPStatusError", ("http", "status", "error")),
        ("retry_policies", ("retry", "policy")),
        ("Cookies", ("cooky",)),
        ("is_valid2", ("is", "valid", "2")),
        ("名前", ()),
    ],
)
def test_names_are_split_as_programmers_write_them(name: str, words: tuple[str, ...]) -> None:
    assert split_name(name) == words


def test_the_subject_is_found_by_the_shape_of_the_sentence() -> None:
    assert subject_of("Emma climbs the stairs", english=True) == "Emma"
    assert subject_of("A sad robot cooking dinner", english=True) == "A sad robot"
    assert subject_of("Rain on a window", english=True) == ""
    assert not is_english("Ein Mann sucht seinen Hut")
    assert len(read_story("He runs, then he falls; it rains.", library()).ideas) == 3


# --- Edits


FILM = plan(Wishes(brief=KEEPER, style="noir", mood="tense"), None)


def test_a_changed_shot_keeps_its_person_camera_and_look() -> None:
    film = change(FILM, 3, "he drops the letter into the sea")

    shot, old = film.shots[2], FILM.shots[2]
    assert shot.enhanced_prompt.startswith(
        "A lighthouse keeper drops the letter into the sea. Slow pan, insert shot,"
    )
    assert shot.caption == "A lighthouse keeper drops the letter into the sea."
    assert (shot.shot_id, shot.duration, shot.styles, shot.mood) == (
        old.shot_id,
        old.duration,
        old.styles,
        old.mood,
    )
    assert [*film.shots[:2], *film.shots[3:]] == [*FILM.shots[:2], *FILM.shots[3:]]


def test_camera_size_and_seconds_are_orders_and_leave_the_picture() -> None:
    film = change(FILM, 1, "make it a slow pan, close-up, 8 seconds")

    shot, old = film.shots[0], FILM.shots[0]
    assert (shot.camera, shot.shot_type, shot.duration, shot.caption) == (
        "slow pan",
        "close-up",
        8,
        old.caption,
    )
    assert shot.enhanced_prompt.startswith(old.enhanced_prompt.split(". ")[0] + ". Slow pan, close-up,")


@pytest.mark.parametrize(
    ("text", "camera"),
    [("static", "static"), ("push in", "push-in"), ("glide", "glide"), ("slow pan", "slow pan")],
)
def test_every_camera_word_is_understood(text: str, camera: str) -> None:
    assert change(FILM, 2, f"she reads, {text}").shots[1].camera == camera


def test_an_inserted_shot_joins_the_people_and_gets_a_free_id() -> None:
    film = insert(FILM, 2, "he lights the lamp, 4 seconds")

    assert len(film.shots) == 6
    assert (film.shots[1].shot_id, film.shots[1].duration) == ("shot_006", 4)
    assert film.shots[1].enhanced_prompt.startswith("A lighthouse keeper lights the lamp.")
    assert insert(FILM, 6, "the sun rises").shots[5].shot_number == 6


def test_shots_change_places_and_keep_their_ids() -> None:
    assert [s.shot_id[-1] for s in swap(FILM, 1, 5).shots] == ["5", "2", "3", "4", "1"]
    assert [s.shot_id[-1] for s in move(FILM, 1, 3).shots] == ["2", "3", "1", "4", "5"]
    assert [s.shot_id[-1] for s in remove(FILM, 2).shots] == ["1", "3", "4", "5"]


def test_another_style_changes_the_look_and_not_the_story() -> None:
    film = restyle(FILM, style="anime", aspect_ratio="1:1")

    assert (film.style, film.aspect_ratio, film.mood) == ("anime", "1:1", "tense")
    assert [p.split(". ")[0] for p in texts(film)] == [p.split(". ")[0] for p in texts(FILM)]
    assert all("anime film" in p and "noir" not in p for p in texts(film))


def test_a_foreign_prompt_keeps_all_its_words_under_another_style() -> None:
    foreign = read_shots(
        [{"shot_id": "a", "enhanced_prompt": "8K establishing shot, worn desk, f/2.8. Rain."}]
    )

    prompt = restyle(foreign, style="noir").shots[0].enhanced_prompt

    assert prompt.startswith(
        "8K establishing shot, worn desk, f/2.8. Rain. Static camera, wide shot, film noir"
    )


def test_a_film_is_resized_in_proportion() -> None:
    film = resize(retime(FILM, 1, 10), 60, OFFERED)

    assert film.seconds == 60
    assert film.shots[0].duration == max(shot.duration for shot in film.shots)
    with pytest.raises(Invalid, match="5 shots of 5, 10 s; 25 s or 30 s can"):
        resize(FILM, 26, (5, 10))


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda: change(FILM, 6, "x"), "this film has shots 1 to 5, not 6"),
        (lambda: change(FILM, 1, " \n "), "say what should change"),
        (lambda: change(FILM, 1, "99 seconds"), "1 to 60 seconds, not 99"),
        (lambda: retime(FILM, 1, 0), "1 to 60 seconds, not 0"),
        (lambda: remove(read_shots([{"shot_id": "a", "enhanced_prompt": "x"}]), 1), "at least one shot"),
        (lambda: swap(FILM, 0, 1), "1 to 5, not 0"),
        (lambda: move(FILM, 1, 6), "1 to 5, not 6"),
        (lambda: insert(FILM, 7, "x"), "shot 1 to 6, not 7"),
        (lambda: insert(FILM, 1, "5 seconds"), "say what is seen"),
        (lambda: insert(plan(Wishes(brief=KEEPER, shots=60), None), 1, "a cat"), "at most 60"),
        (lambda: restyle(FILM, style=""), "1 to 120"),
    ],
)
def test_an_edit_out_of_range_says_the_range(edit: object, why: str) -> None:
    assert callable(edit)
    with pytest.raises(Invalid) as refused:
        edit()

    assert why in refused.value.why


EDITS = st.one_of(
    st.tuples(st.just(change), st.integers(-1, 8), st.text(max_size=60) | SENTENCES),
    st.tuples(st.just(insert), st.integers(-1, 8), st.text(max_size=60) | SENTENCES),
    st.tuples(st.just(retime), st.integers(-1, 8), st.integers(-1, 70)),
    st.tuples(st.just(remove), st.integers(-1, 8)),
    st.tuples(st.just(swap), st.integers(-1, 8), st.integers(-1, 8)),
    st.tuples(st.just(move), st.integers(-1, 8), st.integers(-1, 8)),
    st.tuples(st.just(resize), st.integers(-1, 200), OFFERS),
)


@given(st.none() | PROFILES, st.lists(EDITS, max_size=8))
@settings(max_examples=60, deadline=None)
def test_edits_in_any_order_leave_a_sound_film(
    profile: RepoProfile | None, edits: list[tuple[object, ...]]
) -> None:
    film = plan(Wishes(brief=KEEPER), profile)
    for edit, *arguments in edits:
        assert callable(edit)
        before = film.model_copy(deep=True)
        try:
            edited: object = edit(film, *arguments)
        except Invalid:
            edited = film
        assert film == before
        assert isinstance(edited, ShotList)
        film = restyle(edited, mood="tense")

    assert film == read_shots(film.model_dump_json())
    assert [shot.shot_number for shot in film.shots] == list(range(1, len(film.shots) + 1))
    for shot in film.shots:
        assert_prompt(shot)
