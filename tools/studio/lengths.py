"""How long shots are planned: as long as the model that shall make them sells them, to the second."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from tools import story
from tools.errors import Invalid, NoPrice
from tools.prices import PriceBook, lengths
from tools.repo import RepoProfile
from tools.story import Library, Order, Wishes


@dataclass(frozen=True, slots=True)
class Lengths:
    """What may be planned by the prices of a day. `usual` is the vendor that is meant where none is named."""

    book: PriceBook
    today: date
    usual: str

    def of(self, provider: str | None, model: str | None) -> tuple[int, ...]:
        """The seconds that a shot may have, ascending; those that suit a film, where the model sells such.

        A model may be named alone, and a vendor with its first. `NoPrice` where nobody sells it.
        """
        if not provider and not model:
            return story.OFFERED
        for who, what in self.book.models(provider or None):
            if (not model or model == what) and (sold := self._sold(who, what)):
                return sold
        named = " ".join(filter(None, (provider, model)))
        sold = [each for each in self.book.models(provider if model else None) if self._sold(*each)]
        known = dict.fromkeys(what if model else who for who, what in sold or self.book.models())
        raise NoPrice(
            "model", f"{named!r} has no price, so nobody knows its lengths; there are {', '.join(known)}"
        )

    def order(
        self,
        wishes: Wishes,
        profile: RepoProfile | None,
        books: Library,
        *,
        provider: str | None = None,
        model: str | None = None,
    ) -> Order:
        """What a film has to be, in lengths that the model sells.

        Where nobody named one, the usual vendor's are tried; a length that it cannot make is planned all the
        same, and its estimate says how much longer the film is.
        """
        if provider or model:
            return story.order(wishes, profile, offered=self.of(provider, model), books=books)
        with suppress(Invalid):
            return story.order(wishes, profile, offered=self.of(self.usual, None), books=books)
        return story.order(wishes, profile, books=books)

    def _sold(self, provider: str, model: str) -> tuple[int, ...]:
        sold = lengths(row for row in self.book.of(provider, model) if row.lives(self.today))
        return tuple(seconds for seconds in sold if seconds in story.OFFERED) or sold
