"""The owner's word about a clip goes before all votes, in every policy, until it is taken back."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.clips.disputes import (
    Which,
    count_disputed,
    list_disputed,
    list_disputed_labels,
)
from kinetics_builder.crowd.clips.known import make_gold
from kinetics_builder.crowd.clips.ruling import rule
from kinetics_builder.crowd.records import keep, remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipBelief,
    ClipFile,
    Decision,
    Gold,
    Label,
    Method,
    Ruling,
    TalliedSlot,
    Task,
    TaskSlot,
    Verdict,
    Video,
    Vote,
    Worker,
    WorkTally,
)
from kinetics_builder.errors import CrowdError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group

YES, NO, UNSURE, BAD = Answer
ACCEPTED, REJECTED, OPEN = Verdict
POLICIES = ("three_of_five", "posterior")
VOTES = {1: "yyynn", 2: "yn", 3: "yyy", 4: "ynnn", 5: "yyu", 6: "nn", 7: "yyb", 8: ""}
"""Clip -> what its workers say."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Eight clips, each in a task of its own, and what five workers said about seven."""
    workspace = Workspace.create(tmp_path / "w")
    with writing(workspace.engine) as session:
        for number in range(1, 6):
            session.add(Worker(id=number, name=f"worker {number}", code_hash=str(number)))
        labels = [Label(id=1, name="waving"), Label(id=2, name="jumping")]
        for number, votes in VOTES.items():
            label = labels[number % 2]
            video = Video(id=number, video_id=f"v{number}", source="", url="", title="")
            clip = Clip(id=number, video=video, label=label, start_seconds=0.0, end_seconds=10.0)
            clip.method, clip.score, clip.rank = Method.MOTION, 0.1 * number, 0
            clip.file = ClipFile(file="", bytes=1, sha256="", duration_seconds=10.0, width=1)
            clip.file.height, clip.file.frames_per_second, clip.file.num_frames = 1, 25.0, 250
            slot = TaskSlot(id=number, task=Task(id=number, round=0), position=0)
            slot.clip, slot.label = clip, label
            session.add(slot)
            session.flush()
            for worker, said in enumerate(votes, start=1):
                answer = {"y": YES, "n": NO, "u": UNSURE, "b": BAD}[said]
                about = {"clip_id": number, "label_id": label.id, "slot_id": number}
                session.add(Vote(worker_id=worker, answer=answer, **about))
    return workspace


def say(workspace: Workspace, clip: int, verdict: Verdict, config: VerifyConfig, why: str) -> None:
    with writing(workspace.engine) as session:
        ruling = Ruling(clip_id=clip, verdict=verdict, reason=why, ruled_by="owner")
        rule(session, ruling, config)


def verdict(workspace: Workspace, clip: int) -> tuple[Verdict, bool]:
    with reading(workspace.engine) as session:
        row = session.get_one(Decision, clip)
        return row.verdict, row.is_ruled


def rows(workspace: Workspace, *tables: Any) -> Any:
    with reading(workspace.engine) as session:
        return [
            sorted(map(repr, session.execute(select(*table.__table__.columns)))) for table in tables
        ]


@pytest.mark.few(
    "accepted-1-three_of_five",
    "rejected-2-posterior",
    "accepted-3-posterior",
    "rejected-6-three_of_five",
)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("clip", [1, 2, 3, 6])
@pytest.mark.parametrize("said", [ACCEPTED, REJECTED])
def test_the_owners_word_goes_before_the_votes(workspace, policy, clip, said) -> None:
    config = VerifyConfig(policy=policy)
    with writing(workspace.engine) as session:
        remake(session, config)
    before, votes = verdict(workspace, clip), rows(workspace, Vote)
    say(workspace, clip, said, config, "seen by me")
    assert verdict(workspace, clip) == (said, True)
    with writing(workspace.engine) as session:
        remake(session, config)
    assert verdict(workspace, clip) == (said, True), "aggregate follows it"
    with writing(workspace.engine) as session:
        about = {"clip_id": clip, "label_id": 1 + (clip % 2), "slot_id": clip}
        session.add(Vote(id=100, worker_id=1, answer=NO, revision=1, **about))
        keep(session, config)
    assert verdict(workspace, clip) == (said, True), "an answer changes nothing"
    with writing(workspace.engine) as session:
        session.delete(session.get_one(Vote, 100))
        remake(session, config)
    say(workspace, clip, OPEN, config, "looked again")
    with writing(workspace.engine) as session:
        remake(session, config)
    assert verdict(workspace, clip) == before, "the votes decide again"
    assert rows(workspace, Vote) == votes, "no vote was changed"
    assert len(rows(workspace, Ruling)[0]) == 2, "every word is kept"


@pytest.mark.parametrize("policy", POLICIES)
def test_tasks_and_sums_follow_at_once_as_a_recount_gives_them(workspace, policy) -> None:
    config = VerifyConfig(policy=policy)
    with writing(workspace.engine) as session:
        remake(session, config)
    for clip, said in ((2, ACCEPTED), (1, REJECTED), (5, REJECTED), (2, REJECTED), (5, OPEN)):
        say(workspace, clip, said, config, "seen")
        with reading(workspace.engine) as session:
            is_left = session.get_one(Decision, clip).verdict is OPEN
            if policy == "posterior":
                is_left = session.get_one(ClipBelief, clip).worth > 0
            assert session.get_one(Task, clip).is_finished is not is_left
    kept = rows(workspace, Decision, WorkTally, TalliedSlot, Task)
    with writing(workspace.engine) as session:
        remake(session, config)
    assert rows(workspace, Decision, WorkTally, TalliedSlot, Task) == kept


@pytest.mark.parametrize(
    ("clip", "said", "why", "message"),
    [
        pytest.param(1, ACCEPTED, " \n", "decided with a reason", id="no reason"),
        pytest.param(8, ACCEPTED, "seen", "Nobody has answered about clip 8", id="no answers"),
        pytest.param(99, REJECTED, "seen", "Nobody has answered about clip 99", id="no clip"),
        pytest.param(1, OPEN, "seen", "nothing to take back", id="never decided"),
    ],
)
def test_what_cannot_be_decided_is_refused(workspace, clip, said, why, message) -> None:
    with pytest.raises(CrowdError, match=message):
        say(workspace, clip, said, VerifyConfig(), why)
    assert rows(workspace, Ruling) == [[]]


def test_disputed_clips_come_the_closest_vote_first(workspace) -> None:
    config = VerifyConfig()
    with writing(workspace.engine) as session:
        remake(session, config)
    with reading(workspace.engine) as session:
        found = list_disputed(session, Which(), 10)
        assert [clip.clip_id for clip in found] == [2, 1, 5, 7, 4]
        assert [round(clip.margin, 2) for clip in found] == [0.0, 0.2, 0.33, 0.33, 0.5]
        assert [clip.clip_id for clip in list_disputed(session, Which(), 2, skip=1)] == [1, 5]
        assert [clip.clip_id for clip in list_disputed(session, Which("waving"), 9)] == [2, 4]
        assert list_disputed_labels(session) == ["jumping", "waving"]
        assert [one.answer for one in found[1].said] == [YES, YES, YES, NO, NO]
        assert {one.worker for one in found[0].said} == {"worker 1", "worker 2"}
    say(workspace, 1, REJECTED, config, "he only  poses\n")
    with reading(workspace.engine) as session:
        assert count_disputed(session, Which()) == 4
        (decided,) = list_disputed(session, Which(are_ruled=True), 10)
        assert (decided.clip_id, decided.ruled[-1].reason) == (1, "he only poses")
    say(workspace, 6, ACCEPTED, config, "all looked away")
    with reading(workspace.engine) as session:
        decided = list_disputed(session, Which(are_ruled=True), 10)
        assert [clip.clip_id for clip in decided] == [1, 6], "also what nobody disputed"


def test_a_clip_is_made_gold_once(workspace) -> None:
    with writing(workspace.engine) as session:
        make_gold(session, 3, YES)
        make_gold(session, 4, NO)
    for clip, message in ((3, "gold already, with the answer yes"), (99, "not there any more")):
        with pytest.raises(CrowdError, match=message), writing(workspace.engine) as session:
            make_gold(session, clip, NO)
    with reading(workspace.engine) as session:
        gold = session.execute(select(Gold.clip_id, Gold.label_id, Gold.expected))
        assert sorted(map(tuple, gold)) == [(3, 2, YES), (4, 1, NO)]


def test_the_command_lists_them_with_all_that_was_said(workspace) -> None:
    config = VerifyConfig()
    with writing(workspace.engine) as session:
        remake(session, config)
    say(workspace, 1, REJECTED, config, "only poses")

    def run(*words: str) -> Any:
        found = CliRunner().invoke(group, ["-C", str(workspace.root), "crowd", "disputed", *words])
        assert found.exit_code == 0, found.output
        return found.output

    waiting = json.loads(run("--json"))
    assert [one["clip"] for one in waiting] == [2, 5, 7, 4]
    assert [one["answer"] for one in waiting[0]["said"]] == ["yes", "no"]
    (decided,) = json.loads(run("--decided", "--json"))
    assert (decided["verdict"], decided["ruled"][0]["reason"]) == ("rejected", "only poses")
    assert "3 more clips" in run("--limit", "1")
    assert "rejected jumping: only poses" in run("--decided")
    assert "No answers disagree" in run("--label", "nothing")
