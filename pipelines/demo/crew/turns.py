"""The simulated annotators at work: who takes the next task, until nothing is left to ask.

Who is next depends on the database alone, so that a killed demo goes on in the same order
and ends with the same answers.
"""

import json
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Assignment, Task, Worker, WorkerStanding
from kinetics_builder.workspace import Workspace
from pipelines.demo.crew.annotators import CREW, Annotator
from pipelines.demo.crew.client import PageClient
from pipelines.demo.crew.work import Work

Progress = Callable[[int], None]
"""Told the number of answers so far."""


class Crew:
    """All annotators, each with a session of their own."""

    def __init__(self, workspace: Workspace, base: str) -> None:
        self._workspace = workspace
        self._base = base
        self._codes = _invitations(workspace)
        self._clients: dict[str, PageClient] = {}
        self._briefed: set[tuple[str, str]] = set()

    def work(self, work: Work, progress: Progress | None = None) -> int:
        """Answer and assign until nothing is open; return the number of answers.

        Nothing is assigned while anything is open: a run that goes on after a kill must deal
        what the killed run would have dealt.
        """
        is_over = False
        while not is_over:
            while self._somebody_works(work, progress):
                pass
            with writing(self._workspace.engine) as session:
                is_over = not work.assign(session)
        return self._num_answers(work)

    def _somebody_works(self, work: Work, progress: Progress | None) -> bool:
        with reading(self._workspace.engine) as session:
            order = turn_order(session, work.kind) if has_open_tasks(session, work.kind) else []
        for annotator in order:
            if self._do_task(annotator, work):
                if progress:
                    progress(self._num_answers(work))
                return True
        return False

    def _do_task(self, annotator: Annotator, work: Work) -> int:
        client = self._client(annotator, work.kind)
        slots, num_answered = client.next_questions(work.kind), 0
        while slots:
            if client.shows_grid or work.is_answered_together:
                forms = [work.answer(annotator, slot) for slot in slots]
                num_answered += len(slots)
                slots = client.answer_together(work.kind, slots, forms)
            else:
                num_answered += 1
                slots = client.answer(work.kind, slots[0], work.answer(annotator, slots[0]))
        return num_answered

    def _client(self, annotator: Annotator, kind: str) -> PageClient:
        client = self._clients.get(annotator.name)
        if client is None:
            client = self._clients[annotator.name] = PageClient(self._base)
            client.log_in(annotator.name, self._codes[annotator.name])
        if (annotator.name, kind) not in self._briefed:
            client.read_instructions(kind)
            self._briefed.add((annotator.name, kind))
        return client

    def _num_answers(self, work: Work) -> int:
        with reading(self._workspace.engine) as session:
            return count_answers(session, work.kind)


def count_answers(session: Session, kind: str) -> int:
    """Return how many answers of a kind stand, those to gold questions included."""
    answers = next(known.answers for known in KINDS if known.name == kind)
    return session.scalar(select(func.count(answers.id)).where(answers.stands())) or 0


def has_open_tasks(session: Session, kind: str) -> bool:
    """Tell whether anything is left to ask in the tasks of a kind."""
    is_open = select(Task.id).where(Task.kind == kind, ~Task.is_finished).limit(1)
    return session.scalar(is_open) is not None


def turn_order(session: Session, kind: str) -> list[Annotator]:
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
        .join(Task, Task.id == Assignment.task_id)
        .where(Task.kind == kind)
        .group_by(Worker.name)
    )
    tasks = {name: (done, taken) for name, done, taken in session.execute(counts)}
    warned = set_aside(session, kind)

    def turn(annotator: Annotator) -> tuple[bool, int]:
        done, taken = tasks.get(annotator.name, (0, 0))
        return taken == done, done

    def is_at_work(annotator: Annotator) -> bool:
        done, taken = tasks.get(annotator.name, (0, 0))
        return taken != done

    return sorted((a for a in CREW if a.name not in warned or is_at_work(a)), key=turn)


def set_aside(session: Session, kind: str) -> set[str]:
    """Return the names of the workers whose answers of a kind decide nothing."""
    names = session.scalars(
        select(Worker.name)
        .join(WorkerStanding, WorkerStanding.of(kind, Worker.id))
        .where(WorkerStanding.is_warned)
    )
    return {name for name in names if name is not None}


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
