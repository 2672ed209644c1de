"""How the work stands, for the owner: by class, by worker, by hour. Reads only."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import String, and_, case, cast, func, select
from sqlalchemy.orm import Session

from annotation_ui.desk_rows import counts
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.gold import accuracy
from kinetics_builder.crowd.policy import verdict_of
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Gold,
    Label,
    TaskSlot,
    Verdict,
    Video,
    Vote,
    Worker,
    WorkerStanding,
)

NUM_HOURS = 24
NUM_RECENT = 12


@dataclass(slots=True)
class ClassProgress:
    """How far one class is."""

    label: str
    num_votes: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)

    @property
    def num_clips(self) -> int:
        """The clips that were put into tasks."""
        return self.verdicts.total()

    @property
    def yes_rate(self) -> float | None:
        """The share of decided clips that were accepted, None before the first."""
        decided = self.num_clips - self.verdicts[Verdict.OPEN]
        return self.verdicts[Verdict.ACCEPTED] / decided if decided else None


@dataclass(frozen=True, slots=True)
class WorkerProgress:
    """What one worker did."""

    name: str
    num_votes: int
    num_gold: int
    gold_accuracy: float | None
    mean_seconds: float | None
    """Mean time from a clip's showing to its answer."""
    is_set_aside: bool


@dataclass(frozen=True, slots=True)
class Recent:
    """One of the newest votes."""

    worker: str
    label: str
    title: str
    answer: Answer
    is_gold: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """The owner's page."""

    classes: list[ClassProgress]
    workers: list[WorkerProgress]
    hours: list[tuple[str, int]]
    """(hour in UTC as `YYYY-MM-DD HH`, votes), the newest last; hours without votes left out."""
    recent: list[Recent]

    @property
    def verdicts(self) -> Counter[Verdict]:
        """Clips by verdict over all classes."""
        return sum((row.verdicts for row in self.classes), Counter())

    @property
    def num_votes(self) -> int:
        """Votes on ordinary questions."""
        return sum(row.num_votes for row in self.classes)


def read_progress(session: Session, config: VerifyConfig) -> Progress:
    """Count everything anew; about a second for 100,000 clips."""
    return Progress(_classes(session, config), _workers(session), _hours(session), _recent(session))


def _classes(session: Session, config: VerifyConfig) -> list[ClassProgress]:
    found: dict[str, ClassProgress] = {}
    for label, num_yes, num_counted, num_votes, num_clips in session.execute(_BY_CLASS):
        row = found.setdefault(label, ClassProgress(label))
        row.num_votes += num_votes * num_clips
        row.verdicts[verdict_of(num_yes, num_counted, config)] += num_clips
    return [found[label] for label in sorted(found)]


def _workers(session: Session) -> list[WorkerProgress]:
    rows = session.execute(_BY_WORKER)
    return [
        WorkerProgress(name, votes, gold, accuracy(right, gold), seconds, bool(is_set_aside))
        for name, votes, gold, right, seconds, is_set_aside in rows
    ]


def _hours(session: Session) -> list[tuple[str, int]]:
    return [(hour, number) for hour, number in reversed(session.execute(_BY_HOUR).all())]


def _recent(session: Session) -> list[Recent]:
    rows = session.execute(_RECENT)
    return [Recent(name or "", label, title, said, gold) for name, label, title, said, gold in rows]


_PER_CLIP = (
    select(
        TaskSlot.label_id,
        func.count(case((and_(counts(), Vote.answer == Answer.YES), Vote.id))).label("num_yes"),
        func.count(case((counts(), Vote.id))).label("num_counted"),
        func.count(Vote.id).label("num_votes"),
    )
    .outerjoin(
        Vote,
        and_(Vote.clip_id == TaskSlot.clip_id, Vote.label_id == TaskSlot.label_id, Vote.stands()),
    )
    .outerjoin(WorkerStanding, WorkerStanding.worker_id == Vote.worker_id)
    .where(TaskSlot.gold_id.is_(None))
    .group_by(TaskSlot.clip_id, TaskSlot.label_id)
    .subquery()
)
_TALLY = (_PER_CLIP.c.num_yes, _PER_CLIP.c.num_counted, _PER_CLIP.c.num_votes)
_BY_CLASS = (
    select(Label.name, *_TALLY, func.count())
    .join(Label, Label.id == _PER_CLIP.c.label_id)
    .group_by(Label.name, *_TALLY)
)
_BY_WORKER = (
    select(
        Worker.name,
        func.count(Vote.id),
        func.count(Gold.id),
        func.count(case((Vote.answer == Gold.expected, 1))),
        func.avg(Vote.seconds),
        func.max(WorkerStanding.is_warned),
    )
    .join(Vote, Vote.worker_id == Worker.id)
    .join(TaskSlot, TaskSlot.id == Vote.slot_id)
    .outerjoin(Gold, Gold.id == TaskSlot.gold_id)
    .outerjoin(WorkerStanding, WorkerStanding.worker_id == Worker.id)
    .where(Vote.stands())
    .group_by(Worker.id, Worker.name)
    .order_by(func.count(Vote.id).desc(), Worker.name)
)
_HOUR = func.substr(cast(Vote.created_at, String), 1, 13)
_BY_HOUR = (
    select(_HOUR, func.count())
    .where(Vote.revision == 0)
    .group_by(_HOUR)
    .order_by(_HOUR.desc())
    .limit(NUM_HOURS)
)
_RECENT = (
    select(Worker.name, Label.name, Video.title, Vote.answer, TaskSlot.gold_id.is_not(None))
    .join(Worker, Worker.id == Vote.worker_id)
    .join(Label, Label.id == Vote.label_id)
    .join(Clip, Clip.id == Vote.clip_id)
    .join(Video, Video.id == Clip.video_id)
    .join(TaskSlot, TaskSlot.id == Vote.slot_id)
    .where(Vote.stands())
    .order_by(Vote.id.desc())
    .limit(NUM_RECENT)
)
