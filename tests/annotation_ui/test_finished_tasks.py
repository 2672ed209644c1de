"""Tasks whose clips are all decided cost nobody anything, and come back when one opens again."""

import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.orm import Session

from annotation_ui import handout
from annotation_ui.kinds.clip.kind import CLIP
from annotation_ui.owner.progress import read_progress
from kinetics_builder.config import Config
from kinetics_builder.crowd import people
from kinetics_builder.crowd.clips.open_tasks import CLIP_TASKS
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Assignment,
    Clip,
    ClipFile,
    ClipPlace,
    Label,
    Method,
    Standing,
    Task,
    TaskSlot,
    Video,
    Vote,
    Worker,
)
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.withdrawing import take_back
from pipelines.verifying.assign import assign

NOW = 1_000_000.0
take_task = partial(handout.take_task, CLIP)
NUM_WORKERS = 4


def write_tasks(engine: Engine, num_finished: int, num_left: int, size: int = 5) -> None:
    """Write tasks whose clips three workers rejected, each of them submitted, and some fresh."""
    num_tasks = num_finished + num_left
    clips = [
        {"id": n, "video_id": n, "label_id": 1, "start_seconds": 0.0, "end_seconds": 10.0}
        for n in range(1, num_tasks * size + 1)
    ]
    more = {"method": Method.MOTION, "score": 0.5, "rank": 0, "is_withdrawn": False}
    file = {"file": "clips/one.mp4", "bytes": 1, "duration_seconds": 10.0, "width": 1, "height": 1}
    file |= {"frames_per_second": 10.0, "num_frames": 100, "num_damaged_frames": 0}
    told = {"source": "", "url": "", "title": ""}
    workers = range(1, NUM_WORKERS + 1)
    rows: dict[type, list[dict[str, Any]]] = {
        Label: [{"id": 1, "name": "waving"}],
        Worker: [{"id": n, "code_hash": str(n), "name": f"worker {n}"} for n in workers],
        Video: [{"id": clip["id"], "video_id": f"v{clip['id']}", **told} for clip in clips],
        Clip: [clip | more for clip in clips],
        ClipFile: [{"clip_id": c["id"], "sha256": f"{c['id']:064d}", **file} for c in clips],
        ClipPlace: [{"clip_id": clip["id"], "standing": Standing.KEPT} for clip in clips],
        Task: [{"id": n, "round": 0} for n in range(1, num_tasks + 1)],
        TaskSlot: [
            {"id": n, "task_id": (n - 1) // size + 1, "position": n % size, "clip_id": n}
            | {"label_id": 1}
            for n in range(1, num_tasks * size + 1)
        ],
        Assignment: [
            {"task_id": task, "worker_id": worker, "expires_at": NOW}
            for task in range(1, num_finished + 1)
            for worker in (1, 2, 3)
        ],
        Vote: [
            {"worker_id": worker, "clip_id": n, "label_id": 1, "slot_id": n, "answer": Answer.NO}
            | {"answered_at": NOW + n * 10}
            for n in range(1, num_finished * size + 1)
            for worker in (1, 2, 3)
        ],
    }
    with writing(engine) as session:
        for table, found in rows.items():
            if found:
                session.execute(insert(table), found)
        session.execute(text("UPDATE assignment SET submitted_at = CURRENT_TIMESTAMP"))
        remake(session, Config().verify)


def steps(session: Session, work: Callable[[], object]) -> int:
    """Return how many of its instructions, in thousands, SQLite needs for `work`."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    raw: Any = session.connection().connection.driver_connection
    raw.set_progress_handler(count, 100)
    work()
    raw.set_progress_handler(None, 0)
    return counted


def test_neither_the_hand_out_nor_the_owners_page_reads_finished_tasks(tmp_path: Path) -> None:
    config = Config()
    taken, shown = [], []
    for num_finished in (10, 1_000):
        engine = open_database(f"{num_finished}.sqlite", tmp_path)
        write_tasks(engine, num_finished, num_left=4)
        with writing(engine) as session:
            desk = None

            def take(session: Session = session) -> None:
                nonlocal desk
                desk = take_task(session, 1, config, NOW)

            taken.append(steps(session, take))
            assert desk is not None and desk.task_id == num_finished + 1
        with reading(engine) as session:
            shown.append(steps(session, lambda s=session: read_progress(s, config)))
            found = read_progress(session, config)
        assert (found.num_votes, len(found.classes)) == (num_finished * 15, 1)
        engine.dispose()
    assert taken[1] <= 1.5 * taken[0] + 5
    assert shown[1] <= 1.5 * shown[0] + 5


@pytest.mark.few("fresh")
@pytest.mark.parametrize(
    "query",
    [handout.queries(CLIP).fresh, handout.queries(CLIP).rest],
    ids=["fresh", "rest"],
)
def test_postgresql_reads_the_tasks_that_are_left_by_their_index(
    postgresql: Callable[[str], str], tmp_path: Path, query: Any
) -> None:
    engine = open_database(postgresql(f"left{uuid.uuid4().hex}"), tmp_path)
    write_tasks(engine, num_finished=1_000, num_left=4)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    with engine.connect() as connection:
        compiled = query.params(worker_id=1).compile(engine, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.scalars(text(f"EXPLAIN {compiled}")))
    assert "ix_task_left" in plan, plan
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def crowd(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """A workspace with one finished task and its address, on both databases."""
    settings = ""
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"again{uuid.uuid4().hex}")
        settings = f'database = "{address}"\n'
    workspace = Workspace.create(tmp_path / "workspace", settings)
    write_tasks(workspace.engine, num_finished=2, num_left=0)
    yield workspace
    workspace.engine.dispose()


def finished(engine: Engine) -> list[bool]:
    """Return which tasks are finished, and see that a count of all says the same."""
    query = select(Task.is_finished).order_by(Task.id)
    with reading(engine) as session:
        kept = list(session.scalars(query))
    with writing(engine) as session:
        CLIP_TASKS.note_all(session.connection())
        assert list(session.scalars(query)) == kept
    return kept


def hand_out(workspace: Workspace, worker: int) -> int | None:
    with writing(workspace.engine) as session:
        desk = take_task(session, worker, workspace.config, NOW + 1e6)
    return None if desk is None else desk.task_id


def test_a_task_opens_again_when_a_worker_is_set_aside(crowd: Workspace) -> None:
    assert finished(crowd.engine) == [True, True]
    assert hand_out(crowd, 4) is None
    for act, is_finished in ((people.exclude, False), (people.readmit, True)):
        with writing(crowd.engine) as session:
            act(session, session.get_one(Worker, 2), crowd.config.verify)
        assert finished(crowd.engine) == [is_finished] * 2
    with writing(crowd.engine) as session:
        people.exclude(session, session.get_one(Worker, 2), crowd.config.verify)
    assert hand_out(crowd, 4) == 1


def test_a_clip_that_comes_back_opens_its_task(crowd: Workspace) -> None:
    with writing(crowd.engine) as session:
        session.execute(delete(Vote).where(Vote.clip_id == 7))
        remake(session, crowd.config.verify)
    assert finished(crowd.engine) == [True, False]
    with writing(crowd.engine) as session:
        take_back(session, session.get_one(Clip, 7))
    assert finished(crowd.engine) == [True, True]
    assert hand_out(crowd, 4) is None


def test_new_tasks_are_open(crowd: Workspace) -> None:
    with writing(crowd.engine) as session:
        session.execute(delete(Vote).where(Vote.clip_id > 5))
        session.execute(delete(TaskSlot).where(TaskSlot.task_id == 2))
        remake(session, crowd.config.verify)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(
                text("SELECT setval('task_id_seq', 10), setval('task_slot_id_seq', 99)")
            )
        assert assign(session, crowd.config).num_tasks == 1
    assert finished(crowd.engine) == [True, True, False]
    assert hand_out(crowd, 4) is not None


def test_other_rules_count_anew_when_the_page_is_served(crowd: Workspace) -> None:
    """Three no of five reject a clip; where two yes are enough, they don't."""
    from annotation_ui.app import create_app

    with (crowd.root / "kbuild.toml").open("a") as file:
        file.write("\n[verify]\nmin_yes = 2\n")
    later = Workspace.open(crowd.root)
    create_app(later, secret=b"secret of the tests")
    assert finished(later.engine) == [False, False]
    assert hand_out(later, 4) == 1
    with writing(later.engine) as session:
        session.execute(update(Task).values(is_finished=True))
    create_app(later, secret=b"secret of the tests")
    with reading(later.engine) as session:
        assert all(session.scalars(select(Task.is_finished))), "equal rules count nothing anew"
    later.engine.dispose()
