"""How each class of a workspace has fared so far: what a plan learns its rates from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from sqlalchemy import Executable, and_, case, distinct, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipFile,
    ClipPlace,
    Decision,
    FrameScores,
    Item,
    Label,
    Media,
    SearchHit,
    Standing,
    State,
    Verdict,
    Video,
    Vote,
)
from pipelines.collecting.classes import is_searched
from pipelines.verifying.aggregate import may_be_released


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassHistory:
    """What has come of one class, in numbers that add up over classes."""

    label: str
    places_asked: float = 0
    """Queries that were answered, times the videos asked of each."""
    listed: float = 0
    """Videos that its queries found, each once."""
    candidates: float = 0
    videos: float = 0
    """Its share of the videos that are candidates: half of one that is for two classes."""
    tried: float = 0
    """Candidates whose videos came, or failed."""
    fetched: float = 0
    media_seconds: float = 0
    media_bytes: float = 0
    scored: float = 0
    clips: float = 0
    """Proposed, and not withdrawn."""
    cut: float = 0
    clip_bytes: float = 0
    placed: float = 0
    """Clips that were looked through for copies."""
    kept: float = 0
    """Those that people are asked about."""
    decided: float = 0
    accepted: float = 0
    answers: float = 0
    """Counted answers about those that are decided."""
    timed: float = 0
    """Answers of which a browser said how long they took."""
    answer_seconds: float = 0


def read_history(session: Session, places_asked: Mapping[str, float]) -> list[ClassHistory]:
    """Return every class that is not retired and has a video or a query behind it, by name.

    Args:
        session: Of the workspace.
        places_asked: See `ClassHistory`; by class.

    """
    columns = {name: _by_label(session, query) for name, query in _queries().items()}
    labels = select(Label.id, Label.name).where(is_searched()).order_by(Label.name)
    found = [
        ClassHistory(
            label=name,
            places_asked=places_asked.get(name, 0),
            **{column: numbers[key] for column, numbers in columns.items()},
        )
        for key, name in session.execute(labels)
    ]
    return [one for one in found if one.candidates or one.places_asked]


def total(classes: Iterable[ClassHistory]) -> ClassHistory:
    """Return the sum of classes."""
    sums: Counter[str] = Counter()
    for one in classes:
        sums.update({name: getattr(one, name) for name in NUMBERS})
    return ClassHistory(label="", **sums)


NUMBERS = tuple(field.name for field in fields(ClassHistory) if field.name != "label")


def _by_label(session: Session, query: Executable) -> defaultdict[int, float]:
    found = {label: float(number or 0) for label, number in session.execute(query)}
    return defaultdict(float, found)


def _queries() -> dict[str, Executable]:
    """Return what gives each column, by the row of its label."""
    hits = select(SearchHit.label_id, func.count(distinct(SearchHit.video_id)))
    return {
        "listed": hits.group_by(SearchHit.label_id),
        **_of_candidates(),
        **_of_clips(),
        **_of_answers(),
    }


def _of_candidates() -> dict[str, Executable]:
    failed = and_(Item.stage == "download", Item.state == State.FAILED, Item.key == Video.video_id)
    has_come, has_failed = Media.video_id.is_not(None), select(Item.key).where(failed).exists()
    rows = (
        select(Candidate.label_id)
        .join(Video, Video.id == Candidate.video_id)
        .outerjoin(Media, Media.video_id == Candidate.video_id)
        .group_by(Candidate.label_id)
    )
    scored = select(Candidate.label_id, func.count()).join(
        FrameScores, FrameScores.candidate_id == Candidate.id
    )
    return {
        "candidates": rows.add_columns(func.count()),
        "fetched": rows.add_columns(func.count(Media.video_id)),
        "media_seconds": rows.add_columns(func.sum(Media.duration_seconds)),
        "media_bytes": rows.add_columns(func.sum(Media.bytes)),
        "videos": _shares_of_videos(),
        "tried": rows.add_columns(func.sum(case((has_come, 1), (has_failed, 1), else_=0))),
        "scored": scored.group_by(Candidate.label_id),
    }


def _shares_of_videos() -> Executable:
    number = select(Candidate.video_id, func.count().label("num_labels")).group_by(
        Candidate.video_id
    )
    labels = number.subquery()
    return (
        select(Candidate.label_id, func.sum(1.0 / labels.c.num_labels))
        .join(labels, labels.c.video_id == Candidate.video_id)
        .group_by(Candidate.label_id)
    )


def _of_clips() -> dict[str, Executable]:
    of_label = select(Clip.label_id).where(Clip.is_withdrawn.is_(False)).group_by(Clip.label_id)
    files = of_label.join(ClipFile, ClipFile.clip_id == Clip.id)
    placed = of_label.join(ClipPlace, ClipPlace.clip_id == Clip.id).add_columns(func.count())
    return {
        "clips": of_label.add_columns(func.count()),
        "cut": files.add_columns(func.count()),
        "clip_bytes": files.add_columns(func.sum(ClipFile.bytes)),
        "placed": placed,
        "kept": placed.where(ClipPlace.standing == Standing.KEPT),
    }


def _of_answers() -> dict[str, Executable]:
    counted = Decision.num_yes + Decision.num_no + Decision.num_unsure + Decision.num_bad
    decided = (
        select(Clip.label_id)
        .join(Decision, Decision.clip_id == Clip.id)
        .where(may_be_released(), Decision.verdict != Verdict.OPEN)
        .group_by(Clip.label_id)
    )
    timed = (
        select(Vote.label_id)
        .where(Vote.stands(), Vote.seconds.is_not(None))
        .group_by(Vote.label_id)
    )
    accepted = decided.where(Decision.verdict == Verdict.ACCEPTED)
    return {
        "decided": decided.add_columns(func.count()),
        "accepted": accepted.add_columns(func.count()),
        "answers": decided.add_columns(func.sum(counted)),
        "timed": timed.add_columns(func.count()),
        "answer_seconds": timed.add_columns(func.sum(Vote.seconds)),
    }
