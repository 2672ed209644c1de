"""Whose turn it is to be asked for a picture: sites' rates and rests hold as for downloads.

A picture counts against the site of its own address, wherever its page is: one of i.ytimg.com
against ytimg.com, not against youtube.
"""

import time
from dataclasses import dataclass, field

from sqlalchemy import Engine

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.workspace import Workspace
from pipelines.picturing.fetching import Fate, Fetched
from pipelines.picturing.openverse import FoundImage
from pipelines.running.pace.rates import Rates
from pipelines.running.pace.rests import LONGEST_SITE, note_rest, rests
from pipelines.running.pace.turns import Turns, Wait
from pipelines.sources.sites import site_of

SECONDS = 180.0
"""For fetching one image."""


@dataclass
class Pace:
    """What fetching keeps to, with all other runs on a workspace."""

    engine: Engine
    turns: Turns
    rest_seconds: float
    """For which a site rests that asks for it without saying how long."""
    extractors: tuple[str, ...]
    _waits: dict[str, tuple[float, Wait]] = field(default_factory=dict)
    """By site, until when by the monotonic clock it is not asked, and why."""

    @classmethod
    def of(cls, workspace: Workspace) -> "Pace":
        """Return the pace that the settings of `download` ask for; raises as `Rates.of`."""
        config, lease = workspace.config.download, workspace.config.run.lease_seconds
        turns = Turns(Rates.of(config), SECONDS + lease)
        return cls(workspace.engine, turns, config.rate_limit_seconds, config.extractors)

    def begin(self, image: FoundImage) -> Wait | None:
        """Take the turn of an image's site, or return how long nothing shall be asked of it."""
        site = self._site(image)
        until, wait = self._waits.get(site, (0.0, Wait(0.0, is_rest=False)))
        if (left := until - time.monotonic()) > 0:
            return Wait(left, wait.is_rest)
        with writing(self.engine) as session:
            found = self.turns.wait(session, site)
            if found is None:
                self.turns.take(session, site, image.id)
            else:
                self._waits[site] = (time.monotonic() + found.seconds, found)
        return found

    def rests(self, image: FoundImage) -> bool:
        """Say whether an image's site is known to rest because it asked for it."""
        until, wait = self._waits.get(self._site(image), (0.0, None))
        return wait is not None and wait.is_rest and until > time.monotonic()

    def end(self, image: FoundImage, fetched: Fetched) -> None:
        """Let the site rest if it asks for that; else end what tried it."""
        if fetched.rest_seconds is not None:
            seconds, site = fetched.rest_seconds or self.rest_seconds, self._site(image)
            self.turns.refused(image.id)
            self._waits[site] = (time.monotonic() + seconds, Wait(seconds, is_rest=True))
            with writing(self.engine) as session:
                note_rest(session, site, Reason.RATE_LIMITED, seconds)
        elif self.turns.is_trial(image.id):
            failure = ItemFailed(Reason.NETWORK, fetched.reason)
            with writing(self.engine) as session:
                self.turns.answered(
                    session, image.id, failure if fetched.fate is Fate.LATER else None
                )

    def give_back(self) -> None:
        """Let others try the sites that this run was trying."""
        if self.turns.trials:
            with writing(self.engine) as session:
                self.turns.give_back(session)

    def resting(self) -> tuple[str, ...]:
        """Return what a person should know of the sites that this run left alone."""
        left = {site for site, (_, wait) in self._waits.items() if wait.is_rest}
        with reading(self.engine) as session:
            return tuple(rest.line for rest in rests(session) if rest.site in left)

    def _site(self, image: FoundImage) -> str:
        return site_of(image.address, self.extractors)[:LONGEST_SITE]
