"""Whose turn it is to ask a site: what every run keeps to before it begins an item."""

from dataclasses import dataclass, field
from random import random

from sqlalchemy.orm import Session

from kinetics_builder.errors import ItemFailed, Reason
from pipelines.running.leases import now
from pipelines.running.pace.rates import Rates, count_one, seconds_to_next
from pipelines.running.pace.rests import begin_trial, end_trial, is_on_trial, rest_at

_TRIAL_POLL_SECONDS = 0.5
_SAYS_NOTHING = frozenset({Reason.NETWORK, Reason.TIMEOUT, Reason.CRASHED, Reason.MEMORY})
"""Failures of an item from which nothing follows for its site."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long nothing shall be asked of a site."""

    seconds: float
    is_rest: bool
    """Whether the site asked for it, and it is not only that others come first."""


@dataclass
class Turns:
    """What a run keeps to, in its own transactions: they hold the database's one write lock."""

    rates: Rates
    trial_seconds: float
    """How long an item may take that tries a site which has rested."""
    trials: dict[str, str] = field(default_factory=dict)
    """The keys of this run's items that try a site, with the site."""

    def wait(self, session: Session, site: str) -> Wait | None:
        """Return how long a site may not be asked; None if it may be now."""
        moment = now(session)
        if rest := rest_at(session, site, moment):
            return Wait(rest, is_rest=True)
        if is_on_trial(session, site, moment):
            return Wait(_TRIAL_POLL_SECONDS, is_rest=False)
        if self.rates.seconds_apart(site) and (left := seconds_to_next(session, site, moment)):
            return Wait(left, is_rest=False)
        return None

    def take(self, session: Session, site: str, key: str) -> None:
        """Write down that a site is asked now, for an item."""
        moment = now(session)
        if begin_trial(session, site, moment, self.trial_seconds):
            self.trials[key] = site
        if apart := self.rates.seconds_apart(site):
            later = apart * self.rates.jitter * random()
            count_one(session, site, moment, apart=apart, later=later)

    def is_trial(self, key: str) -> bool:
        """Say whether an item tries a site that has rested."""
        return key in self.trials

    def refused(self, key: str) -> None:
        """Forget that an item tried a site, which rests again."""
        self.trials.pop(key, None)

    def answered(self, session: Session, key: str, failure: ItemFailed | None) -> None:
        """Write down that an item which tried a site was answered, by other than "not yet"."""
        site = self.trials.pop(key)
        has_answered = failure is None or failure.reason not in _SAYS_NOTHING
        end_trial(session, site, has_answered=has_answered)

    def give_back(self, session: Session) -> None:
        """Let others try what items of this run were trying that it does not finish."""
        for site in set(self.trials.values()):
            end_trial(session, site, has_answered=False)
        self.trials.clear()
