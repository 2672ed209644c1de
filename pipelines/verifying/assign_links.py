"""Verb `assign --kind links`: stretches of films nobody was asked about -> tasks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import AssignConfig, Config
from kinetics_builder.crowd.links.deciding import LINK_TASKS, LINKS
from kinetics_builder.crowd.links.reunions import Shown, gone_beside, returns, unmet
from kinetics_builder.crowd.links.windows import windows
from kinetics_builder.crowd.tasks import deal_in_order
from kinetics_builder.database.tables import (
    Answer,
    Gold,
    LinkStretch,
    PersonBox,
    Task,
    TaskSlot,
    Video,
)
from kinetics_builder.errors import StageOrderError
from pipelines.verifying.gold_slots import is_for_all, mix_in_tasks
from pipelines.verifying.new_tasks import write_tasks
from pipelines.verifying.stretches import (
    FilmFrames,
    Frame,
    Planned,
    Stretch,
    add_gone,
    add_stretches,
    read_films,
    read_stretches,
)


@dataclass(frozen=True)
class LinksReport:
    """What `assign` did about links."""

    num_tasks: int
    """New ones."""
    num_questions: int
    """Stretches of the new tasks that are not gold."""
    num_gold_slots: int
    num_gold_missing: int
    """Gold slots of the new tasks that are left out for want of gold."""
    num_asked_before: int
    """Stretches that tasks of earlier runs ask about."""
    num_open: int
    """Key frames that are left out: people are still asked who is to be seen."""
    num_unlinked: int
    """Key frames that are left out: they have boxes that are not linked yet."""
    num_unfollowed: int
    """Boxes that came after people had followed their stretch: they are asked about again."""
    num_again: int
    """Of the new stretches: those of key frames that were asked about before."""
    num_gold_mixed_in: int = 0
    """Gold questions put into tasks of earlier runs that are not finished."""


@dataclass(frozen=True, slots=True)
class _Question:
    """Whose the boxes of a stretch are, named without ids."""

    stretch_id: int
    content: str
    gold_id: int | None = None
    is_yes: bool = False
    """Of gold: whether no error is shown."""

    @property
    def thing(self) -> int:
        return self.stretch_id

    @property
    def label(self) -> str:
        return ""

    @property
    def slot(self) -> dict[str, int | None]:
        return {"stretch_id": self.stretch_id}


def assign_links(
    session: Session, config: Config, *, whatever_was_asked: bool = True
) -> LinksReport:
    """Put all links between key frames that people should see next into tasks.

    A question is a stretch of a film, see `windows`; those of a task follow each other, with gold
    at random places between. Key frames wait whose boxes people are still asked about, or have
    drawn since boxes were linked. Beside a stretch are shown those who left its shot before, where
    anybody comes who may be one of them, see `returns`. A stretch that nobody has answered is
    shown what came since; of one that is decided the key frames are asked about again which have
    boxes that nobody followed, or somebody who may have come back from where no stretch showed it.
    Reads `person_box`, `link_stretch`, `link_answer` and `gold`; writes `link_stretch`,
    `gone_box`, `task` and `task_slot`. A second run adds nothing.

    Args:
        session: A writing one.
        config: How tasks are dealt.
        whatever_was_asked: Whether key frames come too that no stretch was about when people were
            asked what the persons do.

    Raises:
        StageOrderError: No box has a person.

    """
    if not has_linked(session):
        raise StageOrderError("assign", needs="ava link", what="boxes with persons")
    asked_before = session.scalar(
        select(func.count(TaskSlot.stretch_id.distinct())).where(TaskSlot.gold_id.is_(None))
    )
    plans = _plans(session, config, whatever_was_asked=whatever_was_asked)
    for plan in plans:
        add_gone(session, plan.late)
        LINK_TASKS.note(session.connection(), plan.late)
    found = [one for plan in plans for one in plan.stretches]
    num_mixed_in = mix_links_gold_in(session, config.assign)
    gold = _gold(session)
    tasks = deal_in_order(_ask(session, found), gold, config.assign)
    _write(session, tasks)
    num_gold = sum(question.gold_id is not None for task in tasks for question in task)
    frames = [frame for plan in plans for frame in plan.frames]
    return LinksReport(
        num_tasks=len(tasks),
        num_questions=len(found),
        num_gold_slots=num_gold,
        num_gold_missing=len(tasks) * config.assign.gold_per_task - num_gold,
        num_asked_before=asked_before or 0,
        num_open=sum(frame.is_open for frame in frames),
        num_unlinked=sum(not frame.is_open and not frame.is_linked for frame in frames),
        num_unfollowed=sum(plan.num_unfollowed for plan in plans),
        num_again=sum(one.round > 0 for one in found),
        num_gold_mixed_in=num_mixed_in,
    )


def has_linked(session: Session) -> bool:
    """Tell whether any box has a person."""
    linked = select(PersonBox.id).where(PersonBox.person.is_not(None)).limit(1)
    return session.scalar(linked) is not None


def count_new_stretches(
    session: Session, config: Config, *, whatever_was_asked: bool = False
) -> int:
    """Return how many stretches `assign_links` would put into new tasks now."""
    plans = _plans(session, config, whatever_was_asked=whatever_was_asked)
    return sum(len(plan.stretches) for plan in plans)


def _plans(session: Session, config: Config, *, whatever_was_asked: bool) -> "list[_Plan]":
    stretches = read_stretches(session)
    done: set[int] = set() if whatever_was_asked else _asked_about_actions(session)
    return [
        _Plan(film, stretches.get(film.row_id, []), config.assign, done)
        for film in read_films(session)
    ]


def _asked_about_actions(session: Session) -> set[int]:
    """Return the key frames of which people are asked what persons do."""
    asked = select(TaskSlot.key_frame_id).where(
        TaskSlot.person_box_id.is_not(None), TaskSlot.gold_id.is_(None)
    )
    return {frame for frame in session.scalars(asked.distinct()) if frame is not None}


def mix_links_gold_in(session: Session, config: AssignConfig) -> int:
    """Put gold into unfinished tasks about links, see `mix_in_tasks`; return how many questions."""
    return mix_in_tasks(session, _gold(session), _unfinished(session), config)


def _unfinished(session: Session) -> dict[int, list[tuple[int, _Question]]]:
    """Return (slot id, question) in the order of the task, by task."""
    rows: Iterable[Any] = session.execute(
        select(TaskSlot, Video.video_id, LinkStretch.start_seconds)
        .join(LinkStretch, LinkStretch.id == TaskSlot.stretch_id)
        .join(Video, Video.id == LinkStretch.video_id)
        .join(Task, Task.id == TaskSlot.task_id)
        .where(Task.kind == LINKS, ~Task.is_finished, is_for_all())
        .order_by(TaskSlot.task_id, TaskSlot.position)
    )
    found: dict[int, list[tuple[int, _Question]]] = {}
    for slot, film, at in rows:
        question = _Question(slot.stretch_id, _content(film, at), slot.gold_id)
        found.setdefault(slot.task_id, []).append((slot.id, question))
    return found


class _Plan:
    """What is asked about a film next."""

    def __init__(
        self,
        film: FilmFrames,
        asked: Sequence[Stretch],
        config: AssignConfig,
        done: Collection[int],
    ) -> None:
        """Plan a film; of key frames that are `done` those alone that were asked about before."""
        self._film, self._asked, self._times, self._done = film, asked, film.times, done
        self._left = returns([frame.present(lambda box: box.person) for frame in film.frames])
        self.late = self._show_late()
        """Who is shown from now on beside stretches that nobody has answered: stretch -> boxes."""
        self.num_unfollowed = 0
        """Boxes that came when people had said all that they were asked."""
        news = {*self._unfollowed(), *(self._times[one.box] for one in self._left)}
        taken = [stretch.bounds for stretch in asked]
        moments = film.moments(self._is_ready, news)
        self.stretches = [
            self._planned(Planned(film, window)) for window in windows(moments, taken, config)
        ]

    @property
    def frames(self) -> Sequence[Frame]:
        """The film's key frames."""
        return self._film.frames

    def _is_ready(self, frame: Frame) -> bool:
        if frame.is_open or not frame.is_linked:
            return False
        is_done = frame.frame_id in self._done
        return not is_done or any(stretch.has(frame.at_seconds) for stretch in self._asked)

    def _show_late(self) -> dict[int, frozenset[int]]:
        self._see(stretch.shown for stretch in self._asked)
        late = {}
        for stretch in self._asked:
            if not (stretch.is_answered or stretch.is_decided):
                late[stretch.stretch_id] = self._gone_beside(*stretch.bounds)
        return {stretch: gone for stretch, gone in late.items() if gone}

    def _unfollowed(self) -> Iterable[float]:
        """Yield the key frames with boxes that no answer follows, and nobody is asked about."""
        for frame in self._film.frames:
            around = [stretch for stretch in self._asked if stretch.has(frame.at_seconds)]
            if not around or not all(stretch.is_decided for stretch in around):
                continue
            followed = {box for stretch in around for box in stretch.followed}
            if num := sum(box.origin_id not in followed for box in frame.boxes):
                # Of gold alone they were never asked about: the file says nothing of them.
                is_asked = any(stretch.gold_id is None for stretch in around)
                self.num_unfollowed += num * is_asked
                yield frame.at_seconds

    def _planned(self, one: Planned) -> Planned:
        bounds = one.start_seconds, one.end_seconds
        before = [
            stretch.round + 1
            for stretch in self._asked
            if stretch.start_seconds < one.end_seconds and stretch.end_seconds > one.start_seconds
        ]
        return replace(one, gone=self._gone_beside(*bounds), round=max(before, default=0))

    def _gone_beside(self, start: float, end: float) -> frozenset[int]:
        gone = gone_beside(start, end, self._left, self._times)
        self._see([Shown(start, end, gone)])
        return gone

    def _see(self, shown: Iterable[Shown]) -> None:
        self._left = unmet(self._left, self._times, list(shown))


def _ask(session: Session, found: Sequence[Planned]) -> list[_Question]:
    return [
        _Question(number, _content(one.film.video_id, one.start_seconds))
        for number, one in zip(add_stretches(session, found), found, strict=True)
    ]


def _content(film: str, start_seconds: float) -> str:
    return f"{film} {start_seconds:.3f}"


def _gold(session: Session) -> list[_Question]:
    """Return the gold questions, those used least first."""
    used = (
        select(func.count(TaskSlot.id))
        .where(TaskSlot.gold_id == Gold.id)
        .correlate(Gold)
        .scalar_subquery()
    )
    rows: Iterable[Any] = session.execute(
        select(used, Video.video_id, LinkStretch.start_seconds, Gold)
        .join(LinkStretch, LinkStretch.id == Gold.stretch_id)
        .join(Video, Video.id == LinkStretch.video_id)
    )
    found = [
        (number, _Question(one.stretch_id, _content(film, at), one.id, one.expected is Answer.YES))
        for number, film, at, one in rows
    ]
    return [question for _, question in sorted(found, key=lambda one: (one[0], one[1].content))]


def _write(session: Session, tasks: Sequence[Sequence[_Question]]) -> None:
    if not tasks:
        return
    write_tasks(session, LINKS, tasks)
    asked = {question.stretch_id for task in tasks for question in task}
    LINK_TASKS.note(session.connection(), asked)
