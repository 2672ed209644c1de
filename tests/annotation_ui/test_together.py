"""Answers that are stored together end as if each had come alone."""

import random

import pytest
from sqlalchemy import insert, select, text

from annotation_ui.answers import Outcome, Sender, store, store_all
from annotation_ui.desk_rows import queries
from annotation_ui.kinds.clip.kind import CLIP
from annotation_ui.kinds.clip.replies import Reply
from kinetics_builder.crowd.records import keep
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Assignment,
    Decision,
    Gold,
    TaskSlot,
    Vote,
    WorkerStanding,
    WorkTally,
)

NOW = 1_000_000.0
CHOICES = (Reply(Answer.YES, True), Reply(Answer.NO), Reply(Answer.NO), Reply(Answer.UNSURE))


_OF_ONE_CLIP = (1, 10)
"""Slots that ask about one clip, in different tasks."""


def batches_of(chance: random.Random, num_slots: int) -> list[list[tuple[Sender, Reply]]]:
    """Answers of six workers to any slots, also ones they were not given, some of them twice.

    All say something about one or two slots at once: there some come too late.
    """
    slots = chance.sample(range(1, num_slots + 1), num_slots)
    slots.sort(key=lambda slot: slot in _OF_ONE_CLIP)
    batches = []
    for start in range(0, num_slots, 2):
        pairs = [(worker, slot) for worker in range(1, 7) for slot in slots[start : start + 2]]
        chance.shuffle(pairs)
        batch = [(Sender(*pair, NOW), chance.choice(CHOICES)) for pair in pairs]
        batches.append(batch + batch[:3])
    return batches


def end_of(world, batches, *, together: bool) -> tuple[list[object], list[object]]:
    """Store all; return what became of each, and the rows that are there in the end."""
    config, engine = world.workspace.config, world.workspace.engine
    said: list[object] = []
    with writing(engine) as session:
        aside = {"worker_id": 6, "num_gold": 0, "num_gold_right": 0, "is_warned": True}
        session.execute(insert(WorkerStanding), aside)
        held = [
            {"task_id": task, "worker_id": worker, "expires_at": NOW + worker, "taken_at": NOW}
            for worker in range(1, 7)
            for task in (1, 2)
            if (worker, task) != (5, 2)
        ]
        session.execute(insert(Assignment), held)
        asked = session.scalars(select(TaskSlot).where(TaskSlot.gold_id.is_(None))).first()
        about = {"clip_id": asked.clip_id, "label_id": asked.label_id}
        gold = Gold(**about, expected=Answer.YES)
        session.add(gold)
        session.flush()
        session.add(TaskSlot(task_id=2, position=99, gold_id=gold.id, **about))
    for batch in batches:
        with writing(engine) as session:
            if together:
                receipts = store_all(session, batch, config.verify)
            else:
                receipts = [store(session, *one, config.verify) for one in batch]
            said += [(receipt.outcome, receipt.stored) for receipt in receipts]
            keep(session, config.verify)
    with reading(engine) as session:
        votes = select(Vote.worker_id, Vote.clip_id, Vote.label_id, Vote.answer, Vote.revision)
        held = select(Assignment.worker_id, Assignment.task_id, Assignment.submitted_at.is_(None))
        decided = select(Decision.clip_id, Decision.verdict, Decision.num_yes)
        tallies = select(*WorkTally.__table__.columns)
        rows = [sorted(session.execute(one).all()) for one in (votes, held, decided, tallies)]
    return said, rows


@pytest.mark.few("0", "1", "2", "3")
@pytest.mark.parametrize("seed", range(12))
def test_answers_stored_together_end_as_if_each_came_alone(make_world, seed: int) -> None:
    """Of one worker, one task and one clip too, gold and a worker who is set aside among them."""
    batches = batches_of(random.Random(seed), num_slots=10)
    world = make_world([4, 3], num_gold=1)
    alone = end_of(world, batches, together=False)
    world.workspace.engine.dispose()
    world.workspace.root.rename(world.workspace.root.with_name("alone"))
    beside = end_of(make_world([4, 3], num_gold=1), batches, together=True)
    assert {outcome for outcome, _ in alone[0]} == set(Outcome)
    assert len(alone[1][0]) > 10
    assert beside == alone


@pytest.mark.of_sqlite  # whose plans do not change with what tables hold
@pytest.mark.parametrize(
    ("query", "by"),
    [(queries(CLIP).votes, ("vote", "clip_id=?")), (queries(CLIP).own, ("task_slot", "task_id=?"))],
    ids=["votes", "own votes"],
)
def test_a_desk_is_read_by_its_task_not_through_all_slots(world, query, by) -> None:
    bound = query.params(about=[1, 2], tasks=[1, 2], workers=[1, 2]).compile(
        world.workspace.engine, compile_kwargs={"literal_binds": True, "render_postcompile": True}
    )
    with reading(world.workspace.engine) as session:
        plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {bound}"))]
    table, column = by
    assert any(f"{table} USING" in step and column in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
