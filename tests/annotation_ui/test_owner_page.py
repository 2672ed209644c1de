"""What the owner sees of every kind: sums that are kept, equal to what a recount gives."""

import random
from collections import defaultdict
from typing import Any

from sqlalchemy import select

from annotation_ui.owner.progress import read_progress
from kinetics_builder.crowd import people
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    BoxDecision,
    BoxProposal,
    Clip,
    Decision,
    KeyFrame,
    PersonAction,
    PersonBox,
    TalliedSlot,
    Task,
    TaskSlot,
    Verdict,
    WorkTally,
)
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.withdrawing import take_back


def kept(workspace: Workspace) -> dict[tuple[str, int], list[int]]:
    """Return the sums as they are kept; classes without a question left out."""
    with reading(workspace.engine) as session:
        rows = session.scalars(select(WorkTally).where(WorkTally.num_asked > 0))
        return {
            (row.kind, row.about_id): [
                row.num_asked,
                row.num_accepted,
                row.num_rejected,
                row.num_answers,
                row.num_overruled,
            ]
            for row in rows
        }


def recount(workspace: Workspace) -> dict[tuple[str, int], list[int]]:
    """Count all ordinary questions that may be asked, one by one."""
    found: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0] * 5)
    with reading(workspace.engine) as session:
        slots = session.execute(select(Task.kind, TaskSlot).join(TaskSlot.task)).all()
        for kind, slot in slots:
            told = slot.gold_id is None and _told(session, kind, slot)
            if told:
                about, verdict, num_answers, num_overruled = told
                row = found[kind, about]
                row[0] += 1
                row[1] += verdict is Verdict.ACCEPTED
                row[2] += verdict is Verdict.REJECTED
                row[3] += num_answers
                row[4] += num_overruled
    return dict(found)


def _told(session: Any, kind: str, slot: TaskSlot) -> tuple[int, Verdict, int, int] | None:
    if kind == "clip":
        clip = session.get_one(Clip, slot.clip_id)
        row = session.get(Decision, slot.clip_id)
        others = row and row.num_no + row.num_unsure + row.num_bad
        return None if clip.is_withdrawn else _of(clip.label_id, row, row and row.num_yes, others)
    if session.get_one(KeyFrame, slot.key_frame_id).is_withdrawn:
        return None
    if kind == "boxes":
        row = session.get(BoxDecision, slot.key_frame_id)
        verdict = Verdict.ACCEPTED if row and row.is_decided else Verdict.OPEN
        return 0, verdict, row.num_answers + row.num_set_aside if row else 0, 0
    box = session.get_one(PersonBox, slot.person_box_id)
    if box.is_dropped or box.is_withdrawn:
        return None
    if kind == "actions":
        row = session.get(BoxProposal, box.id)
        flagged = row and row.num_blocked + row.num_wrong_box
        return _of(0, row, row and row.num_named, flagged)
    row = session.get(PersonAction, (box.id, slot.action_id))
    return _of(slot.action_id, row, row and row.num_yes, row and row.num_no + row.num_unsure)


def _of(about: int, row: Any, num_for: int, num_against: int) -> tuple[int, Verdict, int, int]:
    if row is None:
        return about, Verdict.OPEN, 0, 0
    overruled = {Verdict.ACCEPTED: num_against, Verdict.REJECTED: num_for, Verdict.OPEN: 0}
    answers = num_for + num_against + row.num_set_aside
    return about, row.verdict, answers, overruled[row.verdict]


def test_sums_of_clips_are_those_of_a_recount_whatever_happens(make_world) -> None:
    world = make_world([4, 4], num_gold=1, settings="[verify]\nmax_votes = 3\nmin_yes = 2\n")
    app, lot = world.app(), random.Random(4)
    workspace = world.workspace
    assert kept(workspace) == recount(workspace) != {}, "what nobody has answered is counted"
    workers = [world.client(number, app=app).log_in() for number in range(4)]
    for step in range(30):
        person = lot.choice(workers)
        if question := person.next():
            person.answer(question["slot"], lot.choice(["yes", "yes", "no", "bad"]))
        if step == 10:
            with writing(workspace.engine) as session:
                for clip in session.scalars(select(Clip).limit(3)).all():
                    take_back(session, clip)
        if step == 15:
            with writing(workspace.engine) as session:
                worker = people.find_worker(session, "worker 1")
                people.exclude(session, worker, workspace.config.verify)
            del workers[1]
        if step % 5 == 0:
            assert kept(workspace) == recount(workspace), step
    before = kept(workspace)
    with writing(workspace.engine) as session:
        remake(session, workspace.config.verify)
        assert session.scalars(select(TalliedSlot)).first() is not None
    assert kept(workspace) == before == recount(workspace)
    with reading(workspace.engine) as session:
        progress = read_progress(session, workspace.config)
    assert sum(row.num_asked for row in progress.classes) == sum(row[0] for row in before.values())
    assert progress.troubles and {row.said for row in progress.troubles} == {"bad"}
    hardest = [row.overruled_share or 0 for row in progress.classes]
    assert hardest == sorted(hardest, reverse=True)
