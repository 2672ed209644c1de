"""What a workspace holds that a plan goes on from: what waits, and how long a thing takes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipPlace,
    Decision,
    Item,
    Standing,
    State,
    Verdict,
    Video,
)
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.planning.forecast import Waiting
from pipelines.inspecting.stages import stage_status
from pipelines.sources.sites import site_of

_NUM_LOOKED_AT = 300
"""Videos whose addresses say how the sites share them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is there."""

    waiting: Waiting = field(default_factory=Waiting)
    seconds: Mapping[str, float] = field(default_factory=dict)
    """By stage: how long an item was worked on, on average."""
    sites: Mapping[str, float] = field(default_factory=dict)
    """Shares of the candidates' videos; of an empty name those that lie on no site."""


def look(session: Session, workspace: Workspace) -> Seen:
    """Return what is there; changes nothing."""
    pending = {
        name: stage_status(session, workspace, name).num_pending
        for name in ("match", "download", "score")
    }
    undecided, answered = _undecided(session)
    waiting = Waiting(
        titles=pending["match"],
        videos=pending["download"],
        unscored=pending["score"],
        uncompared=_uncompared(session),
        undecided=undecided,
        answered=answered,
    )
    return Seen(waiting=waiting, seconds=_seconds(session), sites=_sites(session, workspace))


def _uncompared(session: Session) -> int:
    number = (
        select(func.count())
        .select_from(Clip)
        .outerjoin(ClipPlace, ClipPlace.clip_id == Clip.id)
        .where(Clip.is_withdrawn.is_(False), ClipPlace.clip_id.is_(None), Clip.part_of_id.is_(None))
    )
    return session.scalar(number) or 0


def _undecided(session: Session) -> tuple[int, int]:
    """Return how many kept clips are open, and how many answers about them count."""
    counted = Decision.num_yes + Decision.num_no + Decision.num_unsure + Decision.num_bad
    is_open = Decision.clip_id.is_(None) | (Decision.verdict == Verdict.OPEN)
    found = session.execute(
        select(func.count(), func.sum(counted))
        .select_from(Clip)
        .join(ClipPlace, ClipPlace.clip_id == Clip.id)
        .outerjoin(Decision, Decision.clip_id == Clip.id)
        .where(Clip.is_withdrawn.is_(False), ClipPlace.standing == Standing.KEPT, is_open)
    ).one()
    return found[0], int(found[1] or 0)


def _seconds(session: Session) -> dict[str, float]:
    rows = session.execute(
        select(Item.stage, func.avg(Item.seconds))
        .where(Item.state == State.DONE, Item.seconds.is_not(None))
        .group_by(Item.stage)
    )
    return {stage: float(seconds) for stage, seconds in rows if seconds is not None}


def _sites(session: Session, workspace: Workspace) -> dict[str, float]:
    own = workspace.config.download.extractors
    is_candidate = select(Candidate.id).where(Candidate.video_id == Video.id).exists()
    newest = select(Video.url).where(is_candidate).order_by(Video.id.desc()).limit(_NUM_LOOKED_AT)
    found = Counter(site_of(url, own) for url in session.scalars(newest))
    return {site: number / found.total() for site, number in found.items()}
