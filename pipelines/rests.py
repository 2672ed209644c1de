"""Sites that asked to be left alone: written down, so that every run and command leaves them so."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import SiteRest
from kinetics_builder.errors import Reason
from pipelines.leases import now

LONGEST_SITE = 200
"""Characters of a site's name."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A site that is not asked for a while."""

    site: str
    """Its host, or the search that queries go to."""
    reason: Reason
    """Of the answer that asked for it."""
    seconds_left: float

    @property
    def line(self) -> str:
        """Return one sentence for a person."""
        return (
            f"{self.site or 'the source'} asked to be left alone ({self.reason.value}): nothing is "
            f"asked of it for another {spoken(self.seconds_left)}."
        )


def spoken(seconds: float) -> str:
    """Return a stretch of time as a person would say it.

    >>> spoken(42.2), spoken(840), spoken(86400)
    ('43 s', '14 min', '24 h')
    """
    if seconds < 100:
        return f"{seconds // 1 + 1:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"


def note_rest(session: Session, site: str, reason: Reason, seconds: float) -> None:
    """Write down that a site rests from now on, unless it rests for longer already."""
    moment = now(session)
    session.execute(delete(SiteRest).where(SiteRest.until <= moment))
    row = session.get(SiteRest, site)
    if row is None or row.since > moment or row.until < moment + seconds:
        session.merge(SiteRest(site=site, reason=reason, since=moment, until=moment + seconds))


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
