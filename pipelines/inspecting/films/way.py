"""The way of films, from what a source listed to what is released: what passed, what was lost.

`kbuild status` and the report read it here, so that no two of them disagree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.ava.truth import REJECTED
from kinetics_builder.database.tables import (
    BoxProposal,
    DetectedBox,
    Film,
    FilmHit,
    KeyFrame,
    LinkDecision,
    Media,
    PersonBox,
    Shot,
    TaskSlot,
    Verdict,
)
from pipelines.ava.detect import FILE
from pipelines.inspecting.films.actions import ActionCounts, box_counts
from pipelines.inspecting.films.released import Released
from pipelines.inspecting.stages import StageStatus

FILMS, MOMENTS, BOXES, ACTIONS = "films", "key frames", "boxes", "actions"
"""What is counted; steps of one are compared with one another."""


@dataclass(frozen=True, kw_only=True)
class FilmStep:
    """What has come so far, and what of the step before has not."""

    name: str
    unit: str
    count: int
    explanation: str
    less: dict[str, int] = field(default_factory=dict)
    """What was lost on the way here, by reason."""
    plus: dict[str, int] = field(default_factory=dict)
    """What came from elsewhere."""

    @property
    def told(self) -> str:
        """Say what was lost and what came, in a line that may be empty."""
        parts = [
            f"{word} {', '.join(f'{number:,} {what}' for what, number in found.items())}"
            for word, found in (("less", self.less), ("plus", self.plus))
            if found
        ]
        return "; ".join(parts)


def film_way(
    session: Session,
    stages: Sequence[StageStatus],
    actions: Mapping[int, ActionCounts],
    released: Released | None,
    min_score: float,
) -> list[FilmStep]:
    """Return the steps; nothing where no film was asked for.

    Args:
        stages: Of AVA, under the current settings: why films were lost.
        actions: See `count_actions`.
        released: The newest release; None before the first.
        min_score: From which on detected boxes are shown.

    """
    if not stages:
        return []
    of = {stage.stage.removeprefix("ava "): stage for stage in stages}
    return [
        *_films(session, of),
        *_moments(session, of),
        *_boxes(session, of, min_score),
        *_people(session, of),
        *_actions(session, actions, released),
    ]


def _films(session: Session, of: Mapping[str, StageStatus]) -> list[FilmStep]:
    listed = select(FilmHit.video_id).distinct().subquery()
    fetched = select(func.count()).where(Media.video_id.in_(select(listed.c.video_id)))
    return [
        FilmStep(
            name="films listed",
            unit=FILMS,
            count=_count(session, select(func.count()).select_from(listed)),
            explanation="what the source answered",
            less=_lost(of["search"], "request", "requests", "not asked yet"),
        ),
        FilmStep(
            name="films fetched",
            unit=FILMS,
            count=_count(session, fetched),
            explanation="and could be opened",
            less=_lost(of["download"], "", "", "not fetched yet"),
        ),
        FilmStep(
            name="films selected",
            unit=FILMS,
            count=_count(session, select(func.count()).select_from(Film)),
            explanation="long enough; a stretch of each is annotated",
            less=_lost(of["select"], "", "", "not looked at yet"),
        ),
    ]


def _moments(session: Session, of: Mapping[str, StageStatus]) -> list[FilmStep]:
    frames = select(func.count()).select_from(KeyFrame)
    withdrawn = _count(session, frames.where(KeyFrame.is_withdrawn))
    return [
        FilmStep(
            name="shots",
            unit=MOMENTS,
            count=_count(session, select(func.count()).select_from(Shot)),
            explanation="between two cuts; a track crosses none",
        ),
        FilmStep(
            name="key frames",
            unit=MOMENTS,
            count=_count(session, frames.where(~KeyFrame.is_withdrawn)),
            explanation="moments that people are asked about",
            less=_lost(of["keyframes"], "film", "films", "not read yet")
            | _some({"asked for no longer": withdrawn}),
        ),
    ]


def _boxes(session: Session, of: Mapping[str, StageStatus], min_score: float) -> list[FilmStep]:
    found = _count(session, _detected(~DetectedBox.is_withdrawn))
    of_machine = _detected(~DetectedBox.is_withdrawn).outerjoin(
        PersonBox, PersonBox.detected_box_id == DetectedBox.id
    )
    is_hidden = or_(PersonBox.id.is_(None), PersonBox.is_withdrawn)
    is_unsure = and_(DetectedBox.origin != FILE, DetectedBox.score < min_score)
    standing = _standing()
    moved = aliased(PersonBox)
    was_moved = exists(moved.id).where(
        moved.replaces_id == PersonBox.id, ~moved.is_dropped, ~moved.is_withdrawn
    )
    dropped = of_machine.where(~PersonBox.is_withdrawn, PersonBox.is_dropped, ~was_moved)
    by_people = and_(PersonBox.detected_box_id.is_(None), PersonBox.replaces_id.is_(None))
    return [
        FilmStep(
            name="boxes detected",
            unit=BOXES,
            count=found,
            explanation="persons as a detector, or a file, says",
            less=_lost(of["detect"], "film", "films", "not searched yet"),
        ),
        FilmStep(
            name="boxes shown",
            unit=BOXES,
            count=_count(session, standing),
            explanation="from detect.min_score on, then as people left them",
            less=_some(
                {
                    "below detect.min_score": _count(
                        session, of_machine.where(is_hidden, is_unsure)
                    ),
                    "not shown yet": _count(session, of_machine.where(is_hidden, ~is_unsure)),
                    "dropped by people": _count(session, dropped),
                }
            ),
            plus=_some({"drawn by people": _count(session, standing.where(by_people))}),
        ),
    ]


def _people(session: Session, of: Mapping[str, StageStatus]) -> list[FilmStep]:
    persons = (
        select(KeyFrame.video_id, PersonBox.person)
        .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
        .where(box_counts(), PersonBox.person.is_not(None))
        .distinct()
        .subquery()
    )
    nobody = _count(session, _standing().where(PersonBox.person.is_(None)))
    followed = select(func.count()).select_from(LinkDecision).where(LinkDecision.is_decided)
    return [
        FilmStep(
            name="persons",
            unit=BOXES,
            count=_count(session, select(func.count()).select_from(persons)),
            explanation="each in one film, however many boxes",
            less=_lost(of["link"], "film", "films", "not linked yet")
            | _some({"boxes of nobody yet": nobody}),
        ),
        FilmStep(
            name="strips followed",
            unit=BOXES,
            count=_count(session, followed),
            explanation="stretches along which people said who is who",
            less=_some({"with too few answers": _count(session, _STRIPS_OPEN)}),
        ),
        _named(session),
    ]


def _named(session: Session) -> FilmStep:
    rows: Any = session.execute(_PROPOSALS)
    found = {verdict: tuple(numbers) for verdict, *numbers in rows}
    accepted, rejected, some, none = (
        found.get(one, (0, 0)) for one in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.OPEN, None)
    )
    return FilmStep(
        name="persons with proposals",
        unit=BOXES,
        count=accepted[0],
        explanation="boxes of which enough people named the actions",
        less=_some(
            {
                "hidden or blocked": rejected[1],
                "wrong box": rejected[0] - rejected[1],
                "named by too few": some[0],
                "named by nobody yet": none[0],
            }
        ),
    )


def _actions(
    session: Session, counted: Mapping[int, ActionCounts], released: Released | None
) -> list[FilmStep]:
    proposed, rejected, waiting, known, labels = (
        sum(getattr(one, name) for one in counted.values())
        for name in ("num_proposed", "num_rejected", "num_open", "num_known", "num_labels")
    )
    return [
        FilmStep(
            name="actions proposed",
            unit=ACTIONS,
            count=proposed,
            explanation="of a person at a key frame, named by somebody",
        ),
        FilmStep(
            name="actions accepted",
            unit=ACTIONS,
            count=labels,
            explanation="enough people saw the person do it",
            less=_some({"rejected": rejected, "open": waiting}),
            plus=_some({"known as gold, proposed by nobody": known}),
        ),
        FilmStep(
            name="actions released",
            unit=ACTIONS,
            count=released.num_labels if released else 0,
            explanation=f"in {released.name}" if released else "no release yet",
            less=_left_out(released) if released else {},
        ),
    ]


def _left_out(released: Released) -> dict[str, int]:
    return {
        f"{what if number == 1 else _MANY[what]}: {reason.removeprefix(REJECTED)}": number
        for (what, reason), number in released.left_out.most_common()
    }


def _lost(stage: StageStatus, one: str, many: str, waiting: str) -> dict[str, int]:
    """Return the failed and the waiting items of a stage by what is said of them."""

    def named(number: int, why: str) -> str:
        unit = one if number == 1 else many
        return f"{unit}: {why}" if unit else why

    found = {named(number, why): number for why, number in stage.failures.items()}
    left = stage.num_pending + stage.num_running
    return found | _some({named(left, waiting): left})


def _some(found: Mapping[str, int]) -> dict[str, int]:
    return {what: number for what, number in found.items() if number}


def _count(session: Session, query: Any) -> int:
    return session.scalar(query) or 0


def _detected(which: ColumnElement[bool]) -> Any:
    return (
        select(func.count())
        .select_from(DetectedBox)
        .join(KeyFrame, KeyFrame.id == DetectedBox.key_frame_id)
        .where(which, ~KeyFrame.is_withdrawn)
    )


def _standing() -> Any:
    return (
        select(func.count())
        .select_from(PersonBox)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .where(box_counts())
    )


_STRIPS_OPEN = (
    select(func.count(func.distinct(TaskSlot.stretch_id)))
    .outerjoin(LinkDecision, LinkDecision.stretch_id == TaskSlot.stretch_id)
    .where(
        TaskSlot.stretch_id.is_not(None),
        TaskSlot.gold_id.is_(None),
        or_(LinkDecision.is_decided.is_(None), ~LinkDecision.is_decided),
    )
)
_MANY = {"key frame": "key frames", "box": "boxes", "pose": "poses"}
_IS_BLOCKED = BoxProposal.num_blocked >= BoxProposal.num_wrong_box
"""Of a rejected box, as a release says it: see `pipelines.ava.releasing.answers`."""
_PROPOSALS = (
    select(
        BoxProposal.verdict,
        func.count(),
        func.count().filter(_IS_BLOCKED),
    )
    .select_from(PersonBox)
    .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
    .outerjoin(BoxProposal, BoxProposal.person_box_id == PersonBox.id)
    .where(box_counts())
    .group_by(BoxProposal.verdict)
)
