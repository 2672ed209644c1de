"""How far `curate` has come: told without dealing anything out anew where that can be."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.class_edits import recorded_edits
from kinetics_builder.curation.log import live_edits
from kinetics_builder.database.tables import Clip, CuratedClip, Decision, Verdict
from pipelines.publishing.curating.curate import choose, is_chosen_so, is_dealt_so
from pipelines.publishing.curating.dealing import is_torn
from pipelines.publishing.curating.judged import SHOWN, may_be_chosen


@dataclass(frozen=True, slots=True)
class CurateStanding:
    """How what is curated stands to what `curate` would choose now."""

    num_accepted: int
    num_pending: int
    """Of these, chosen clips that are not curated, or under another label or split. While other
    clips are chosen than are curated, splits are not compared: they follow."""
    num_over: int
    """Curated clips that would not be chosen any more."""


def curate_standing(session: Session, config: Config) -> CurateStanding:
    """Return how far `curate` has come, and change nothing."""
    if live_edits(recorded_edits(session)) or is_torn(session):
        if is_chosen_so(session, config) and is_dealt_so(session, config):
            return CurateStanding(_num_accepted(session), 0, 0)
        return _chosen_anew(session, config)
    found = _without_edits(session, config)
    is_other = found.num_pending or found.num_over or not found.num_accepted
    if is_other or is_dealt_so(session, config):
        return found
    return _chosen_anew(session, config)


def _num_accepted(session: Session) -> int:
    accepted = may_be_chosen(select(func.count(Clip.id)))
    return session.scalar(accepted.where(Decision.verdict == Verdict.ACCEPTED)) or 0


def _without_edits(session: Session, config: Config) -> CurateStanding:
    """Return the same where every accepted clip keeps its label, splits left aside."""
    place = func.row_number().over(
        partition_by=(Clip.video_id, SHOWN.id),
        order_by=(Clip.score.desc(), Clip.start_seconds, Clip.end_seconds, Clip.id),
    )
    accepted = may_be_chosen(select(Clip.id, SHOWN.name, place.label("place")))
    ranked = accepted.where(Decision.verdict == Verdict.ACCEPTED).subquery()
    is_chosen = ranked.c.place <= config.deduplicate.max_per_video
    has_label = CuratedClip.label == ranked.c.name
    num_accepted, num_chosen, num_same, num_kept = session.execute(
        select(
            func.count(),
            _how_many(is_chosen),
            _how_many(and_(is_chosen, has_label)),
            _how_many(and_(is_chosen, CuratedClip.clip_id.is_not(None))),
        )
        .select_from(ranked)
        .outerjoin(CuratedClip, CuratedClip.clip_id == ranked.c.id)
    ).one()
    num_curated = session.scalar(select(func.count(CuratedClip.clip_id))) or 0
    return CurateStanding(num_accepted, num_chosen - num_same, num_curated - num_kept)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _chosen_anew(session: Session, config: Config) -> CurateStanding:
    choice = choose(session, config)
    rows = session.execute(select(CuratedClip.clip_id, CuratedClip.label, CuratedClip.split))
    curated = {number: (label, split) for number, label, split in rows}
    num_pending = sum(
        curated.get(number) != (row["label"], row["split"]) for number, row in choice.rows.items()
    )
    num_over = len(curated.keys() - choice.rows.keys())
    return CurateStanding(choice.num_accepted, num_pending, num_over)
