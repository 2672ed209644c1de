"""Clips about which people disagree, with all that was said about them. Reads only."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Float, Select, and_, bindparam, cast, false, func, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.crowd.clips.ruled import class_shown
from kinetics_builder.crowd.clips.ruling import choices_for
from kinetics_builder.crowd.trees.paths import Path, end_of
from kinetics_builder.crowd.trees.walked import QUESTIONNAIRE
from kinetics_builder.crowd.trees.written import read
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipFile,
    Decision,
    DecisionTree,
    Gold,
    Label,
    Ruling,
    TakenVideo,
    TreeAnswer,
    TreeDecision,
    Verdict,
    Video,
    Vote,
    Worker,
    WorkerStanding,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One worker's answer about a clip that was not replaced by a later one."""

    worker_id: int
    worker: str
    answer: Answer
    lasts_whole_clip: bool | None
    better_name: str | None
    """What the worker would call it instead."""
    seconds: float | None
    at: datetime
    """When it was given, in UTC."""
    counts: bool
    """Whether the worker is not set aside."""


@dataclass(frozen=True, slots=True)
class Walked:
    """One worker's path through a tree of questions about a clip."""

    worker_id: int
    worker: str
    steps: Sequence[tuple[str, str]]
    """Each question that was asked, in words, and the answer."""
    label: str | None
    """The class that it leads to."""
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the owner said once about a clip."""

    verdict: Verdict
    """Open where earlier word was taken back."""
    reason: str
    by: str
    at: datetime
    label: str | None = None
    """The class that it is about, where that may be another than the one proposed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A clip with what people said about it."""

    clip_id: int
    label: str
    """The class that it counts for."""
    description: str | None
    proposed_id: int
    proposed: str
    """The class that it was proposed for: a tree of questions may lead to another."""
    video_id: str
    title: str
    start_seconds: float
    end_seconds: float
    verdict: Verdict
    is_ruled: bool
    """Whether the verdict is the owner's."""
    num_yes: int
    num_no: int
    num_unsure: int
    num_bad: int
    num_set_aside: int
    gold: Answer | None = None
    """The known answer, where the clip is gold for its class."""
    said: Sequence[Said] = ()
    walked: Sequence[Walked] = ()
    ruled: Sequence[Ruled] = ()
    """The last word last."""
    choices: Sequence[tuple[int, str]] = ()
    """The classes that its tree of questions leads to, by id and name."""

    @property
    def num_votes(self) -> int:
        """Answers that count."""
        return self.num_yes + self.num_no + self.num_unsure + self.num_bad

    @property
    def margin(self) -> float:
        """How clear the vote is: 0 for as many yes as others, 1 where all say the same."""
        return abs(2 * self.num_yes - self.num_votes) / max(self.num_votes, 1)


@dataclass(frozen=True, slots=True)
class Which:
    """Which clips are meant: disputed ones that wait, or decided ones."""

    label: str | None = None
    """Of this class; None for all."""
    are_ruled: bool = False
    """Those that the owner has decided, disputed or not, rather than those that wait."""


def count_disputed(session: Session, which: Which) -> int:
    """Return how many clips have yes-answers that count, and others; or are decided."""
    return session.scalar(_of(which, select(func.count(Decision.clip_id)))) or 0


def list_disputed(session: Session, which: Which, number: int, skip: int = 0) -> list[Judged]:
    """Return so many disputed clips, the closest vote first, then the most votes, then by id."""
    votes = Decision.num_yes + _OTHERS
    margin = func.abs(Decision.num_yes - _OTHERS) / cast(func.nullif(votes, 0), Float)
    query = _of(which, select(Decision.clip_id)).order_by(margin, votes.desc(), Decision.clip_id)
    return read_judged(session, session.scalars(query.limit(number).offset(skip)).all())


def read_judged(session: Session, clip_ids: Sequence[int]) -> list[Judged]:
    """Return clips that have answers, in this order, with all that was said; others are absent."""
    said, walked, ruled, found = (
        _by_clip(session.execute(query, {"clips": list(clip_ids)}))
        for query in (_SAID, _WALKED, _RULED, _JUDGED)
    )
    clips = [Judged(clip_id, *found[clip_id][0]) for clip_id in clip_ids if clip_id in found]
    choices = {one: choices_for(session, one) for one in {clip.proposed_id for clip in clips}}
    return [
        replace(
            clip,
            said=[Said(*row) for row in said[clip.clip_id]],
            walked=[_walked(*row) for row in walked[clip.clip_id]],
            ruled=[Ruled(*row) for row in ruled[clip.clip_id]],
            choices=tuple(choices[clip.proposed_id].items()),
        )
        for clip in clips
    ]


def _walked(
    worker_id: int, worker: str, told: str, path: Path, at: datetime, counts: bool
) -> Walked:
    tree = read(told)
    steps = [(node.text if (node := tree.nodes.get(key)) else key, said) for key, said in path]
    return Walked(worker_id, worker, steps, end_of(tree, path)[0], at, counts)


def _by_clip(rows: Iterable[Any]) -> dict[int, list[list[Any]]]:
    found = defaultdict[int, list[list[Any]]](list)
    for clip_id, *more in rows:
        found[clip_id].append(more)
    return found


def list_disputed_labels(session: Session, *, are_ruled: bool = False) -> Sequence[str]:
    """Return the classes that have such clips, by name."""
    names = _of(Which(are_ruled=are_ruled), select(Label.name).distinct())
    return session.scalars(names.order_by(Label.name)).all()


def usual_reasons(session: Session, number: int = 12) -> Sequence[str]:
    """Return the reasons that were given most often, which are likely to be given again."""
    query = (
        select(Ruling.reason)
        .where(Ruling.verdict != Verdict.OPEN)
        .group_by(Ruling.reason)
        .order_by(func.count().desc(), Ruling.reason)
    )
    return session.scalars(query.limit(number)).all()


def _of(which: Which, query: Select[Any]) -> Select[Any]:
    found = (
        query.select_from(Decision)
        .join(Clip, Clip.id == Decision.clip_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(Label, Label.id == Clip.label_id)
        .where(Decision.is_ruled if which.are_ruled else _IS_DISPUTED)
        .where(~Clip.is_withdrawn, TakenVideo.spares(Clip.video_id))
    )
    return found if which.label is None else found.where(Label.name == which.label)


_OTHERS = Decision.num_no + Decision.num_unsure + Decision.num_bad
_IS_DISPUTED = and_(~Decision.is_ruled, Decision.num_yes > 0, _OTHERS > 0)
_CLIPS: Any = bindparam("clips", expanding=True)
_SHOWN = aliased(Label)
_JUDGED: Any = (
    select(
        Clip.id,
        _SHOWN.name,
        _SHOWN.description,
        Label.id,
        Label.name,
        Video.video_id,
        Video.title,
        Clip.start_seconds,
        Clip.end_seconds,
        Decision.verdict,
        Decision.is_ruled,
        Decision.num_yes,
        Decision.num_no,
        Decision.num_unsure,
        Decision.num_bad,
        Decision.num_set_aside,
        Gold.expected,
    )
    .join(Decision, Decision.clip_id == Clip.id)
    .join(Label, Label.id == Clip.label_id)
    .join(Video, Video.id == Clip.video_id)
    .outerjoin(TreeDecision, TreeDecision.clip_id == Clip.id)
    .join(_SHOWN, _SHOWN.id == class_shown())
    .outerjoin(Gold, and_(Gold.clip_id == Clip.id, Gold.label_id == Clip.label_id))
    .where(Clip.id.in_(_CLIPS), TakenVideo.spares(Clip.video_id))
)
_SAID: Any = (
    select(
        Vote.clip_id,
        Worker.id,
        func.coalesce(Worker.name, ""),
        Vote.answer,
        Vote.lasts_whole_clip,
        Vote.better_name,
        Vote.seconds,
        Vote.created_at,
        ~func.coalesce(WorkerStanding.is_warned, false()),
    )
    .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
    .join(Worker, Worker.id == Vote.worker_id)
    .outerjoin(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
    .where(Vote.clip_id.in_(_CLIPS), Vote.stands())
    .order_by(Vote.id)
)
_WALKED: Any = (
    select(
        TreeAnswer.clip_id,
        Worker.id,
        func.coalesce(Worker.name, ""),
        DecisionTree.told,
        TreeAnswer.path,
        TreeAnswer.created_at,
        ~func.coalesce(WorkerStanding.is_warned, false()),
    )
    .join(Worker, Worker.id == TreeAnswer.worker_id)
    .join(DecisionTree, DecisionTree.id == TreeAnswer.tree_id)
    .outerjoin(WorkerStanding, WorkerStanding.of(QUESTIONNAIRE, TreeAnswer.worker_id))
    .where(TreeAnswer.clip_id.in_(_CLIPS), TreeAnswer.stands())
    .order_by(TreeAnswer.id)
)
_RULED: Any = (
    select(
        Ruling.clip_id,
        Ruling.verdict,
        Ruling.reason,
        Ruling.ruled_by,
        Ruling.ruled_at,
        Label.name,
    )
    .outerjoin(Label, Label.id == Ruling.label_id)
    .where(Ruling.clip_id.in_(_CLIPS))
    .order_by(Ruling.id)
)
