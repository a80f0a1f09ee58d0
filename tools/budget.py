"""May this much be set aside? Pure arithmetic; `tools.ledger` repeats the same rule in SQL."""

from dataclasses import dataclass

from tools.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class Budget:
    """One wall: what may be spent, what is, and what is set aside for work under way."""

    scope: str
    period: str
    limit: Money
    spent: Money = ZERO
    held: Money = ZERO
    frozen_reason: str | None = None

    @property
    def headroom(self) -> Money:
        return max(self.limit - self.spent - self.held, ZERO)


@dataclass(frozen=True, slots=True)
class Fits:
    headroom_after: Money


@dataclass(frozen=True, slots=True)
class Exceeds:
    scope: str
    asked: Money
    headroom: Money


@dataclass(frozen=True, slots=True)
class IsFrozen:
    scope: str
    reason: str


Verdict = Fits | Exceeds | IsFrozen


def check(budget: Budget, asked: Money) -> Verdict:
    """Would holding `asked` keep held + spent within the limit?"""
    if budget.frozen_reason is not None:
        return IsFrozen(budget.scope, budget.frozen_reason)
    if budget.held + budget.spent + asked > budget.limit:
        return Exceeds(budget.scope, asked, budget.headroom)
    return Fits(budget.limit - budget.spent - budget.held - asked)
