"""What the report tells about the rows: the funnel, the workers, the votes."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, Select, distinct, func, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipFile,
    ClipPlace,
    CuratedClip,
    Decision,
    Media,
    Split,
    Standing,
    Verdict,
    Video,
    Vote,
    Worker,
    WorkerStanding,
)
from pipelines.verifying.aggregate import may_be_released


@dataclass(frozen=True)
class Step:
    """One width of the funnel."""

    name: str
    count: int
    explanation: str


@dataclass(frozen=True)
class DamagedClip:
    """A clip's file that lacks pictures, or shows some with damage, as its source does."""

    file: str
    """Path relative to the workspace."""
    num_damaged_frames: int
    num_frames: int
    """Held by the file, the damaged ones that could be shown included."""


@dataclass(frozen=True)
class ReleasedFacts:
    """How many clips of a released label go to which split."""

    label: str
    train: int
    validate: int
    test: int


@dataclass(frozen=True)
class WorkerFacts:
    """How one worker did at one kind of question."""

    name: str
    kind: str
    num_votes: int
    num_gold: int
    num_gold_right: int
    is_warned: bool
    median_seconds: float | None


def funnel(session: Session) -> list[Step]:
    """Return how many things each stage left over, from videos listed to clips curated."""
    kept = select(func.count()).where(ClipPlace.standing != Standing.DUPLICATE)
    asked = select(func.count(distinct(Vote.clip_id))).where(Vote.stands())
    accepted = (
        select(func.count(Decision.clip_id))
        .join(Clip, Clip.id == Decision.clip_id)
        .where(Decision.verdict == Verdict.ACCEPTED, may_be_released())
    )
    steps: list[tuple[str, Select[int], str]] = [
        ("videos listed", _count(Video), "what the source answered"),
        ("candidates", _count(Candidate), "a title names a class"),
        ("videos downloaded", _count(Media), "and could be opened"),
        ("clips proposed", _count(Clip), "the best windows of each video"),
        ("clips cut", _count(ClipFile), "files of their own"),
        ("not duplicates", kept, "one of several alike is kept"),
        ("clips asked about", asked, "somebody has answered"),
        ("accepted", accepted, "enough people saw the action"),
        ("curated", _count(CuratedClip), "go into the release"),
    ]
    return [Step(name, session.scalar(query) or 0, text) for name, query, text in steps]


def released_facts(session: Session) -> list[ReleasedFacts]:
    """Return one line a label after all edits, in alphabetical order."""
    counts: dict[str, Counter[Split]] = defaultdict(Counter)
    rows = session.execute(
        select(CuratedClip.label, CuratedClip.split, func.count()).group_by(
            CuratedClip.label, CuratedClip.split
        )
    )
    for label, split, count in rows:
        counts[label][split] = count
    return [
        ReleasedFacts(label, found[Split.TRAIN], found[Split.VALIDATE], found[Split.TEST])
        for label, found in sorted(counts.items())
    ]


def damaged_clips(session: Session) -> list[DamagedClip]:
    """Return every file of a clip of which frames were lost or damaged, the worst first."""
    columns = ClipFile.file, ClipFile.num_damaged_frames, ClipFile.num_frames
    rows = session.execute(select(*columns).where(ClipFile.num_damaged_frames > 0).distinct())
    found = [DamagedClip(*row) for row in rows]
    return sorted(found, key=lambda clip: (-clip.num_damaged_frames, clip.file))


def worker_facts(session: Session) -> list[WorkerFacts]:
    """Return one line for each worker and each kind that they answered, the busiest first."""
    names = _pairs(session, select(Worker.id, Worker.name))
    standings = {(row.worker_id, row.kind): row for row in session.scalars(select(WorkerStanding))}
    facts: dict[int, list[WorkerFacts]] = defaultdict(list)
    for kind in KINDS:
        for worker_id, seconds in _times_of(session, kind).items():
            standing = standings.get((worker_id, kind.name))
            facts[worker_id].append(
                WorkerFacts(
                    name=names[worker_id] or "",
                    kind=kind.name,
                    num_votes=len(seconds),
                    num_gold=standing.num_gold if standing else 0,
                    num_gold_right=standing.num_gold_right if standing else 0,
                    is_warned=standing is not None and standing.is_warned,
                    median_seconds=_median(one for one in seconds if one is not None),
                )
            )
    busiest = sorted(facts.values(), key=lambda of: (-sum(o.num_votes for o in of), of[0].name))
    return [one for of_worker in busiest for one in of_worker]


def _times_of(session: Session, kind: Kind) -> dict[int, list[float | None]]:
    """Return what each answer of a worker that counts took; None where no browser said so."""
    found: dict[int, list[float | None]] = defaultdict(list)
    answers = kind.answers
    query = select(answers.worker_id, answers.seconds).where(answers.stands())
    for worker_id, seconds in session.execute(query):
        found[worker_id].append(seconds)
    return found


def votes_per_decision(session: Session) -> dict[int, int]:
    """Return how many clips were decided with how many votes."""
    total = Decision.num_yes + Decision.num_no + Decision.num_unsure + Decision.num_bad
    query = (
        select(total, func.count(Decision.clip_id))
        .join(Clip, Clip.id == Decision.clip_id)
        .where(Decision.verdict != Verdict.OPEN, may_be_released())
        .group_by(total)
    )
    return dict(sorted(_pairs(session, query).items()))


def _pairs(session: Session, query: Executable) -> dict[Any, Any]:
    return {key: value for key, value in session.execute(query)}


def _count(table: type) -> Select[int]:
    return select(func.count()).select_from(table)


def _median(values: Iterable[float]) -> float | None:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else None
