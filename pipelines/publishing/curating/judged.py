"""Which clips people have judged, what they said, and what was asked anew: what edits act on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import String, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from kinetics_builder.crowd.clips.gating import is_closed
from kinetics_builder.crowd.clips.ruled import class_shown
from kinetics_builder.curation.edits import Edit, SplitLabel
from kinetics_builder.curation.judged import JudgedClip, JudgedPart
from kinetics_builder.curation.log import live_edits
from kinetics_builder.curation.replay import majority_name
from kinetics_builder.database.bulk import select_plain
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    ClipPlace,
    Decision,
    Label,
    Standing,
    TaskSlot,
    TreeDecision,
    Verdict,
    Video,
    Vote,
    WorkerStanding,
)
from pipelines.verifying.reserves import has_better_hope

SHOWN = aliased(Label)
"""The class that a clip counts for: the owner's word, or a tree of questions, may lead to another
than the one that it was proposed for."""


def may_be_chosen(clips: Any) -> Any:
    """Return a selection of clips with those alone that were decided and may be released.

    Beside each is the class that it counts for, as `SHOWN`.
    """
    return (
        clips.join(Decision, Decision.clip_id == Clip.id)
        .join(Label, Label.id == Clip.label_id)
        .join(Video, Video.id == Clip.video_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(ClipPlace, ClipPlace.clip_id == Clip.id)
        .outerjoin(TreeDecision, TreeDecision.clip_id == Clip.id)
        .join(SHOWN, SHOWN.id == class_shown())
        .where(
            ~Clip.is_withdrawn,
            ~Label.is_retired,
            ClipPlace.standing != Standing.DUPLICATE,
            Decision.verdict != Verdict.OPEN,
        )
    )


class Rank(NamedTuple):
    """Orders the clips of a video, the best first, and names a clip."""

    minus_score: float
    start_seconds: float
    end_seconds: float
    asked_label: str
    clip_id: int


def rank_of(clip: JudgedClip) -> Rank:
    """Return the key of a clip that was read here."""
    assert isinstance(clip.key, Rank)
    return clip.key


def targets_of(edits: Sequence[Edit]) -> dict[str, str]:
    """Return the parts that splits which stand name, each with the class that it is a part of."""
    splits = [edit for _, edit in live_edits(edits) if isinstance(edit, SplitLabel)]
    return {
        target: split.source
        for split in splits
        for target in split.targets
        if split.source not in split.targets
    }


def judged_clips(session: Session, edits: Sequence[Edit] = ()) -> list[JudgedClip]:
    """Return the decided clips that may be released, rejected ones included.

    Where a class is split, also those that people are asked about next, or were, without a
    decision yet; and what people said of parts.
    """
    names, parts = _better_names(session), dict[int, list[JudgedPart]]()
    rows = [(row, False) for some in select_plain(session, _DECIDED) for row in some]
    if targets := targets_of(edits):
        parts = _judged_parts(session, names, set(targets))
        rows += [(row, True) for row in session.execute(_undecided())]
    return [
        JudgedClip(
            key=Rank(-score, start, end, label, clip_id),
            video=video,
            label=label,
            is_accepted=verdict == Verdict.ACCEPTED,
            num_yes=num_yes,
            num_votes=num_votes,
            better_name=names.get(clip_id),
            is_undecided=is_undecided,
            parts=tuple(parts.get(clip_id, ())),
        )
        for row, is_undecided in rows
        for clip_id, score, start, end, label, video, verdict, num_yes, num_votes in [row]
    ]


def all_that_is_judged(session: Session, edits: Sequence[Edit]) -> Iterator[object]:
    """Yield all that `judged_clips` returns what it does for, in an order of its own."""
    yield from session.execute(_DECIDED.order_by(Clip.id))
    yield sorted(_better_names(session).items())
    if targets := targets_of(edits):
        yield from session.execute(_undecided().order_by(Clip.id))
        yield from session.execute(_parts(set(targets)))


def _judged_parts(
    session: Session, names: dict[int, str], targets: set[str]
) -> dict[int, list[JudgedPart]]:
    """Return what was asked of parts, by the clip; what is taken back by now included."""
    rows: Iterable[Any] = session.execute(_parts(targets))
    found: dict[int, list[JudgedPart]] = defaultdict(list)
    for clip_id, part_id, label, verdict, num_yes, num_votes, is_withdrawn in rows:
        found[clip_id].append(
            JudgedPart(
                key=part_id,
                label=label,
                is_accepted=_ACCEPTS.get(verdict),
                num_yes=num_yes or 0,
                num_votes=num_votes or 0,
                better_name=names.get(part_id),
                is_asked=not is_withdrawn,
            )
        )
    return found


_ACCEPTS = {Verdict.ACCEPTED.value: True, Verdict.REJECTED.value: False}
_NUM_VOTES = Decision.num_yes + Decision.num_no + Decision.num_unsure + Decision.num_bad
_COLUMNS = (
    Clip.id,
    Clip.score,
    Clip.start_seconds,
    Clip.end_seconds,
    Label.name,
    Video.video_id,
    type_coerce(Decision.verdict, String),
)
_DECIDED = may_be_chosen(
    select(
        *(SHOWN.name if column is Label.name else column for column in _COLUMNS),
        Decision.num_yes,
        _NUM_VOTES,
    )
)


def _parts(targets: set[str]) -> Any:
    """Select what was asked of parts, with the clip meant: of its own, or as a class of its own."""
    meant = aliased(Clip)
    is_same_stretch = and_(
        Clip.part_of_id.is_(None),
        meant.part_of_id.is_(None),
        meant.id != Clip.id,
        meant.video_id == Clip.video_id,
        meant.start_seconds == Clip.start_seconds,
        meant.end_seconds == Clip.end_seconds,
    )
    return (
        select(
            meant.id,
            Clip.id,
            Label.name,
            type_coerce(Decision.verdict, String),
            Decision.num_yes,
            _NUM_VOTES,
            Clip.is_withdrawn,
        )
        .join(Label, Label.id == Clip.label_id)
        .join(meant, or_(meant.id == Clip.part_of_id, is_same_stretch))
        .outerjoin(Decision, Decision.clip_id == Clip.id)
        .where(Label.name.in_(targets))
        .order_by(meant.id, Clip.id)
    )


def _undecided() -> Any:
    """Select the clips without a decision that people are asked about, now or next."""
    is_asked = select(TaskSlot.id).where(TaskSlot.clip_id == Clip.id, TaskSlot.gold_id.is_(None))
    return (
        select(
            *_COLUMNS,
            func.coalesce(Decision.num_yes, 0),
            func.coalesce(_NUM_VOTES, 0),
        )
        .join(Label, Label.id == Clip.label_id)
        .join(Video, Video.id == Clip.video_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(ClipPlace, ClipPlace.clip_id == Clip.id)
        .outerjoin(Decision, Decision.clip_id == Clip.id)
        .where(
            ~Clip.is_withdrawn,
            ~Label.is_retired,
            ~Label.is_full,
            ~is_closed(Clip.label_id),
            or_(
                ClipPlace.standing == Standing.KEPT,
                and_(
                    ClipPlace.standing == Standing.RESERVE,
                    or_(is_asked.exists(), ~has_better_hope()),
                ),
            ),
            func.coalesce(Decision.verdict, Verdict.OPEN.value) == Verdict.OPEN.value,
        )
    )


def _better_names(session: Session) -> dict[int, str]:
    """Return what most workers would call a clip, by its id; warned workers are not heard."""
    query = (
        select(Vote.clip_id, Vote.better_name)
        .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
        .outerjoin(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
        .where(Vote.stands(), Vote.better_name.is_not(None))
        .where(WorkerStanding.is_warned.is_not(True))
    )
    given: dict[int, list[str]] = defaultdict(list)
    for clip_id, name in session.execute(query):
        given[clip_id].append(name or "")
    return {
        clip_id: name
        for clip_id, names in given.items()
        if (name := majority_name(names)) is not None
    }
