"""What people answer when asked once more changes no figure, no decision and no released byte."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select

from kinetics_builder.config import Config
from kinetics_builder.crowd.clips import rules
from kinetics_builder.crowd.records import keep, remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Assignment, ClassGate, Setting, TaskSlot, Vote
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.publishing.curating.curate import curate
from pipelines.publishing.curating.edits import names_given
from pipelines.publishing.release import release
from pipelines.verifying.aggregate import aggregate
from tests.pipelines.conftest import Filler
from tests.pipelines.publishing.test_release import contents

YES, NO, UNSURE, BAD = Answer
LABELS = ("waving", "carving ice", "juggling")
COMMANDS = (
    ("status",),
    ("crowd", "agreement"),
    ("crowd", "disputed"),
    ("crowd", "gates"),
    ("crowd", "unclear"),
    ("classes", "text", "waving"),
    ("curate", "suspects"),
    ("crowd", "worker", "worker 1"),
)


def said(worker: int, clip: int) -> Answer:
    """Return what a worker says at first: of "waving" it is the earlier clips that show it."""
    if clip % 3 == 0:
        return YES if clip < 12 else NO
    return (YES, YES, YES, NO, UNSURE, BAD)[(clip * clip + 3 * worker * (clip % 3)) % 6]


def make(folder: Any, *, is_repeated: bool) -> Workspace:
    """Let three workers answer 24 clips, once, or all of them once more, otherwise."""
    workspace = Workspace.create(folder)
    with writing(workspace.engine) as session:
        filler = Filler(workspace, session)
        clips = [filler.clip(f"video{n}", LABELS[n % 3], 1.5 * n) for n in range(24)]
        gold = [filler.gold(clip, clip.label.name, YES) for clip in clips[:3]]
        for number, clip in enumerate(clips):
            for worker in (1, 2, 3):
                answer = said(worker, number)
                name = None if answer is YES else "whittling"
                known = gold[number] if number < 3 else None
                more = {
                    "created_at": datetime(2026, 11, 1, 9),
                    "seconds": 2.0 + number % 5,
                    "better_name": name,
                }
                vote = filler.vote(clip, f"worker {worker}", answer, gold=known, **more)
                _finish(session, vote)
        if is_repeated:
            _repeat(session)
        keep(session, Config().verify)
    return workspace


def _finish(session: Any, vote: Vote) -> None:
    task_id = session.get_one(TaskSlot, vote.slot_id).task_id
    when = {"expires_at": 0.0, "submitted_at": vote.created_at}
    session.add(Assignment(task_id=task_id, worker_id=vote.worker_id, **when))


def _repeat(session: Any) -> None:
    """Have each but gold answered once more, by another word, a week later, with another name."""
    for vote in session.scalars(select(Vote).order_by(Vote.id.desc())).all():
        worker_id = vote.worker_id
        own = {"worker_id": worker_id, "behind_id": vote.slot_id, "position": -worker_id}
        about = {"clip_id": vote.clip_id, "label_id": vote.label_id}
        asked = session.get_one(TaskSlot, vote.slot_id)
        if asked.gold_id is not None:
            continue
        slot = TaskSlot(task_id=asked.task_id, **own, **about)
        session.add(slot)
        session.flush()
        answer = NO if vote.answer is YES else YES
        again = {"answer": answer, "seconds": 0.1, "better_name": "sculpting", "occasion": 2}
        again["created_at"] = datetime(2026, 11, 8, 9)
        again |= {"worker_id": worker_id, "slot_id": slot.id, **about}
        session.add_all([Vote(**again), Vote(**again, revision=1)])


def told(workspace: Workspace, *words: str) -> Any:
    found = CliRunner().invoke(group, ["-C", str(workspace.root), *words, "--json"])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


@pytest.fixture
def both(tmp_path: Any) -> tuple[Workspace, Workspace]:
    """The same answers, without repeats and with each given once more, otherwise."""
    return tuple(
        make(tmp_path / name, is_repeated=is_repeated)
        for name, is_repeated in (("once", False), ("twice", True))
    )


def test_no_command_counts_them_but_what_says_how_consistent_a_worker_is(both) -> None:
    for words in COMMANDS:
        once, twice = (told(workspace, *words) for workspace in both)
        if words[:2] == ("crowd", "worker"):
            once["invited_at"] = twice["invited_at"]
            repeats = twice["work"][0].pop("repeats")
            assert once["work"][0].pop("repeats") is None
            assert (repeats["num"], repeats["num_alike"]) == (21, 0)
        assert _without_folder(once, both[0]) == _without_folder(twice, both[1]), words
    once, twice = (
        [{**one, "repeats": 0, "flags": 0} for one in told(w, "crowd", "workers")] for w in both
    )
    assert once == twice


def _without_folder(found: Any, workspace: Workspace) -> str:
    return json.dumps(found, sort_keys=True).replace(str(workspace.root), "")


def test_every_released_byte_is_the_same(both) -> None:
    folders = []
    for workspace in both:
        with writing(workspace.engine) as session:
            aggregate(session, Config().verify)
            curate(session, Config())
            session.merge(Setting(key="pseudonym_key", value="the same for all"))
        release(workspace, name="v1")
        folders.append(contents(workspace.releases / "v1"))
        with reading(workspace.engine) as session:
            assert names_given(session) == {"whittling"}
    assert folders[0].keys() == folders[1].keys()
    differing = {name for name in folders[0] if folders[0][name] != folders[1][name]}
    assert differing == set()
    assert b"sculpting" not in b"".join(folders[1].values())


def test_classes_are_measured_by_the_same_clips(both) -> None:
    measured: list[list[Any]] = [[], []]
    for workspace, found in zip(both, measured, strict=True):
        for number in (1, 2, 3):
            with writing(workspace.engine) as session:
                session.execute(delete(ClassGate))
                remake(session, replace(Config().verify, gate_clips=number))
                columns = ClassGate.label_id, ClassGate.num_decided, ClassGate.num_yes
                found += session.execute(select(*columns).order_by(ClassGate.label_id)).all()
    assert measured[0] == measured[1] and len(measured[0]) > 3


def test_a_look_at_all_votes_is_not_due_for_them(both) -> None:
    due = []
    for workspace in both:
        with reading(workspace.engine) as session:
            through = session.scalar(select(func.min(Vote.id))) or 0
            kept = rules.Rules(kept=None, bars={}, through=through, num_next=72)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(rules, "read_rules", lambda _, kept=kept: kept)
                due.append(rules.is_look_due(session))
    assert due == [False, False]
