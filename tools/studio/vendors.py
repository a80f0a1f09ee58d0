"""Who renders here: a vendor for each account and address that is set up."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from tools.clock import Clock
from tools.prices import PriceBook, answers, load_book, packaged, with_live
from tools.providers.animatic import Animatic
from tools.providers.base import VideoProvider
from tools.providers.elevenlabs import elevenlabs
from tools.providers.fal import Fal
from tools.providers.google import Google
from tools.providers.openai_images import openai_images
from tools.providers.openai_speech import openai_speech
from tools.providers.openai_videos import OpenaiVideos, offered
from tools.providers.openrouter import Openrouter
from tools.providers.rehearsal import Rehearsal
from tools.providers.runway import Runway
from tools.studio.config import Config

ANSWERS = "prices"  # the folder of vendors' own answers about their prices


def vendors(config: Config, clock: Clock) -> Mapping[str, VideoProvider]:
    """Those that are set up here."""
    folder = config.data_dir / "vendors"
    made: list[VideoProvider] = [
        Animatic(folder / "animatic"),
        Rehearsal(folder / "rehearsal", clock, config.rehearsal_faults),
    ]
    book = load_book(config.prices)
    if config.videos is not None:
        made.append(OpenaiVideos(config.videos, offered(book, config.videos.profile)))
    if config.openrouter is not None:
        prices = partial(prices_now, config, book, clock)
        made.append(Openrouter(config.openrouter, prices, folder / "openrouter", clock))
    if config.fal is not None:
        made.append(Fal(config.fal, book, clock))
    if config.runway is not None:
        made.append(Runway(config.runway, book))
    if config.google is not None:
        made.append(Google(config.google, book))
    made += _at_once(config, book, folder, clock)
    return {each.name: each for each in made}


def _at_once(config: Config, book: PriceBook, folder: Path, clock: Clock) -> Iterator[VideoProvider]:
    """Those that sell nothing but what they answer with."""
    if config.images is not None:
        yield openai_images(config.images, book, folder / "openai_images", clock)
    if config.speech is not None:
        yield openai_speech(config.speech, book, folder / "openai_speech", clock)
    if config.elevenlabs is not None:
        yield elevenlabs(config.elevenlabs, book, folder / "elevenlabs", clock)


def prices_now(config: Config, book: PriceBook, clock: Clock) -> PriceBook:
    """The book as it stands now: vendors' own answers of the last day come before it."""
    return with_live(book, packaged(), answers(config.data_dir / ANSWERS), clock())
