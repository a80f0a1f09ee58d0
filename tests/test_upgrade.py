"""A draft of the whole film first, then a better model for the shots that matter: the others stay as they are."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.conftest import BOTH, Clock, Floor, billed, check_books, film_of, rows
from tests.test_stills import picture, selling, stills
from tools import clips, jobs, quotes, receipts
from tools.errors import CannotRender, DigestMismatch, Invalid
from tools.estimate import Offer, Take
from tools.money import ZERO, Money
from tools.quotes import Quote, Terms
from tools.quotes.rows import line_row_of, read, row_of
from tools.shots import Shot, ShotList
from tools.studio import Config

DATABASES = BOTH
PREMIUM = Offer("rehearsal", "rehearsal-premium", "720p")
FILM = film_of(3, seconds=2)


async def rendered(floor: Floor, shots: ShotList = FILM, offer: Offer | None = None, **facts: Any) -> Quote:
    """Offered, approved and made, its film as well."""
    chosen = offer or floor.studio.offer("rehearsal", "rehearsal-draft", "480p")
    issued = await floor.studio.quote(shots, chosen, owner="ann", **facts)
    await floor.approve(issued)
    await floor.finish(issued)
    await floor.work()
    return issued


async def takes_in(floor: Floor, offer: Quote) -> list[str | None]:
    """The clip of each line: the one that stayed, or the one that was made for it."""
    made: dict[int, jobs.Job] = {job.n: job for job in await floor.jobs(offer)}
    return [line.reused_clip_id or made[line.n].clip_id for line in offer.lines]


async def staying(floor: Floor, shots: ShotList, owner: str) -> list[str | None]:
    """What would stay where the second shot is rendered."""
    kept = await floor.studio.kept(shots, owner, [2])
    return [kept[n].clip_id for n in sorted(kept)]


def anything(_take: Take, _shot: Shot) -> bool:
    return True


def models(offer: Quote) -> list[str]:
    return [line.body["model"] for line in offer.lines]


async def test_the_chosen_shots_are_rendered_anew_and_the_others_stay_for_nothing(
    floor: Floor, tmp_path: Path
) -> None:
    draft = await rendered(floor)
    before, bill = await takes_in(floor, draft), billed(tmp_path)
    better = await rendered(floor, offer=PREMIUM, only=[2])
    after = await takes_in(floor, better)
    async with floor.database.reading() as connection:
        stored = await quotes.get(connection, better.id)
        receipt = await receipts.receipt(connection, better.id)
    whole = await floor.film(better)

    assert [str(line.ceiling) for line in better.lines] == ["0.00", "0.63", "0.00"]
    assert models(better) == ["rehearsal-draft", "rehearsal-premium", "rehearsal-draft"]
    assert [job.n for job in await floor.jobs(better)] == [2]
    assert billed(tmp_path) == bill + Money.usd("0.60")
    assert (after[0], after[2]) == (before[0], before[2])
    assert better.notes == ("shots 1 and 3 stay as made by rehearsal-draft in 480p",)
    assert (stored, quotes.verify(stored)) == (await floor.stored(better), True)
    assert [line["state"] for line in receipt["lines"]] == ["reused", "succeeded", "reused"]
    assert receipt["balanced"]
    assert whole is not None
    assert whole.seconds == pytest.approx(6, abs=0.1)
    await check_books(floor.database)


async def test_a_line_says_by_whom_and_how_its_take_was_made(floor: Floor) -> None:
    await rendered(floor)
    better = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])

    assert [(line["model"], line["resolution"]) for line in better.to_json()["lines"]] == [
        ("rehearsal-draft", "480p"),
        ("rehearsal-premium", "720p"),
        ("rehearsal-draft", "480p"),
    ]


async def test_a_second_upgrade_keeps_the_first(floor: Floor) -> None:
    await rendered(floor)
    await rendered(floor, offer=PREMIUM, only=[2])
    floor.clock.move(minutes=1)
    again = await rendered(floor, offer=PREMIUM, only=[3])

    assert models(again) == ["rehearsal-draft", "rehearsal-premium", "rehearsal-premium"]
    assert again.expected == Money.usd("0.60")


async def test_the_newest_film_says_which_take_a_shot_has(floor: Floor) -> None:
    await rendered(floor)
    floor.clock.move(minutes=1)
    await rendered(floor, offer=PREMIUM)
    floor.clock.move(minutes=1)
    await rendered(floor)  # of clips that are owned, for nothing: the draft counts again
    later = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[1])

    assert models(later) == ["rehearsal-premium", "rehearsal-draft", "rehearsal-draft"]
    assert later.ceiling == ZERO  # this one was paid for, too


async def test_a_shot_that_was_changed_since_is_drawn_until_it_is_chosen(floor: Floor) -> None:
    await rendered(floor)
    shots = FILM.shots
    changed = FILM.with_shots(
        [*shots[:2], shots[2].model_copy(update={"enhanced_prompt": "A lighthouse, in the rain"})]
    )

    one = await floor.studio.quote(changed, PREMIUM, owner="ann", only=[2])
    both = await floor.studio.quote(changed, PREMIUM, owner="ann", only=[2, 3])

    assert models(one) == ["rehearsal-draft", "rehearsal-premium", "animatic"]
    assert one.notes == (
        "shot 1 stays as made by rehearsal-draft in 480p",
        "shot 3 stays as drawn here",
    )
    assert models(both) == ["rehearsal-draft", "rehearsal-premium", "rehearsal-premium"]


async def test_one_shot_can_be_tried_before_the_film_is_paid_for(floor: Floor, tmp_path: Path) -> None:
    """What was never rendered is in the film as the animatic draws it."""
    first = await rendered(floor, offer=PREMIUM, only=[2])
    clip = await floor.film(first)
    async with floor.database.reading() as connection:
        receipt = await receipts.receipt(connection, first.id)

    assert [str(line.ceiling) for line in first.lines] == ["0.00", "0.63", "0.00"]
    assert billed(tmp_path) == Money.usd("0.60")
    assert [line["state"] for line in receipt["lines"]] == ["drawn", "succeeded", "drawn"]
    assert clip is not None
    assert (clip.seconds, clip.height) == (pytest.approx(6, abs=0.1), 360)
    await check_books(floor.database)


async def test_an_estimate_draws_nothing(floor: Floor) -> None:
    priced = await floor.studio.estimate(FILM, PREMIUM, "ann", [2])

    assert (str(priced.expected), [line.n for line in priced.made]) == ("0.60", [2])
    assert [line["reused_clip_id"] for line in priced.to_json()["lines"]] == [None] * 3
    assert await rows(floor.database, "SELECT * FROM clip") == []


async def test_a_take_in_another_format_is_no_take_of_this_film(floor: Floor) -> None:
    await rendered(floor)
    upright = FILM.model_copy(update={"aspect_ratio": "9:16"})

    assert await staying(floor, upright, "ann") == [None, None]


async def test_a_shot_of_another_length_is_drawn_until_it_is_chosen(floor: Floor) -> None:
    await rendered(floor)
    longer = FILM.with_shots([FILM.shots[0].model_copy(update={"duration": 9}), *FILM.shots[1:]])
    better = await floor.studio.quote(longer, PREMIUM, owner="ann", only=[2])

    assert [(line.seconds, line.body["model"]) for line in better.lines] == [
        (9, "animatic"),
        (2, "rehearsal-premium"),
        (2, "rehearsal-draft"),
    ]


async def test_of_two_shots_with_the_same_words_each_keeps_its_own_take(floor: Floor) -> None:
    one, two, _ = FILM.shots
    twice = FILM.with_shots([one, two, one.model_copy(update={"shot_id": "again"})])
    await rendered(floor, twice)
    first = await rendered(floor, twice, PREMIUM, only=[3])
    second = await rendered(floor, twice, PREMIUM, only=[2])
    turned = twice.with_shots([twice.shots[n] for n in (2, 0, 1)])
    third = await floor.studio.quote(turned, PREMIUM, owner="ann", only=[2])

    assert models(first) == ["rehearsal-draft", "rehearsal-draft", "rehearsal-premium"]
    assert models(second) == ["rehearsal-draft", "rehearsal-premium", "rehearsal-premium"]
    assert models(third) == ["rehearsal-premium"] * 3
    assert third.ceiling == ZERO


async def test_a_copy_of_a_shot_shares_its_take(floor: Floor) -> None:
    await rendered(floor)
    copied = FILM.with_shots([*FILM.shots, FILM.shots[0].model_copy(update={"shot_id": "copy"})])
    better = await floor.studio.quote(copied, PREMIUM, owner="ann", only=[2])

    assert better.lines[3].reused_clip_id == better.lines[0].reused_clip_id


async def test_an_upgrade_under_way_is_said_and_is_in_the_next_film(floor: Floor) -> None:
    """Its shot stays as it was in a film that is offered meanwhile."""
    await rendered(floor)
    first = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])
    await floor.approve(first)
    floor.clock.move(minutes=1)
    meanwhile = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[3])
    await floor.approve(meanwhile)
    again = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])
    for each in (first, meanwhile):
        await floor.finish(each)
    await floor.work()
    later = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[1])

    assert models(meanwhile) == ["rehearsal-draft", "rehearsal-draft", "rehearsal-premium"]
    assert "shot 2 is being rendered right now by rehearsal-premium" in meanwhile.notes
    assert "shots 2 and 3 are being rendered right now by rehearsal-premium" in again.notes
    assert models(later) == ["rehearsal-premium"] * 3
    assert later.expected == Money.usd("0.60")


async def test_a_take_that_only_stayed_never_counts_as_chosen(floor: Floor) -> None:
    """Not even beside an upgrade with the very settings that it was made with."""
    sharper = Offer("rehearsal", "rehearsal-draft", "720p")
    await rendered(floor)
    await rendered(floor, offer=sharper, only=[2])
    first = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])
    await floor.approve(first)
    floor.clock.move(minutes=1)
    meanwhile = await floor.studio.quote(FILM, sharper, owner="ann", only=[3])
    await floor.approve(meanwhile)
    for each in (first, meanwhile):
        await floor.finish(each)
    await floor.work()
    later = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[1])

    assert models(meanwhile)[1] == "rehearsal-draft"
    assert models(later) == ["rehearsal-premium", "rehearsal-premium", "rehearsal-draft"]


@pytest.mark.parametrize(
    ("state", "how"),
    [("unknown", "not heard of since it was sent"), ("quarantined", "held back until a person has looked")],
)
async def test_a_job_that_waits_for_a_person_is_not_said_to_render(
    floor: Floor, state: str, how: str
) -> None:
    first = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])
    await floor.approve(first)
    await floor.edit("UPDATE job SET state = :state WHERE quote_id = :id", id=first.id, state=state)

    with pytest.raises(Invalid, match=f"shot 2 is .*{how}"):
        await floor.studio.quote(FILM, PREMIUM, owner="ann", only="rest")


async def test_the_rest_are_the_shots_without_a_take(floor: Floor) -> None:
    await rendered(floor, offer=PREMIUM, only=[2])
    shots = FILM.shots
    changed = FILM.with_shots(
        [shots[1], shots[0], shots[2].model_copy(update={"enhanced_prompt": "A lighthouse, in the rain"})]
    )
    rest = await rendered(floor, changed, PREMIUM, only="rest")

    assert [str(line.ceiling) for line in rest.lines] == ["0.00", "0.63", "0.63"]
    with pytest.raises(Invalid, match="every shot has a take"):
        await floor.studio.quote(changed, PREMIUM, owner="ann", only="rest")


async def test_the_rest_of_a_film_without_takes_is_all_of_it(floor: Floor) -> None:
    rest = await floor.studio.quote(FILM, PREMIUM, owner="ann", only="rest")

    assert [str(line.ceiling) for line in rest.lines] == ["0.63"] * 3
    assert rest.notes == ()


async def test_nobody_knows_the_rest_while_a_shot_is_being_rendered(floor: Floor) -> None:
    first = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])
    await floor.approve(first)

    with pytest.raises(Invalid, match="shot 2 is being rendered right now"):
        await floor.studio.quote(FILM, PREMIUM, owner="ann", only="rest")


async def test_a_clip_that_was_lost_since_the_approval_is_drawn_in_the_film(floor: Floor) -> None:
    await rendered(floor)
    better = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])
    async with floor.database.reading() as connection:
        lost = await clips.get(connection, str(better.lines[0].reused_clip_id))
    floor.kit.shelf.path(lost.sha256).unlink()
    await floor.approve(better)
    await floor.finish(better)
    await floor.work()
    whole = await floor.film(better)

    assert whole is not None
    assert whole.seconds == pytest.approx(6, abs=0.1)


async def test_what_is_drawn_once_is_not_drawn_again(floor: Floor) -> None:
    first = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])
    again = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2, 3])
    requests = list((floor.kit.folder / "vendors" / "animatic").iterdir())

    assert again.lines[0].reused_clip_id == first.lines[0].reused_clip_id
    assert len(requests) == 2
    async with floor.database.reading() as connection:
        drawn = await clips.get(connection, str(first.lines[0].reused_clip_id))
    floor.kit.shelf.path(drawn.sha256).unlink()
    await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])
    assert floor.kit.shelf.has(drawn.sha256)


async def test_pictures_of_what_stays_are_not_looked_for(floor: Floor) -> None:
    """A picture that is gone concerns whom it would be sent to."""
    gone = FILM.shots[0].model_copy(update={"reference_images": ["sha256:" + "0" * 64]})
    film = FILM.with_shots([gone, *FILM.shots[1:]])

    better = await floor.studio.quote(film, PREMIUM, owner="ann", only=[2])

    assert [str(line.ceiling) for line in better.lines] == ["0.00", "0.63", "0.00"]


async def test_somebody_elses_takes_do_not_stay_in_a_film(floor: Floor) -> None:
    await rendered(floor)

    assert await staying(floor, FILM, "bob") == [None, None]


async def test_what_was_only_offered_or_lost_is_no_take(floor: Floor) -> None:
    await floor.quote(FILM)
    assert await staying(floor, FILM, "ann") == [None, None]

    draft = await rendered(floor)
    async with floor.database.reading() as connection:
        lost = await quotes.takes(connection, "ann", FILM, lambda _: False, anything)
        kept = await quotes.takes(connection, "ann", FILM, floor.kit.shelf.has, anything)

    assert lost == {}
    assert [kept[n].clip_id for n in (1, 2, 3)] == await takes_in(floor, draft)


@pytest.mark.parametrize("only", [[], [0], [4], [1, 1, 9], [-2]])
async def test_only_shots_of_the_film_can_be_chosen(floor: Floor, only: list[int]) -> None:
    with pytest.raises(Invalid, match="there are shots 1 to 3"):
        await floor.studio.quote(FILM, PREMIUM, owner="ann", only=only)


async def test_all_shots_chosen_are_the_whole_film(floor: Floor) -> None:
    whole = await floor.studio.quote(FILM, PREMIUM, owner="ann")
    chosen = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[3, 1, 2, 2])

    assert [(line.body, line.ceiling) for line in chosen.lines] == [
        (line.body, line.ceiling) for line in whole.lines
    ]


async def test_a_model_need_not_sell_what_stays(floor: Floor) -> None:
    """rehearsal-premium sells at most 15 seconds."""
    shots = film_of(2, seconds=2)
    long = shots.with_shots([shots.shots[0].model_copy(update={"duration": 16}), shots.shots[1]])
    await rendered(floor, long)

    with pytest.raises(CannotRender):
        await floor.studio.quote(long, PREMIUM, owner="ann")
    better = await floor.studio.quote(long, PREMIUM, owner="ann", only=[2])

    assert [line.seconds for line in better.lines] == [16, 2]


async def test_a_take_that_was_sold_longer_stays_as_long_as_it_is(floor: Floor) -> None:
    """The shortest clip of rehearsal-premium has two seconds."""
    short = film_of(2, seconds=1)
    await rendered(floor, short, PREMIUM)
    cheaper = await floor.studio.quote(
        short, Offer("rehearsal", "rehearsal-draft", "480p"), owner="ann", only=[1]
    )

    assert [line.seconds for line in cheaper.lines] == [1, 2]


async def test_a_take_stays_although_its_model_is_sold_no_more(floor: Floor) -> None:
    """As long as it is as long as its shot."""
    await rendered(floor)
    book = floor.studio.book
    left = replace(book, rows=tuple(row for row in book.rows if row.model != "rehearsal-draft"))
    later = replace(floor.studio, book=left)
    shots = FILM.shots
    other = FILM.with_shots(
        [
            shots[0].model_copy(update={"duration": 9}),
            shots[1],
            shots[2].model_copy(update={"duration": 1}),
        ]
    )
    better = await later.quote(other, PREMIUM, owner="ann", only=[2])

    assert models(better) == [
        "animatic",
        "rehearsal-premium",
        "rehearsal-draft",
    ]  # too short, and long enough


async def test_stills_first_then_a_clip_of_the_shot_that_matters(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with selling(config, clock, tmp_path, picture()) as (vendor, floor):
        await rendered(floor, offer=stills(floor))
        floor.clock.move(minutes=1)
        better = await rendered(floor, offer=PREMIUM, only=[2])
        stored = await floor.stored(better)
        clip = await floor.film(better)
        table = floor.studio.table(FILM, kept=await floor.studio.kept(FILM, "ann", [2]))
        await check_books(floor.database)

    assert vendor.posts == 3
    assert [line.kind for line in stored.lines] == ["image", "video", "image"]
    assert (stored.offer, quotes.verify(stored)) == (PREMIUM, True)
    assert stored.play_money
    assert clip is not None
    assert {row["expected_usd"] for row in table["rows"] if row["model"] == PREMIUM.model} == {"0.60"}


async def test_a_still_of_another_format_does_not_make_the_film_so(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    """Its picture is larger than any clip, and square."""
    async with selling(config, clock, tmp_path, picture((1024, 1024))) as (_, floor):
        await rendered(floor, offer=stills(floor))
        better = await rendered(floor, offer=PREMIUM, only=[2])
        clip = await floor.film(better)

    assert clip is not None
    assert clip.width * 9 == clip.height * 16


async def test_a_still_of_another_format_is_no_smaller_for_that(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    async with selling(config, clock, tmp_path, picture((1536, 1024))) as (_, floor):
        clip = await floor.film(await rendered(floor, offer=stills(floor), only=[2]))

    assert clip is not None
    assert (clip.width, clip.height) == (1536, 864)


async def test_an_offer_is_of_the_kind_that_it_would_make(floor: Floor) -> None:
    """Also where a clip that stays was made by a model of the same name, of another kind."""
    priced = await floor.studio.estimate(FILM, PREMIUM, "ann", [2])
    still = replace(priced.offer, kind="image")
    lines = [replace(line, offer=still if line.n == 2 else priced.offer) for line in priced.lines]
    kept = [line if line.n == 2 else replace(line, reused_clip_id="clip_there") for line in lines]
    terms = Terms("ann", "A film", Money.usd("5"), floor.clock(), timedelta(hours=1))
    issued = quotes.offer_of(replace(priced, offer=still, lines=tuple(kept)), terms)
    lines_as_stored = [SimpleNamespace(**line_row_of(issued.id, line)) for line in issued.lines]
    stored = SimpleNamespace(reason=None, superseded_by=None, **row_of(issued))

    assert quotes.verify(read(cast("Any", stored), cast("Any", lines_as_stored)))


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE quote_line SET reused_clip_id = (SELECT MIN(id) FROM clip WHERE kind = 'film') WHERE n = 1",
        "UPDATE quote_line SET body = REPLACE(body, 'picture 1', 'picture 9') WHERE n = 1",
        "UPDATE quote_line SET kind = 'image' WHERE n = 1",
    ],
)
async def test_no_line_that_stays_can_be_altered_behind_the_offer(floor: Floor, forged: str) -> None:
    await rendered(floor)
    better = await floor.studio.quote(FILM, PREMIUM, owner="ann", only=[2])
    await floor.edit(f"{forged} AND quote_id = :id", id=better.id)

    with pytest.raises(DigestMismatch):
        await floor.approve(better)
    assert await floor.jobs(better) == []


async def test_a_take_is_of_the_request_that_its_line_says(floor: Floor) -> None:
    """A hand in the database made the draft sharper than it was paid for."""
    draft = await rendered(floor)
    forged = "UPDATE quote_line SET body = REPLACE(body, '480p', '720p') WHERE n = 1 AND quote_id = :id"
    await floor.edit(forged, id=draft.id)

    stay = await staying(floor, FILM, "ann")

    assert (stay[0], stay[1]) == (None, (await takes_in(floor, draft))[2])
