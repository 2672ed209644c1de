"""How the work stands, for the owner: by class, by worker, by hour. Reads only.

Every number is read from what is kept with each answer (`class_tally`, `worker_standing`), so
the page costs the same after a thousand answers as after a million.
"""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.gold_cover import GoldCover, read_gold_cover
from kinetics_builder.crowd.people import Access, Person, list_people
from kinetics_builder.database.tables import (
    Answer,
    ClassTally,
    Clip,
    ClipPlace,
    Decision,
    Gold,
    HourTally,
    Label,
    Standing,
    Task,
    TaskSlot,
    Verdict,
    Video,
    Vote,
    Worker,
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
        """The clips that people were or will be asked about."""
        return self.verdicts.total()

    @property
    def yes_rate(self) -> float | None:
        """The share of decided clips that were accepted, None before the first."""
        decided = self.num_clips - self.verdicts[Verdict.OPEN]
        return self.verdicts[Verdict.ACCEPTED] / decided if decided else None


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
    people: list[Person]
    """Workers who have come, those to look at first, then by answers."""
    num_invited: int
    """Workers whose code was not used yet."""
    gold: GoldCover
    hours: list[tuple[str, int]]
    """(hour in UTC as `YYYY-MM-DD HH`, votes), the newest last; hours without votes left out."""
    recent: list[Recent]

    @property
    def verdicts(self) -> Counter[Verdict]:
        """Clips by verdict over all classes."""
        return sum((row.verdicts for row in self.classes), Counter())

    @property
    def num_votes(self) -> int:
        """Votes about clips' own labels, those set aside included: what `aggregate` counts."""
        return sum(row.num_votes for row in self.classes)

    @property
    def flagged(self) -> list[Person]:
        """Workers whom the owner should look at."""
        return [person for person in self.people if person.standing.is_flagged]


def read_progress(session: Session, config: Config) -> Progress:
    """Read everything that the owner's page shows."""
    people = list_people(session, config.verify)
    come = [person for person in people if person.standing.num_votes or person.name]
    come.sort(key=lambda one: (not one.standing.is_flagged, -one.standing.num_votes))
    return Progress(
        classes=_classes(session),
        people=come,
        num_invited=sum(person.access is Access.INVITED for person in people),
        gold=read_gold_cover(session, config.assign),
        hours=_hours(session),
        recent=_recent(session),
    )


def _classes(session: Session) -> list[ClassProgress]:
    found: dict[str, ClassProgress] = {}
    for label, tallied in session.execute(_TALLIED):
        row = found.setdefault(label, ClassProgress(label))
        row.num_votes = tallied.num_votes
        row.verdicts[Verdict.ACCEPTED] = tallied.num_accepted
        row.verdicts[Verdict.REJECTED] = tallied.num_rejected
        row.verdicts[Verdict.OPEN] = tallied.num_open
    for label, num_clips in session.execute(_UNANSWERED):
        found.setdefault(label, ClassProgress(label)).verdicts[Verdict.OPEN] += num_clips
    for label, verdict, num_clips in session.execute(_GOLD_ALONE):
        if label in found:
            found[label].verdicts[verdict] -= num_clips
    return [found[label] for label in sorted(found)]


def _hours(session: Session) -> list[tuple[str, int]]:
    return [(hour, number) for hour, number in reversed(session.execute(_BY_HOUR).all())]


def _recent(session: Session) -> list[Recent]:
    rows = session.execute(_RECENT)
    return [Recent(name or "", label, title, said, gold) for name, label, title, said, gold in rows]


_TALLIED = select(Label.name, ClassTally).join(Label, Label.id == ClassTally.label_id)
_UNANSWERED = (
    select(Label.name, func.count(TaskSlot.clip_id.distinct()))
    .join(Label, Label.id == TaskSlot.label_id)
    .join(Clip, and_(Clip.id == TaskSlot.clip_id, Clip.is_withdrawn.is_(False)))
    .outerjoin(Decision, Decision.clip_id == TaskSlot.clip_id)
    .where(
        TaskSlot.task_id.in_(select(Task.id).where(~Task.is_finished)),
        TaskSlot.gold_id.is_(None),
        Decision.clip_id.is_(None),
    )
    .group_by(Label.id, Label.name)
)
_GOLD_ALONE = (
    select(Label.name, Decision.verdict, func.count())
    .join(Clip, Clip.id == Decision.clip_id)
    .join(Label, Label.id == Clip.label_id)
    .join(ClipPlace, ClipPlace.clip_id == Clip.id)
    .where(
        Decision.clip_id.in_(select(Gold.clip_id)),
        ClipPlace.standing == Standing.DUPLICATE,
    )
    .group_by(Label.name, Decision.verdict)
)
"""Duplicates that are asked about as gold: in the tally, but nothing comes of them."""
_BY_HOUR = (
    select(HourTally.hour, HourTally.num_votes).order_by(HourTally.hour.desc()).limit(NUM_HOURS)
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
