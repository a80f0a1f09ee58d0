"""Which metaphor a name earns: the rarer concept, the better evidenced one, and what the name really says."""

from tools.repo.profile import Concept, ErrorUse, Place, RepoProfile
from tools.shots import Evidence
from tools.story import extend, library, read_metaphors
from tools.story.match import Gag, find_gags
from tools.story.rarity import as_term, rarity


def profile(*names: str, errors: tuple[str, ...] = (), purpose: str = "") -> RepoProfile:
    """A repository in which every name weighs the same."""
    return RepoProfile(
        root="/src/any",
        name="any",
        purpose=purpose,
        concepts=tuple(Concept("class", name, "any/a.py", n, 0.5) for n, name in enumerate(names, 1)),
        errors=tuple(ErrorUse(name, 3, 1, (Place("any/b.py", n),)) for n, name in enumerate(errors, 1)),
    )


def gags(found: RepoProfile, brief: str = "") -> tuple[Gag, ...]:
    return tuple(gag for gag in find_gags(found, library().metaphors, brief) if gag.score > 0)


def concepts(found: RepoProfile, brief: str = "") -> list[tuple[str, str]]:
    return [(gag.name, gag.metaphor.concept) for gag in gags(found, brief)]


def test_a_concept_is_the_rarer_the_fewer_packages_have_it() -> None:
    table = rarity()

    assert table.packages >= 50
    assert table.of(as_term("nobody says this")) == 1
    assert table.of(as_term("import error")) < table.of(as_term("cache")) < table.of(as_term("blueprint"))
    assert all(0 < count <= table.packages for count in table.seen.values())


def test_of_two_names_that_weigh_the_same_the_rarer_concept_comes_first() -> None:
    assert concepts(profile("Request", "Blueprint", "Cache"))[:3] == [
        ("Blueprint", "router"),
        ("Cache", "cache"),
        ("Request", "request and response"),
    ]


def test_a_concept_that_several_names_speak_of_comes_before_one_that_a_single_name_does() -> None:
    alone, backed = profile("Cookie", "Queue"), profile("Cookie", "Queue", "JobQueue", "TaskQueue")

    assert [concept for _, concept in concepts(alone)[:2]] == ["cookie", "queue"]
    assert concepts(backed)[0][1] == "queue"


def test_the_last_word_of_an_errors_name_says_what_went_wrong() -> None:
    assert concepts(profile(errors=("QueueTimeout",)))[0] == ("QueueTimeout", "timeout")
    assert concepts(profile(errors=("TimeoutQueueError",)))[0] == ("TimeoutQueueError", "queue")


def test_the_longest_term_in_a_name_is_what_it_says() -> None:
    found = concepts(profile(errors=("TemplateSyntaxError",)))

    assert found[0] == ("TemplateSyntaxError", "parser")
    assert ("ValueError", "type error") in concepts(profile(errors=("ValueError",)))


def test_a_persons_own_word_counts_inside_a_longer_one_of_the_house() -> None:
    text = '[[metaphor]]\nid = "pan"\nconcept = "syntax"\nterms = ["syntax"]\naction = "drops a pan"\ntitle_card = "{name}"\napproved = true\n'
    books = extend(library(), read_metaphors(text))

    found = find_gags(profile(errors=("TemplateSyntaxError",)), books.metaphors)

    assert (found[0].name, found[0].metaphor.id) == ("TemplateSyntaxError", "pan")


def test_words_are_whole_words_in_every_way_of_writing_them() -> None:
    for name in ("CacheControl", "cache_control", "CACHE_CONTROL", "cacheControl"):
        assert concepts(profile(name))[0] == (name, "cache")
    assert "cache" not in {concept for _, concept in concepts(profile("Cachet", "Escacher"))}


def test_a_word_of_many_meanings_waits_for_its_neighbours_or_for_a_person() -> None:
    assert ("User", "permission") not in concepts(profile("User"))
    assert ("User", "permission") in concepts(profile("User", "LoginForm"))
    assert ("User", "permission") in concepts(profile("User", purpose="Sessions for your site."))
    assert ("User", "permission") in concepts(profile("User"), brief="a film about the user")


def test_a_metaphor_of_ones_own_may_doubt_its_words_too() -> None:
    text = '[[metaphor]]\nid = "crane"\nconcept = "crane"\nterms = ["crane"]\naction = "lifts a house"\ntitle_card = "{name}"\napproved = true\n[metaphor.beside]\ncrane = ["harbour"]\n'
    crane = read_metaphors(text)

    assert find_gags(profile("Crane"), crane) == ()
    assert [gag.name for gag in find_gags(profile("Crane", "HarbourMaster"), crane)] == ["Crane"]


def test_a_gag_points_at_the_line_of_its_name() -> None:
    found = {gag.name: gag.evidence for gag in gags(profile("Cache", errors=("QueueFull",)))}

    assert found["Cache"] == (Evidence(path="any/a.py", line=1),)
    assert found["QueueFull"] == (Evidence(path="any/b.py", line=1),)
