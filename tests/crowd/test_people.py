"""Workers as the owner sees them: listed, given codes, revoked, excluded, joined."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd import logins, people
from kinetics_builder.crowd.invitations import hash_code, make_invitations
from kinetics_builder.crowd.records import keep, remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Assignment,
    Clip,
    ClipFile,
    Decision,
    Gold,
    HourTally,
    Label,
    Method,
    TalliedSlot,
    Task,
    TaskSlot,
    Verdict,
    Video,
    Vote,
    Worker,
    WorkerStanding,
    WorkTally,
)
from kinetics_builder.errors import CrowdError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group

YES, NO, UNSURE, BAD = Answer
CONFIG = VerifyConfig()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Ten clips, each in a task of its own, and five workers: ann, bob, eve, zoe, and a code."""
    workspace = Workspace.create(tmp_path / "w")
    with writing(workspace.engine) as session:
        label = Label(id=1, name="waving")
        for number in range(1, 11):
            video = Video(id=number, video_id=f"v{number}", source="", url="", title="")
            clip = Clip(id=number, video=video, label=label, start_seconds=0.0, end_seconds=10.0)
            clip.method, clip.score, clip.rank = Method.MOTION, 0.5, 0
            clip.file = ClipFile(file="", bytes=1, sha256="", duration_seconds=10.0, width=1)
            clip.file.height, clip.file.frames_per_second, clip.file.num_frames = 1, 25.0, 250
            slot = TaskSlot(id=number, task=Task(id=number, round=0), position=0)
            slot.clip, slot.label = clip, label
            session.add(slot)
        for number, name in enumerate(["ann", "bob", "eve", "Zoë", None], start=1):
            session.add(Worker(id=number, name=name, code_hash=str(number)))
    return workspace


def answer(workspace: Workspace, worker: int, clips: Any, said: Answer = YES, **more: Any) -> None:
    with writing(workspace.engine) as session:
        for number in clips:
            ids = {"worker_id": worker, "clip_id": number, "label_id": 1, "slot_id": number}
            session.add(Vote(**ids, answer=said, **more))
        keep(session, CONFIG)


def verdict(workspace: Workspace, clip: int) -> tuple[Verdict, int, int] | None:
    """Return verdict, votes that count, votes set aside."""
    with reading(workspace.engine) as session:
        row = session.get(Decision, clip)
        if row is None:
            return None
        counted = row.num_yes + row.num_no + row.num_unsure + row.num_bad
        return row.verdict, counted, row.num_set_aside


def rows(workspace: Workspace) -> Any:
    with reading(workspace.engine) as session:
        return [
            [tuple(row) for row in session.execute(select(*table.__table__.columns))]
            for table in (WorkerStanding, Decision, WorkTally, TalliedSlot, HourTally)
        ]


def run(workspace: Workspace, *words: str, code: int = 0) -> Any:
    command = ["-C", str(workspace.root), "crowd", *words]
    result = CliRunner().invoke(group, command)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if "--json" in words else result.output


def test_everybody_is_listed_by_name_and_state_and_no_code_is(workspace: Workspace) -> None:
    answer(workspace, 1, range(1, 4))
    run(workspace, "revoke", "bob")
    run(workspace, "exclude", "eve")
    text = run(workspace, "workers")
    listed = run(workspace, "workers", "--json")
    assert [(row["worker"], row["access"], row["num_votes"]) for row in listed] == [
        ("ann", "admitted", 3),
        ("bob", "revoked", 0),
        ("eve", "excluded", 0),
        ("Zoë", "admitted", 0),
        ("#5", "invited", 0),
    ]
    assert all(row["worker"] in text and row["access"] in text for row in listed)
    assert "code" not in json.dumps(listed)


def test_a_new_code_takes_the_place_of_the_lost_one(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        token = logins.begin(session, 1, now=0.0)
    code = run(workspace, "reissue", "ANN", "--json")["code"]
    with reading(workspace.engine) as session:
        assert session.get_one(Worker, 1).code_hash == hash_code(code)
        assert not logins.is_open(session, token, 1, now=1.0)
    run(workspace, "exclude", "ann")
    assert "gets no code" in run(workspace, "reissue", "ann", code=1)


def test_an_unknown_worker_is_said_with_those_there_are(workspace: Workspace) -> None:
    said = run(workspace, "revoke", "anna", code=1)
    assert "no worker 'anna'. Known: ann, bob, eve, Zoë, #5" in said
    assert run(workspace, "revoke", "#5").startswith("#5 comes in no more")


def test_an_excluded_worker_decides_nothing_until_taken_back(workspace: Workspace) -> None:
    for worker in (1, 2, 3):
        answer(workspace, worker, [1])
    answer(workspace, 3, [2])
    assert verdict(workspace, 1) == (Verdict.ACCEPTED, 3, 0)
    run(workspace, "exclude", "eve")
    assert verdict(workspace, 1) == (Verdict.OPEN, 2, 1)
    assert verdict(workspace, 2) == (Verdict.OPEN, 0, 1)
    answer(workspace, 3, [3])
    assert verdict(workspace, 3) == (Verdict.OPEN, 0, 1), "an answer that was on its way"
    run(workspace, "readmit", "eve")
    assert verdict(workspace, 1) == (Verdict.ACCEPTED, 3, 0)


def test_two_names_of_one_person_count_once(workspace: Workspace) -> None:
    answer(workspace, 1, [1, 2], NO)
    answer(workspace, 2, [2, 3], YES)
    said = run(workspace, "join", "ann", "bob")
    assert "1 vote went over" in said
    assert verdict(workspace, 1) == (Verdict.OPEN, 1, 0)
    assert verdict(workspace, 2) == (Verdict.OPEN, 1, 1), "ann's answer stays, bob's is aside"
    assert verdict(workspace, 3) == (Verdict.OPEN, 1, 1)
    with reading(workspace.engine) as session:
        query = select(Vote.clip_id, Vote.answer).where(Vote.worker_id == 1)
        assert session.execute(query.order_by(Vote.clip_id)).all() == [(1, NO), (2, NO), (3, YES)]
        assert session.scalar(select(Vote.id).where(Vote.worker_id == 2)), "nothing is deleted"
    listed = {row["worker"]: row for row in run(workspace, "workers", "--json")}
    assert (listed["bob"]["access"], listed["bob"]["same_as"]) == ("joined", "ann")
    for words in (("join", "ann", "bob"), ("join", "bob", "eve"), ("join", "ann", "ann")):
        assert "joined" in run(workspace, *words, code=1)
    assert "cannot be undone" in run(workspace, "readmit", "bob", code=1)


def test_a_joined_worker_who_joins_takes_those_joined_before_along(workspace: Workspace) -> None:
    answer(workspace, 1, [1])
    answer(workspace, 2, [2])
    answer(workspace, 3, [3])
    run(workspace, "join", "bob", "ann")
    run(workspace, "join", "eve", "bob")
    with reading(workspace.engine) as session:
        same = session.execute(select(Worker.id, Worker.same_as_id).order_by(Worker.id)).all()
        assert same[:3] == [(1, 3), (2, 3), (3, None)]
        ours = select(Vote.clip_id).where(Vote.worker_id == 3).order_by(Vote.clip_id)
        assert session.scalars(ours).all() == [1, 2, 3]


def test_what_is_kept_with_every_answer_is_what_all_votes_give(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        session.add(Gold(id=1, clip_id=9, label_id=1, expected=NO))
        session.get_one(TaskSlot, 9).gold_id = 1
        session.add(Assignment(task_id=9, worker_id=1, expires_at=2e9, taken_at=50.0))
    answer(workspace, 1, range(1, 9), NO, answered_at=100.0)
    answer(workspace, 1, [9, 10], YES, answered_at=100.2)
    for worker, clips in ((2, range(1, 8)), (3, range(1, 6))):
        answer(workspace, worker, clips, YES, answered_at=200.0 + worker)
    answer(workspace, 1, [9], NO, answered_at=103.0, revision=1)
    answer(workspace, 1, [3], YES, answered_at=104.0, revision=1)
    run(workspace, "exclude", "bob")
    kept = rows(workspace)
    with writing(workspace.engine) as session:
        remake(session, CONFIG)
    assert rows(workspace) == kept
    assert kept[0] and kept[1]


def test_sessions_end_when_they_are_ended_or_run_out(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        ann = [logins.begin(session, 1, now=0.0) for _ in range(2)]
        owner = logins.begin(session, None, now=0.0)
        assert logins.is_open(session, ann[0], 1, now=1.0)
        assert not logins.is_open(session, ann[0], 2, now=1.0), "another worker's"
        assert not logins.is_open(session, ann[0], None, now=1.0), "a worker is no owner"
        assert not logins.is_open(session, ann[0], 1, now=logins.LONGEST_SECONDS)
        logins.end(session, ann[0])
        assert not logins.is_open(session, ann[0], 1, now=1.0)
        assert logins.is_open(session, ann[1], 1, now=1.0)
        assert logins.end_all(session, 1) == 1
        assert logins.is_open(session, owner, None, now=1.0)


def test_a_worker_of_another_name_is_not_found_by_a_part_of_it(workspace: Workspace) -> None:
    with reading(workspace.engine) as session:
        assert people.find_worker(session, " zoë ").id == 4
        with pytest.raises(CrowdError, match="no worker 'an'"):
            people.find_worker(session, "an")


def test_codes_stand_in_a_file_that_nobody_else_can_read(workspace: Workspace) -> None:
    out = workspace.root / "codes.txt"
    command = ["-C", str(workspace.root), "annotate", "--invite", "3", "--out", str(out)]
    result = CliRunner().invoke(group, command)
    assert result.exit_code == 0, result.output
    codes = out.read_text().split()
    assert len(codes) == 3
    assert out.stat().st_mode & 0o777 == 0o600
    assert not any(code in result.output for code in codes)
    with reading(workspace.engine) as session:
        num_before = len(session.scalars(select(Worker.id)).all())
        known = set(session.scalars(select(Worker.code_hash)))
    assert {hash_code(code) for code in codes} <= known
    again = CliRunner().invoke(group, command)
    assert again.exit_code == 1 and "is there already" in again.output
    with reading(workspace.engine) as session:
        assert len(session.scalars(select(Worker.id)).all()) == num_before


def test_invitations_are_unlike_each_other(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        assert len(set(make_invitations(session, 50))) == 50
