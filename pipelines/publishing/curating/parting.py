"""Asking which part of a split class a clip is: parts become labels, and questions about clips.

A question is a row of `clip` with the stretch and the file of the clip that it is about, so that
all that deals, shows and decides clips serves it, too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.class_edits import recorded_edits
from kinetics_builder.crowd.clips.open_tasks import CLIP_TASKS
from kinetics_builder.curation.part_questions import Unsettled
from kinetics_builder.curation.replay import replay
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import Clip, ClipFile, Decision, Label, Verdict
from pipelines.classes.part_labels import write_part_labels
from pipelines.kinetics.withdrawing import bring_back, take_back
from pipelines.publishing.curating.judged import judged_clips, rank_of, targets_of


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a clip of a split class is a part of it."""

    clip_id: int
    """The clip of the class."""
    label: str
    """The class that is split."""
    part: str


def questions_of(unsettled: Iterable[Unsettled], max_per_video: int) -> list[Question]:
    """Return what is asked, of the best clips of each video and class that would be released."""
    by_video: dict[tuple[str, str], list[Unsettled]] = defaultdict(list)
    for one in unsettled:
        by_video[one.clip.video, one.clip.label].append(one)
    return [
        Question(rank_of(one.clip).clip_id, one.clip.label, one.part)
        for some in by_video.values()
        for one in sorted(some, key=_place)[:max_per_video]
    ]


def _place(one: Unsettled) -> Any:
    return one.clip.is_undecided, rank_of(one.clip)


def ask_parts(session: Session, config: Config) -> None:
    """Bring up to date what is asked of the parts of split classes: see `write_parts`."""
    if has_parts(session):
        write_parts(session, wanted_questions(session, config))


def has_parts(session: Session) -> bool:
    """Tell whether a class was ever split into parts that people are asked about."""
    return (
        session.scalar(select(Label.id).where(Label.part_of_id.is_not(None)).limit(1)) is not None
    )


def wanted_questions(session: Session, config: Config) -> list[Question]:
    """Return what people are to be asked now, whether they are asked it already or not."""
    edits, most = recorded_edits(session), config.deduplicate.max_per_video
    found = replay(edits, judged_clips(session, edits), max_per_video=most)
    return questions_of(found.unsettled, most)


def count_unwritten(session: Session, config: Config) -> int:
    """Return how many questions `ask_parts` would add."""
    if not has_parts(session):
        return 0
    there = select(Clip.part_of_id, Label.name).join(Label, Label.id == Clip.label_id)
    known = {tuple(row) for row in session.execute(there.where(~Clip.is_withdrawn))}
    return sum((one.clip_id, one.part) not in known for one in wanted_questions(session, config))


def write_parts(session: Session, questions: Sequence[Question]) -> None:
    """Let people be asked these questions about parts, and none that is open beside them.

    A question that is decided stands as long as the split does. What an undone split asked is
    taken back: its votes stay, and count again should it be done once more. Reads `class_edit`;
    writes `label`, `label_group`, `clip` and `clip_file`.
    """
    targets = targets_of(recorded_edits(session))
    if not targets and not has_parts(session):
        return
    labels = write_part_labels(session, targets)
    wanted = {(one.clip_id, labels[one.part]) for one in questions}
    known = _known(session)
    for clip, is_decided in known.values():
        stands = (clip.part_of_id, clip.label_id) in wanted
        stands |= is_decided and clip.label_id in labels.values() and _is_there(session, clip)
        if clip.is_withdrawn and stands:
            bring_back(session, [clip])
        elif not clip.is_withdrawn and not stands:
            take_back(session, clip)
    _add(session, sorted(wanted - known.keys()))
    sources = {clip_id for clip_id, _ in wanted | known.keys() if clip_id is not None}
    CLIP_TASKS.note(session.connection(), sources)


def _known(session: Session) -> dict[tuple[int | None, int], tuple[Clip, bool]]:
    """Return the questions that were ever asked, and whether they are decided."""
    rows = session.execute(
        select(Clip, Decision.verdict)
        .outerjoin(Decision, Decision.clip_id == Clip.id)
        .where(Clip.part_of_id.is_not(None))
        .order_by(Clip.id)
    ).all()
    return {
        (clip.part_of_id, clip.label_id): (clip, verdict not in (None, Verdict.OPEN))
        for clip, verdict in rows
    }


def _is_there(session: Session, clip: Clip) -> bool:
    source = session.get(Clip, clip.part_of_id)
    return source is not None and not source.is_withdrawn


def _add(session: Session, new: Sequence[tuple[int, int]]) -> None:
    """Add questions about clips, but where the same stretch is asked about as that class already.

    Each has the file of its clip.
    """
    for chunk in chunks(new):
        ids = {clip_id for clip_id, _ in chunk}
        sources = {one.id: one for one in session.scalars(select(Clip).where(Clip.id.in_(ids)))}
        files = {
            one.clip_id: one
            for one in session.scalars(select(ClipFile).where(ClipFile.clip_id.in_(ids)))
        }
        taken = _taken(session, [one.video_id for one in sources.values()])
        wanted = [
            (clip_id, label_id)
            for clip_id, label_id in chunk
            if (*_stretch(sources[clip_id]), label_id) not in taken
        ]
        if not wanted:
            continue
        rows = [
            {**_copied(sources[clip_id]), "label_id": label_id, "part_of_id": clip_id}
            for clip_id, label_id in wanted
        ]
        ids_of_new = session.scalars(
            insert(Clip).returning(Clip.id, sort_by_parameter_order=True), rows
        ).all()
        session.execute(
            insert(ClipFile),
            [
                {**_copied(files[clip_id]), "clip_id": new_id}
                for new_id, (clip_id, _) in zip(ids_of_new, wanted, strict=True)
            ],
        )


def _taken(session: Session, videos: Sequence[int]) -> set[tuple[int, float, float, int]]:
    clips = session.scalars(select(Clip).where(Clip.video_id.in_(videos)))
    return {(*_stretch(clip), clip.label_id) for clip in clips}


def _stretch(clip: Clip) -> tuple[int, float, float]:
    return clip.video_id, clip.start_seconds, clip.end_seconds


def _copied(row: Clip | ClipFile) -> Mapping[str, Any]:
    """Return what a row says, but for its id."""
    names = row.__table__.columns.keys()
    return {name: getattr(row, name) for name in names if name not in ("id", "clip_id")}
