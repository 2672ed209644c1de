"""Clips are decided by all answers, gold and scores together where the settings say so."""

from statistics import fmean
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.clips.decisions import decide_clips
from kinetics_builder.crowd.simulation import CrowdPlan, SimulatedCrowd, draw_crowd
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipBelief,
    Decision,
    Label,
    Ruling,
    Verdict,
    Video,
)
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.verifying.aggregate import aggregate

PLAN = CrowdPlan(num_clips=60, num_workers=8)
POSTERIOR = VerifyConfig(policy="posterior", purity=0.9, recall=0.8, max_votes=3, min_yes=2)


@pytest.fixture
def crowd() -> SimulatedCrowd:
    return draw_crowd(PLAN)


@pytest.fixture
def answered(workspace: Workspace, fill: Any, crowd: SimulatedCrowd) -> Workspace:
    """Two answers about each clip, in turn, and four gold answers of each worker."""

    def said(is_yes: bool) -> Answer:
        return Answer.YES if is_yes else Answer.NO

    def story(filler: Any) -> None:
        for number in range(4):
            gold_clip = filler.clip(f"gold {number}", "waving")
            gold = filler.gold(gold_clip, "waving", said(crowd.ask_gold(number, 0)[1]))
            for worker in range(PLAN.num_workers):
                answer = said(crowd.ask_gold(number, worker)[0])
                filler.vote(gold_clip, f"worker {worker}", answer, gold=gold)
        for number in range(PLAN.num_clips):
            clip = filler.clip(f"clip {number}", "waving", score=float(crowd.score_N[number]))
            for worker in {(2 * number + turn) % PLAN.num_workers for turn in (0, 1)}:
                filler.vote(clip, f"worker {worker}", said(crowd.ask(number, worker)))

    fill(workspace, story)
    return workspace


def verdicts(workspace: Workspace) -> dict[str, Verdict]:
    query = (
        select(Video.video_id, Decision.verdict)
        .join(Clip, Clip.video_id == Video.id)
        .join(Decision, Decision.clip_id == Clip.id)
    )
    with reading(workspace.engine) as session:
        return {video: verdict for video, verdict in session.execute(query)}


def run(workspace: Workspace, config: VerifyConfig) -> Any:
    with writing(workspace.engine) as session:
        return aggregate(session, config)


def test_two_answers_are_enough_where_they_and_the_score_agree(
    answered: Workspace, crowd: SimulatedCrowd
) -> None:
    report = run(answered, POSTERIOR)
    found = verdicts(answered)
    accepted = [number for number in range(60) if found[f"clip {number}"] is Verdict.ACCEPTED]
    right = crowd.truth_N[accepted].sum()
    assert right / len(accepted) > 0.85
    assert right / crowd.truth_N.sum() > 0.6
    assert report.claimed_purity > 0.9
    assert 0 < report.claimed_recall <= 1
    assert run(answered, POSTERIOR) == report
    assert verdicts(answered) == found


def test_what_is_gold_is_decided_by_its_own_votes(answered: Workspace) -> None:
    run(answered, POSTERIOR)
    by_all = verdicts(answered)
    report = run(answered, VerifyConfig(max_votes=3, min_yes=2))
    by_votes = verdicts(answered)
    assert report.claimed_purity is None
    assert by_all.keys() == by_votes.keys()
    for number in range(4):
        assert by_all[f"gold {number}"] is by_votes[f"gold {number}"] is not Verdict.OPEN


def test_between_two_aggregates_a_clip_keeps_its_verdict(answered: Workspace, fill: Any) -> None:
    run(answered, POSTERIOR)
    before = verdicts(answered)

    def story(filler: Any) -> None:
        new = filler.clip("new", "waving")
        filler.vote(new, "worker 0")
        clips = list(filler.session.scalars(select(Clip).join(Video, Clip.video_id == Video.id)))
        filler.vote(clips[-1], "another", Answer.NO)
        filler.vote(clips[-2], "another", Answer.YES)
        decide_clips(filler.session, [clip.id for clip in clips], POSTERIOR)

    fill(answered, story)
    assert verdicts(answered) == {**before, "new": Verdict.OPEN}


def test_votes_that_are_set_aside_weigh_nothing(answered: Workspace, fill: Any) -> None:
    report = run(answered, POSTERIOR)
    before = verdicts(answered)

    def story(filler: Any) -> None:
        label = filler.session.scalar(select(Label))
        for number in range(6):
            clip = filler.clip(f"other gold {number}", label.name)
            filler.vote(clip, "spoiler", Answer.NO, gold=filler.gold(clip, "waving", Answer.YES))
        clips = list(filler.session.scalars(select(Clip).join(Video, Clip.video_id == Video.id)))
        for clip in clips[4:64]:
            filler.vote(clip, "spoiler", Answer.NO)

    fill(answered, story)
    again = run(answered, POSTERIOR)
    assert again.num_warned == report.num_warned + 1
    assert {
        clip: verdict for clip, verdict in verdicts(answered).items() if clip in before
    } == before


def rule_on(workspace: Workspace, fill: Any, verdict: Verdict, which: range) -> None:
    """Let the owner decide every clip of `which`, whatever the answers say."""

    def story(filler: Any) -> None:
        for number in which:
            video = select(Video.id).where(Video.video_id == f"clip {number}")
            clip = filler.session.scalar(select(Clip).where(Clip.video_id.in_(video)))
            filler.session.add(
                Ruling(clip_id=clip.id, verdict=verdict, reason="seen", ruled_by="owner")
            )

    fill(workspace, story)


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED, Verdict.REJECTED])
def test_what_the_owner_decides_neither_flatters_nor_spoils_what_is_claimed(
    answered: Workspace, fill: Any, verdict: Verdict
) -> None:
    rule_on(answered, fill, verdict, range(0, 60, 3))
    report = run(answered, POSTERIOR)
    query = (
        select(ClipBelief.probability, Decision.verdict)
        .join(Decision, Decision.clip_id == ClipBelief.clip_id)
        .join(Clip, Clip.id == ClipBelief.clip_id)
        .join(Video, Video.id == Clip.video_id)
        .where(~Decision.is_ruled, Video.video_id.startswith("clip "))
    )
    with reading(answered.engine) as session:
        by_answers = session.execute(query).all()
    accepted = [chance for chance, found in by_answers if found is Verdict.ACCEPTED]
    assert (len(by_answers), len(accepted) > 5) == (40, True)
    assert report.claimed_purity == pytest.approx(fmean(accepted))
    everything = sum(chance for chance, _ in by_answers)
    assert report.claimed_recall == pytest.approx(sum(accepted) / everything)


def test_where_the_owner_decides_all_nothing_is_claimed(answered: Workspace, fill: Any) -> None:
    rule_on(answered, fill, Verdict.ACCEPTED, range(60))
    report = run(answered, POSTERIOR)
    assert (report.claimed_purity, report.claimed_recall) == (None, None)
    assert report.num_accepted >= 60


def test_a_purity_out_of_reach_is_told_before_and_after_answers(
    answered: Workspace, fill: Any
) -> None:
    settings = answered.root / "kbuild.toml"
    settings.write_text('[verify]\npolicy = "posterior"\npurity = 0.998\n')
    told = "! A purity of 99.8% is out of reach of 60 clips, and none will be accepted"

    def output(*words: str) -> str:
        result = CliRunner().invoke(group, ["-C", str(answered.root), *words])
        assert result.exit_code == 0, result.output
        return str(result.output)

    assert told not in output("status"), "nothing was looked at yet"
    for command in ("assign", "aggregate"):
        assert told[2:] in output(command)
        assert told in output("status")
    settings.write_text('[verify]\npolicy = "posterior"\npurity = 0.9\n')
    assert told not in output("status"), "it is of other settings"
    assert "out of reach" not in output("aggregate")
