"""How often a site is asked: so many times an hour by all runs on a workspace together.

Every try of a video and every query counts as one. When the next may be is written in the
database, so that other processes, machines and later commands keep to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.tables import SitePace
from kinetics_builder.errors import ConfigError
from pipelines.sources.sites import site_named
from pipelines.sources.web.cookies import is_signed_in

KNOWN: Mapping[str, float] = {"youtube": 250.0}
"""An hour, where the settings say nothing; other sites have no bound.

YouTube shuts a guest out for up to an hour after about 300 videos within one, as yt-dlp's wiki
says (Extractors, "This content isn't available, try again later").
"""


KNOWN_SIGNED_IN: Mapping[str, float] = {"youtube": 1500.0}
"""The same for who is signed in by `download.cookies_file`.

The same page puts what an account may watch at about 2000 videos an hour, those in a browser
included.
"""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often which site may be asked."""

    own: Mapping[str, float] = field(default_factory=dict)
    """Times an hour by site, before what is `KNOWN`; 0 for no bound."""
    jitter: float = 0.0
    """Share of the time between two of them by which one comes later by chance, in [0, 1]."""

    @classmethod
    def of(cls, config: DownloadConfig) -> "Rates":
        """Return what the settings of `download` say.

        Raises:
            ConfigError: They name what is no site.

        """
        own = {
            site: often
            for site, often in KNOWN_SIGNED_IN.items()
            if config.cookies_file and is_signed_in(config.cookies_file, site)
        }
        for name, often in config.videos_per_hour.items():
            site = site_named(name, config.extractors)
            if site is None:
                raise ConfigError(
                    f"download.videos_per_hour: {name!r} is no site. Write a site as yt-dlp calls "
                    'it, such as "vimeo", or its domain, such as "films.org".'
                )
            own[site] = often
        return cls(own, config.rate_jitter)

    def an_hour(self, site: str) -> float:
        """Return how often a site may be asked in an hour; 0 for no bound."""
        return self.own.get(site, KNOWN.get(site, 0.0))

    def seconds_apart(self, site: str) -> float:
        """Return the time between two of a site on average; 0 for no bound."""
        return 3600 / often if (often := self.an_hour(site)) else 0.0


def seconds_to_next(session: Session, site: str, moment: float) -> float:
    """Return how long a site may not be asked yet, at a moment; 0 if it may be.

    What was written down later than `moment` counts for nothing: the clock was set back.
    """
    pace = session.get(SitePace, site)
    return max(0.0, pace.next_at - moment) if pace and pace.since <= moment else 0.0


def count_one(session: Session, site: str, moment: float, *, apart: float, later: float) -> None:
    """Write down that a site is asked at a moment.

    Who asks a little late comes no later with the next, so the hour is used to the full; a time
    in which nothing was asked is not made up for. No hour holds more than one above its number.

    Args:
        session: Of a writer that has seen `seconds_to_next` at 0.
        site: Who is asked.
        moment: Unix time in seconds.
        apart: Seconds between two, on average.
        later: Seconds by which the next comes later than that, less than `apart`.

    """
    pace = session.get(SitePace, site)
    is_in_time = pace is not None and pace.since <= moment < pace.due + apart
    due = (pace.due if pace is not None and is_in_time else moment) + apart
    session.merge(SitePace(site=site, since=moment, due=due, next_at=due + later))
