"""Cuts, locks and undo: what an edit leaves alone, and what becomes of an offer that was made before."""

import pytest
from conftest import Floor
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.edits import Edit, edited, edited_all
from tools import conversations, quotes
from tools.errors import Invalid
from tools.estimate import Offer, plans_within
from tools.money import Money
from tools.prices import load_book
from tools.shots import ShotList, is_locked, read_shots
from tools.story import OFFERED, Wishes, differences, keep_locked, lock, merge, plan, rescale, split
from tools.story.edit import change, move, remove, resize, restyle, retime

FILM = plan(Wishes(brief="A lighthouse keeper finds a letter", style="noir"), None)


def seconds(film: ShotList) -> list[int]:
    return [shot.duration for shot in film.shots]


def ids(film: ShotList) -> list[str]:
    return [shot.shot_id for shot in film.shots]


def test_a_shot_is_cut_in_two_and_not_a_second_is_lost() -> None:
    film = split(FILM, 2)

    assert (len(film.shots), film.seconds) == (6, FILM.seconds)
    assert seconds(film)[1:3] == [3, 2]
    assert ids(film)[1:3] == ["shot_002", "shot_006"]
    assert film.shots[1].enhanced_prompt == FILM.shots[1].enhanced_prompt
    assert film.shots[2].shot_type not in {film.shots[1].shot_type, film.shots[3].shot_type}
    assert film.shots[2].enhanced_prompt.startswith("A lighthouse keeper finds a letter.")


def test_the_second_half_may_show_something_else() -> None:
    film = split(FILM, 2, "he reads it aloud")

    assert film.shots[2].enhanced_prompt.startswith("A lighthouse keeper reads it aloud.")
    assert film.shots[2].caption == "A lighthouse keeper reads it aloud."


def test_two_shots_become_one_as_long_as_both() -> None:
    film = merge(change(FILM, 3, "he lights the lamp"), 3, 2)

    assert (len(film.shots), film.seconds) == (4, FILM.seconds)
    assert film.shots[1].shot_id == "shot_002"
    assert film.shots[1].enhanced_prompt.startswith(
        "A lighthouse keeper finds a letter, then a lighthouse keeper lights the lamp."
    )


def test_what_was_cut_can_be_put_together_again() -> None:
    film = merge(split(FILM, 2), 2, 3)

    assert seconds(film) == seconds(FILM)
    assert film.shots[1].enhanced_prompt == FILM.shots[1].enhanced_prompt


def test_a_locked_shot_is_not_touched_by_any_edit_of_the_whole() -> None:
    film = lock(FILM, 2)
    kept = film.shots[1]

    for after in (
        rescale(film, OFFERED, longer=False),
        rescale(film, OFFERED, longer=True),
        resize(film, 40, OFFERED),
        restyle(film, style="anime", mood="epic"),
        remove(film, 1),
        move(film, 2, 4),
    ):
        found = next(shot for shot in after.shots if shot.shot_id == kept.shot_id)
        assert found.model_copy(update={"shot_number": 2}) == kept
    assert (
        rescale(film, OFFERED, longer=False).seconds
        < film.seconds
        < rescale(film, OFFERED, longer=True).seconds
    )
    assert resize(film, 40, OFFERED).seconds == 40


@pytest.mark.parametrize("action", ["change", "retime", "remove", "split", "merge"])
def test_a_locked_shot_says_so_until_it_is_unlocked(action: str) -> None:
    each = Edit.model_validate({"action": action, "shot": 2, "text": "rain falls", "seconds": 4})
    film = lock(FILM, 2)

    with pytest.raises(Invalid, match="shot 2 is locked; unlock it"):
        edited(film, each)
    assert edited(lock(film, 2, locked=False), each) == edited(FILM, each) != FILM
    assert lock(film, 2, locked=False) == FILM


def test_a_new_plan_keeps_the_locked_shots_in_their_places_and_its_own_length() -> None:
    before = lock(retime(FILM, 3, 9), 3)
    after = plan(Wishes(brief="A baker chases a runaway loaf", seconds=30, shots=6), None)

    film = keep_locked(before, after, OFFERED)

    assert film.shots[2] == before.shots[2]
    assert (len(film.shots), film.seconds) == (6, 30)
    assert len(set(ids(film))) == 6
    assert film.shots[0].enhanced_prompt == after.shots[0].enhanced_prompt


def test_a_plan_within_a_limit_leaves_locked_shots_as_they_are() -> None:
    prices = load_book()
    row = next(row for row in prices.rows if row.provider == "rehearsal" and row.kind == "video")
    offer = Offer(row.provider, row.model, row.resolution or "720p")
    film = lock(FILM, 2)

    found = plans_within(Money.usd("0.5"), film, [offer], prices, row.as_of, any_may_go=True)

    assert found
    assert all(film.shots[1].duration in seconds(each.shots) for each in found)
    assert all(2 not in each.left_out for each in found)


def test_a_lock_is_kept_in_the_shots_file() -> None:
    film = read_shots(lock(FILM, 4).model_dump_json())

    assert [is_locked(shot) for shot in film.shots] == [False, False, False, True, False]


def test_the_difference_names_only_what_changed() -> None:
    after = edited_all(
        FILM,
        [
            Edit(action="change", shot=2, text="he burns the letter"),
            Edit(action="retime", shot=4, seconds=8),
            Edit(action="lock", shot=5),
            Edit(action="remove", shot=3),
        ],
    )

    assert differences(FILM, after) == [
        "shot 2: A lighthouse keeper burns the letter.",
        "shot 3: 5 s is 8 s now",
        f"shot 3 is gone: {FILM.shots[2].caption}",
        "shot 4: locked",
    ]
    assert differences(FILM, FILM) == []


def test_the_difference_names_how_a_shot_is_seen_now_and_where_it_was() -> None:
    tense = edited(FILM, Edit(action="refine", shot=3, text="more tension"))
    turned = edited(FILM, Edit(action="swap", shot=1, other=2))

    assert differences(FILM, tense) == [
        'shot 3: push-in instead of slow pan, tension, "Slow push-in, tense, a held breath, hard light, long shadows,"'
    ]
    assert differences(FILM, turned) == ["shot 1: was shot 2", "shot 2: was shot 1"]
    assert differences(FILM, edited(FILM, Edit(action="insert", shot=1, text="The sea at dawn"))) == [
        "shot 1 is new: The sea at dawn."
    ]


@pytest.mark.parametrize(
    ("each", "why"),
    [
        (Edit(action="undo"), "undo stands alone"),
        (Edit(action="split"), "is needed for this edit"),
        (Edit(action="merge", shot=5), "this film has shots 1 to 5, not 6"),
        (Edit(action="merge", shot=1, other=3), "only shots that follow each other"),
        (Edit(action="split", shot=9), "1 to 5, not 9"),
        (Edit(action="lock", shot=0), "1 to 5, not 0"),
    ],
)
def test_an_edit_that_cannot_be_made_says_why(each: Edit, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        edited(FILM, each)


def test_a_film_of_locked_shots_has_one_length() -> None:
    film = edited_all(FILM, [Edit(action="lock", shot=n) for n in range(1, 6)])

    with pytest.raises(Invalid, match="every shot is locked"):
        rescale(film, OFFERED, longer=True)
    with pytest.raises(Invalid, match="locked shots keep 25 of 40 s"):
        resize(film, 40, OFFERED)


@given(
    st.lists(
        st.tuples(st.sampled_from(["split", "merge", "lock", "unlock", "change"]), st.integers(1, 9)),
        max_size=10,
    )
)
@settings(max_examples=25, deadline=None)
def test_cuts_in_any_order_keep_the_seconds_and_what_is_locked(steps: list[tuple[str, int]]) -> None:
    film = FILM
    for action, n in steps:
        kept = {shot.shot_id: shot.enhanced_prompt for shot in film.shots if is_locked(shot)}
        try:
            film = edited(film, Edit.model_validate({"action": action, "shot": n, "text": "he waves"}))
        except Invalid:
            continue
        now = {shot.shot_id: shot.enhanced_prompt for shot in film.shots}
        assert all(now[shot_id] == prompt for shot_id, prompt in kept.items())

    assert film.seconds == FILM.seconds
    assert film == read_shots(film.model_dump_json())


async def test_undo_goes_back_step_by_step_and_an_edit_begins_from_there(floor: Floor) -> None:
    second, third = change(FILM, 1, "rain"), change(FILM, 1, "snow")
    now = floor.clock()

    async with floor.database.transaction() as connection:
        await conversations.enter(connection, "c1", "ann", "a film", now)
        for film in (FILM, second, third):
            await conversations.keep_plan(connection, "c1", film, now)
        for expected in (second, FILM):
            version, film = await conversations.plan_before(connection, "c1")
            assert film == expected
            await conversations.keep_plan(connection, "c1", film, now, restores=version)
        with pytest.raises(Invalid, match="nothing to undo"):
            await conversations.plan_before(connection, "c1")
        await conversations.keep_plan(connection, "c1", third, now)

        assert (await conversations.plan_before(connection, "c1"))[1] == FILM
        assert await conversations.plan_of(connection, "c1") == third
        assert await conversations.plan_at(connection, "c1", 2) == second
        assert await conversations.plan_at(connection, "c1", 5) == FILM  # the undo that restored it
        with pytest.raises(Invalid, match="versions 1 to 6, not 7"):
            await conversations.plan_at(connection, "c1", 7)


async def test_a_new_plan_closes_the_open_offer_and_prices_only_what_changed(floor: Floor) -> None:
    async with floor.database.transaction() as connection:
        await conversations.enter(connection, "c1", "ann", "a film", floor.clock())
    first = await floor.quote(FILM, conversation_id="c1")
    other = await floor.quote(FILM)

    async with floor.database.transaction() as connection:
        await quotes.supersede(connection, "c1", by="ann", at=floor.clock())
    second = await floor.quote(retime(FILM, 2, 8), conversation_id="c1")

    assert (await floor.stored(first)).state == "superseded"
    assert [(await floor.stored(each)).state for each in (other, second)] == ["issued", "issued"]
    same = [a.body_sha256 == b.body_sha256 for a, b in zip(first.lines, second.lines, strict=True)]
    assert same == [True, False, True, True, True]
