"""What the scored match can learn from this workspace's decisions, and whether it helps."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Clip, Decision, Label, Verdict, Video
from kinetics_builder.errors import StageOrderError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.lessons import NONE_LEARNT, Lesson, Lessons, Seen, learn
from kinetics_builder.text.matching.scored import ScoredMatcher, seen_by
from kinetics_builder.workspace import Workspace
from pipelines.collecting.classes import entries_of, is_searched

LESSONS = "title_lessons.json"
"""The file in a workspace, where no other is named."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """Of titles that were kept back: how many score `match.min_score` or more."""

    num_accepted: int
    num_rejected: int


@dataclass(frozen=True, slots=True)
class TeachReport:
    """What was learnt from how much, and what it would have done for titles kept back."""

    file: str
    num_accepted: int
    """Pairs of title and class with an accepted clip."""
    num_rejected: int
    """Pairs of which every decided clip was rejected."""
    untaught: Kept
    taught: Kept
    """Each fifth of the titles, scored by what the other four taught."""


def teach(workspace: Workspace, out: Path | None = None) -> TeachReport:
    """Learn from all decisions and write the lessons to `out`, or to the workspace.

    Reads `decision`, `clip`, `video`, `label`; writes one file and nothing else.

    Raises:
        StageOrderError: Nothing is decided yet.

    """
    file = out or workspace.root / LESSONS
    with reading(workspace.engine) as session:
        entries, lessons = entries_of(session), _lessons(session)
        if not lessons:
            raise StageOrderError("train-matcher", "annotate", "decided clips")
        seen = list(seen_by(ScoredMatcher(entries, least=0.0), lessons))
        known = learn(seen, session.scalars(select(Video.title)))
    temporary = file.with_name(f".{file.name}.part")
    temporary.write_text(known.text, encoding="utf-8")
    temporary.replace(file)
    least = workspace.config.match.min_score
    return TeachReport(
        file=str(file),
        num_accepted=sum(lesson.is_accepted for lesson in lessons),
        num_rejected=sum(not lesson.is_accepted for lesson in lessons),
        untaught=_kept(_scores(entries, lessons, NONE_LEARNT), least),
        taught=_kept(_kept_back(entries, seen), least),
    )


def _lessons(session: Session) -> list[Lesson]:
    """Return what people said of each title and class: accepted where any clip of it is."""
    rows = session.execute(
        select(Video.title, Label.name, Decision.verdict)
        .join(Clip, Clip.id == Decision.clip_id)
        .join(Video, Video.id == Clip.video_id)
        .join(Label, Label.id == Clip.label_id)
        .where(Decision.verdict != Verdict.OPEN, is_searched())
    )
    said: dict[tuple[str, str], set[Verdict]] = defaultdict(set)
    for title, label, verdict in rows:
        said[title, label].add(verdict)
    return [
        Lesson(title, label, Verdict.ACCEPTED in verdicts)
        for (title, label), verdicts in sorted(said.items())
    ]


def _kept_back(
    entries: Sequence[ClassEntry], seen: Sequence[Seen]
) -> Iterator[tuple[Lesson, float]]:
    for fold in range(FOLDS):
        known = learn(one for one in seen if _fold(one.lesson) != fold)
        yield from _scores(entries, [s.lesson for s in seen if _fold(s.lesson) == fold], known)


def _scores(
    entries: Sequence[ClassEntry], lessons: Sequence[Lesson], known: Lessons
) -> Iterator[tuple[Lesson, float]]:
    matcher = ScoredMatcher(entries, least=0.0, lessons=known)
    for lesson in lessons:
        scores = {match.label: match.score for match in matcher.match(lesson.title)}
        yield lesson, scores.get(lesson.label, 0.0)


def _fold(lesson: Lesson) -> int:
    return hashlib.sha256(lesson.title.encode()).digest()[0] % FOLDS


def _kept(scores: Iterator[tuple[Lesson, float]], least: float) -> Kept:
    kept = [lesson.is_accepted for lesson, score in scores if score >= least]
    return Kept(num_accepted=sum(kept), num_rejected=len(kept) - sum(kept))
