"""The simulated annotators at work: who takes the next task, until nothing is left to ask.

Who is next depends on the database alone, so that a killed demo goes on in the same order
and ends with the same votes.
"""

import json
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Assignment,
    Clip,
    Decision,
    TaskSlot,
    Verdict,
    Vote,
    Worker,
    WorkerStanding,
)
from kinetics_builder.intervals import Interval
from kinetics_builder.workspace import Workspace
from pipelines.demo.annotators import CREW, Annotator, Question, reply
from pipelines.demo.client import PageClient
from pipelines.demo.truth import Truth
from pipelines.verifying.aggregate import aggregate
from pipelines.verifying.assign import assign

Progress = Callable[[int], None]
"""Told the number of votes so far."""


class Crew:
    """All annotators, each with a session of their own."""

    def __init__(self, workspace: Workspace, base: str, truth: Truth, seed: int) -> None:
        self._workspace = workspace
        self._base = base
        self._truth = truth
        self._seed = seed
        self._codes = _invitations(workspace)
        self._clients: dict[str, PageClient] = {}

    def work(self, progress: Progress | None = None) -> int:
        """Answer, aggregate and assign until no clip is open; return the number of votes."""
        while self._round(progress):
            pass
        with reading(self._workspace.engine) as session:
            return session.scalar(select(func.count(Vote.id)).where(Vote.stands())) or 0

    def _round(self, progress: Progress | None) -> bool:
        """Answer all there is, then aggregate and assign; return whether anything changed.

        Aggregating may set votes aside and so reopen clips: that is work for another round.
        """
        num_worked = 0
        self._aggregate_if_due()
        while self._somebody_works(progress):
            num_worked += 1
            self._aggregate_if_due()
        self._aggregate()
        with writing(self._workspace.engine) as session:
            assigned = assign(session, self._workspace.config)
        return bool(num_worked or assigned.num_tasks)

    def _somebody_works(self, progress: Progress | None) -> bool:
        with reading(self._workspace.engine) as session:
            order = turn_order(session)
            num_votes = session.scalar(select(func.count(Vote.id)).where(Vote.stands())) or 0
        for annotator in order:
            if num_new := self._do_task(annotator):
                if progress:
                    progress(num_votes + num_new)
                return True
        return False

    def _do_task(self, annotator: Annotator) -> int:
        client = self._client(annotator)
        slot, num_answered = client.next_question(), 0
        while slot is not None:
            said = reply(annotator, self._seed, self._truth, self._seen(slot["slot"]))
            slot = client.answer(slot, said)
            num_answered += 1
        return num_answered

    def _seen(self, slot_id: int) -> Question:
        """Return what somebody recognises who sees the clip: the page does not tell."""
        with reading(self._workspace.engine) as session:
            slot = session.get_one(TaskSlot, slot_id)
            clip = slot.clip
            interval = Interval(clip.start_seconds, clip.end_seconds)
            return Question(clip.video.video_id, interval, slot.label.name)

    def _client(self, annotator: Annotator) -> PageClient:
        client = self._clients.get(annotator.name)
        if client is None:
            client = self._clients[annotator.name] = PageClient(self._base)
            client.log_in(annotator.name, self._codes[annotator.name])
        return client

    def _aggregate_if_due(self) -> None:
        """Aggregate whenever as many more tasks are done as there are annotators.

        Not while somebody is in the middle of a task: a run that goes on after a kill must
        not judge by half a task what the killed run would have judged by a whole one.
        """
        counts = select(func.count(Assignment.submitted_at), func.count(Assignment.id))
        with reading(self._workspace.engine) as session:
            num_done, num_taken = session.execute(counts).one()
        if num_done == num_taken and num_done and num_done % len(CREW) == 0:
            self._aggregate()

    def _aggregate(self) -> None:
        with writing(self._workspace.engine) as session:
            aggregate(session, self._workspace.config.verify)


def count_open(session: Session) -> int:
    """Return how many clips are in tasks and not decided yet."""
    is_open = func.coalesce(Decision.verdict, Verdict.OPEN.value) == Verdict.OPEN.value
    query = (
        select(func.count(TaskSlot.clip_id.distinct()))
        .join(Clip, Clip.id == TaskSlot.clip_id)
        .outerjoin(Decision, Decision.clip_id == TaskSlot.clip_id)
        .where(TaskSlot.gold_id.is_(None), ~Clip.is_withdrawn, is_open)
    )
    return session.scalar(query) or 0


def turn_order(session: Session) -> list[Annotator]:
    """Return the annotators in the order of their turns.

    Who holds an unfinished task comes first, then who has done the fewest, then the order of
    the crew. Those set aside finish their task, and get no other.
    """
    counts = (
        select(
            Worker.name,
            func.count(Assignment.submitted_at),
            func.count(Assignment.id),
        )
        .join(Assignment, Assignment.worker_id == Worker.id)
        .group_by(Worker.name)
    )
    tasks = {name: (done, taken) for name, done, taken in session.execute(counts)}
    warned = set(
        session.scalars(
            select(Worker.name)
            .join(WorkerStanding, WorkerStanding.of("clip", Worker.id))
            .where(WorkerStanding.is_warned)
        )
    )

    def turn(annotator: Annotator) -> tuple[bool, int]:
        done, taken = tasks.get(annotator.name, (0, 0))
        return taken == done, done

    def is_at_work(annotator: Annotator) -> bool:
        done, taken = tasks.get(annotator.name, (0, 0))
        return taken != done

    return sorted((a for a in CREW if a.name not in warned or is_at_work(a)), key=turn)


def _invitations(workspace: Workspace) -> dict[str, str]:
    """Return each annotator's code, made at the first call and kept in the workspace."""
    path = workspace.root / "invitations.json"
    if not path.exists():
        with writing(workspace.engine) as session:
            codes = make_invitations(session, len(CREW))
        temporary = path.with_suffix(".part")
        named = dict(zip((annotator.name for annotator in CREW), codes, strict=True))
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o600)  # codes are nobody else's to read
        temporary.write_text(json.dumps(named, indent=1) + "\n", "utf-8")
        temporary.replace(path)
    codes_by_name: dict[str, str] = json.loads(path.read_text("utf-8"))
    return codes_by_name
