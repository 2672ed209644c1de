"""Votes -> decisions and standings."""

from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Decision,
    Verdict,
    Video,
    Worker,
    WorkerStanding,
)
from kinetics_builder.errors import StageOrderError
from kinetics_builder.workspace import Workspace
from pipelines.verifying.aggregate import AggregateReport, aggregate

YES, NO, UNSURE, BAD = Answer


def run(workspace: Workspace, **settings: Any) -> AggregateReport:
    with writing(workspace.engine) as session:
        return aggregate(session, VerifyConfig(**settings))


def decisions(workspace: Workspace) -> dict[str, tuple[Any, ...]]:
    with reading(workspace.engine) as session:
        query = select(Video.video_id, Decision).join(Clip, Clip.video_id == Video.id)
        return {
            video: (
                row.verdict,
                (row.num_yes, row.num_no, row.num_unsure, row.num_bad),
                row.num_set_aside,
                row.lasts_whole_clip,
            )
            for video, row in session.execute(query.join(Decision, Decision.clip_id == Clip.id))
        }


def standings(workspace: Workspace) -> dict[str | None, tuple[int, int, bool]]:
    with reading(workspace.engine) as session:
        query = select(Worker.name, WorkerStanding).join(
            WorkerStanding, WorkerStanding.worker_id == Worker.id
        )
        return {
            name: (row.num_gold, row.num_gold_right, row.is_warned)
            for name, row in session.execute(query)
        }


def spoil(filler: Any, worker: str, num_wrong: int = 4) -> None:
    """Let a worker answer gold questions wrongly."""
    for n in range(num_wrong):
        clip = filler.clip(f"gold{n}-{worker}", "waving")
        filler.vote(clip, worker, NO, gold=filler.gold(clip, "waving", YES))


def test_votes_become_decisions_and_a_second_run_changes_nothing(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        filler.votes(filler.clip("accepted", "waving"), [YES, NO, YES, YES])
        filler.votes(filler.clip("rejected", "waving"), [NO, UNSURE, BAD])
        filler.votes(filler.clip("open", "waving"), [YES, NO])
        filler.slot(filler.clip("unanswered", "waving"))

    fill(workspace, story)
    report = run(workspace)
    assert decisions(workspace) == {
        "accepted": (Verdict.ACCEPTED, (3, 1, 0, 0), 0, False),
        "rejected": (Verdict.REJECTED, (0, 1, 1, 1), 0, False),
        "open": (Verdict.OPEN, (1, 1, 0, 0), 0, False),
    }
    assert (report.num_votes, report.num_accepted, report.num_rejected) == (9, 1, 1)
    assert report.num_open == 2, "the unanswered clip is open too"
    before = decisions(workspace), standings(workspace)
    assert run(workspace) == report
    assert (decisions(workspace), standings(workspace)) == before


def test_a_gold_answer_counts_for_the_clip_if_it_is_about_its_own_label(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        clip = filler.clip("video", "waving")
        filler.votes(clip, [YES, YES])
        filler.vote(clip, "ann", YES, gold=filler.gold(clip, "waving", YES))
        filler.vote(clip, "ann", YES, gold=filler.gold(clip, "jumping", NO))

    fill(workspace, story)
    report = run(workspace)
    assert decisions(workspace)["video"][:2] == (Verdict.ACCEPTED, (3, 0, 0, 0))
    assert standings(workspace)["ann"] == (2, 1, False)
    assert (report.num_votes, report.num_gold_votes, report.num_workers) == (3, 2, 3)


def test_a_clip_that_needs_a_warned_workers_vote_stays_open(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        spoil(filler, "bob")
        needed, spare = filler.clip("needed", "waving"), filler.clip("spare", "waving")
        filler.votes(needed, [YES, YES])
        filler.votes(spare, [YES, YES, YES])
        filler.vote(needed, "bob", YES)
        filler.vote(spare, "bob", NO)

    fill(workspace, story)
    report = run(workspace)
    assert standings(workspace)["bob"] == (4, 0, True)
    found = decisions(workspace)
    assert found["needed"][:3] == (Verdict.OPEN, (2, 0, 0, 0), 1)
    assert found["spare"][:3] == (Verdict.ACCEPTED, (3, 0, 0, 0), 1), "decided without bob"
    assert report.num_warned == 1
    assert report.num_set_aside == 6, "two here, and four on the clips of the gold questions"


def test_votes_count_again_when_a_worker_recovers(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        spoil(filler, "bob")
        clip = filler.clip("video", "waving")
        filler.votes(clip, [YES, YES])
        filler.vote(clip, "bob", YES)

    fill(workspace, story)
    assert run(workspace).num_accepted == 0
    assert run(workspace, gold_min_answers=5).num_accepted == 1


def test_a_clip_lasts_when_most_of_its_yes_answers_say_so(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        for video, lasting in {"most": (True, True, None), "half": (True, False, None)}.items():
            clip = filler.clip(video, "waving")
            for n, lasts in enumerate(lasting):
                filler.vote(clip, f"{video}{n}", YES, lasts_whole_clip=lasts)

    fill(workspace, story)
    run(workspace)
    assert {video: row[3] for video, row in decisions(workspace).items()} == {
        "most": True,
        "half": False,
    }


def test_without_votes_the_stage_to_run_is_named(workspace: Workspace) -> None:
    with pytest.raises(StageOrderError, match="Run `kbuild annotate` first"):
        run(workspace)


def test_the_last_of_several_answers_counts_for_clip_and_worker(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        clip = filler.clip("reconsidered", "waving")
        filler.votes(clip, [YES, YES])
        filler.vote(clip, "ada", YES, lasts_whole_clip=True)
        filler.vote(clip, "ada", NO, revision=1)
        known = filler.clip("known", "waving")
        gold = filler.gold(known, "waving", YES)
        for revision, said in enumerate((NO, UNSURE, YES)):
            filler.vote(known, "ada", said, gold=gold, revision=revision)

    fill(workspace, story)
    report = run(workspace)
    assert decisions(workspace)["reconsidered"] == (Verdict.OPEN, (2, 1, 0, 0), 0, False)
    assert standings(workspace)["ada"] == (1, 1, False)
    assert (report.num_votes, report.num_gold_votes) == (4, 1)
