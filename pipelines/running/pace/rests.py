"""Sites that asked to be left alone: written down, so that every run and command leaves them so.

A site that has rested is tried with one item first; the others wait for what it answers.
"""

import time
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import SiteRest
from kinetics_builder.errors import Reason
from pipelines.running.leases import now
from pipelines.running.owners import is_gone, this_owner

LONGEST_SITE = 200
"""Characters of a site's name."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A site that is not asked for a while."""

    site: str
    """Its name, as `site_of` gives it."""
    reason: Reason
    """Of the answer that asked for it."""
    seconds_left: float

    @property
    def line(self) -> str:
        """Return one sentence for a person."""
        return (
            f"{self.site or 'the source'} asked to be left alone ({self.reason.value}): nothing is "
            f"asked of it for another {spoken(self.seconds_left)}, until "
            f"{clock_time(self.seconds_left)}."
        )


def spoken(seconds: float) -> str:
    """Return a stretch of time as a person would say it.

    >>> spoken(42.2), spoken(840), spoken(86400)
    ('43 s', '14 min', '24 h')
    """
    if seconds < 100:
        return f"{seconds // 1 + 1:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"


def clock_time(seconds: float) -> str:
    """Return what a clock on the wall shows in so many seconds; with the day where it is another's.

    As "15:04", "Tue 15:04" or "24 Dec 15:04".
    """
    then, today = time.localtime(time.time() + seconds), time.localtime()
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%a %H:%M" if seconds < 6 * 86400 else "%d %b %H:%M", then)


def note_rest(session: Session, site: str, reason: Reason, seconds: float) -> None:
    """Write down that a site rests from now on, unless it rests for longer already."""
    moment = now(session)
    row = session.get(SiteRest, site)
    if row is None or row.since > moment or row.until < moment + seconds:
        until = moment + seconds
        row = session.merge(SiteRest(site=site, reason=reason, since=moment, until=until))
    row.tried_by = row.tried_until = None


def rests(session: Session) -> list[Rest]:
    """Return the sites that rest, by name.

    Those that began later than now are left out: the clock was set back, and nobody knows.
    """
    moment = now(session)
    rows = session.scalars(
        select(SiteRest)
        .where(SiteRest.since <= moment, SiteRest.until > moment)
        .order_by(SiteRest.site)
    )
    return [Rest(row.site, row.reason, row.until - moment) for row in rows]


def rest_at(session: Session, site: str, moment: float) -> float:
    """Return how long a site still rests at a moment; 0 where it does not."""
    row = session.get(SiteRest, site)
    return max(0.0, row.until - moment) if row is not None and row.since <= moment else 0.0


def is_on_trial(session: Session, site: str, moment: float) -> bool:
    """Say whether a site has rested, and somebody's item is trying it at this moment."""
    row = session.get(SiteRest, site)
    if row is None or row.tried_by is None or row.tried_until is None:
        return False
    return moment < row.tried_until and not is_gone(row.tried_by)


def begin_trial(session: Session, site: str, moment: float, seconds: float) -> bool:
    """Let this process try a site with one item if it has rested; say whether it has.

    Nobody else tries it until the item is answered, or for so many seconds.
    """
    row = session.get(SiteRest, site)
    if row is None:
        return False
    row.tried_by, row.tried_until = this_owner(), moment + seconds
    return True


def end_trial(session: Session, site: str, *, has_answered: bool) -> None:
    """Write down what came of trying a site: all may ask it again, or the next item tries it."""
    row = session.get(SiteRest, site)
    if row is None or row.tried_by != this_owner():
        return
    if has_answered:
        session.delete(row)
        session.flush()
    else:
        row.tried_by = row.tried_until = None
