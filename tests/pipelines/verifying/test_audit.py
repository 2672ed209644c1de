"""`kbuild crowd audit`: accepted clips drawn by chance, the owner's word, what follows."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.clips.auditing import draw_audit, list_waiting, read_audit
from kinetics_builder.crowd.clips.ruling import rule
from kinetics_builder.crowd.clips.weighing import weigh
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Decision,
    Gold,
    Label,
    OwnerAct,
    Ruling,
    Verdict,
)
from kinetics_builder.errors import CrowdError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.verifying.aggregate import aggregate

POSTERIOR = VerifyConfig(policy="posterior", purity=0.9, recall=0.8)
NUM_CLIPS = 60


@pytest.fixture
def decided(workspace: Workspace, fill: Any) -> Workspace:
    """Three workers who agree: yes to each clip but every third."""

    def story(filler: Any) -> None:
        for number in range(NUM_CLIPS):
            score = 0.1 * (number * 7 % 10) + 0.3 * (number % 3 > 0)
            clip = filler.clip(f"clip {number}", "waving", score=score)
            for worker in range(3):
                answer = Answer.YES if number % 3 else Answer.NO
                filler.vote(clip, f"worker {worker}", answer)

    fill(workspace, story)
    with writing(workspace.engine) as session:
        aggregate(session, POSTERIOR)
    return workspace


def say(session: Any, clip: int, verdict: Verdict) -> None:
    rule(session, Ruling(clip_id=clip, verdict=verdict, reason="audit", ruled_by="o"), POSTERIOR)


def test_what_is_drawn_is_accepted_by_answers_and_follows_from_the_seed(decided: Workspace) -> None:
    found = []
    for seed in (1, 1, 2):
        with reading(decided.engine) as session:
            assert draw_audit(session, 12, seed) == 12
            found.append(list_waiting(session))
            accepted = select(Decision.clip_id).where(Decision.verdict == Verdict.ACCEPTED)
            assert set(found[-1]) < set(session.scalars(accepted))
            session.rollback()
    assert found[0] == found[1] != found[2]


def test_clips_that_the_owner_has_decided_are_none_to_draw(decided: Workspace) -> None:
    with writing(decided.engine) as session:
        draw_audit(session, 1000)
        first, *_ = waiting = list_waiting(session)
        say(session, first, Verdict.REJECTED)
        assert draw_audit(session, 1000) == len(waiting) - 1
        assert first not in list_waiting(session)
        acts = session.scalars(select(OwnerAct.about).order_by(OwnerAct.id)).all()
    assert acts[0] == f"{len(waiting)} of {len(waiting)} accepted"


def test_gold_is_none_to_draw_but_a_clip_is_that_is_gold_for_another_class(
    decided: Workspace,
) -> None:
    """Nothing is claimed of gold, and what is learnt of an audit is of the other clips."""
    with writing(decided.engine) as session:
        draw_audit(session, 1000)
        first, second, *_ = waiting = list_waiting(session)
        of_first, other = session.get_one(Clip, first).label_id, Label(name="nodding")
        session.add(other)
        session.flush()
        session.add(Gold(clip_id=first, label_id=of_first, expected=Answer.YES))
        session.add(Gold(clip_id=second, label_id=other.id, expected=Answer.NO))
        session.flush()
        draw_audit(session, 1000)
        assert list_waiting(session) == waiting[1:]


def test_nothing_can_be_drawn_before_anything_is_accepted(workspace: Workspace) -> None:
    with reading(workspace.engine) as session:
        assert read_audit(session) is None
        with pytest.raises(CrowdError, match="No clip is accepted by people's answers yet"):
            draw_audit(session, 10)


def test_wrong_clips_in_an_audit_lower_what_is_claimed_of_the_others(decided: Workspace) -> None:
    claims = []
    for wrong in (0, 6):
        with reading(decided.engine) as session:
            draw_audit(session, 30)
            for number, clip in enumerate(list_waiting(session)):
                say(session, clip, Verdict.REJECTED if number < wrong else Verdict.ACCEPTED)
            audit, weighed = read_audit(session), weigh(session, POSTERIOR)
            assert audit is not None and weighed is not None
            claims.append(weighed.purity or 0)
            assert (audit.num_judged, audit.num_right) == (30, 30 - wrong)
            assert audit.interval[0] < audit.purity <= audit.interval[1]
            session.rollback()
    clean, spoilt = claims
    assert clean > 0.97
    assert spoilt < clean - 0.01


def test_the_command_draws_and_tells_how_it_stands(decided: Workspace) -> None:
    def kbuild(*words: str) -> str:
        result = CliRunner().invoke(group, ["-C", str(decided.root), "crowd", "audit", *words])
        assert result.exit_code == 0, result.output
        return result.output

    assert kbuild() == "No audit was drawn yet: `kbuild crowd audit --draw 300`.\n"
    assert kbuild("--draw", "20").startswith("Audit 1: 20 accepted clips drawn, 0 judged.\n")
    with writing(decided.engine) as session:
        first, second, *_ = list_waiting(session)
        say(session, first, Verdict.ACCEPTED)
        say(session, second, Verdict.REJECTED)
    lines = kbuild().splitlines()
    assert lines[0] == "Audit 1: 20 accepted clips drawn, 2 judged."
    assert lines[1].startswith(
        "1 of 2 are right: 50.0%, in 95 of 100 cases between 9.5% and 90.5%."
    )
    assert "/owner/audit" in lines[2]
    facts = json.loads(kbuild("--json"))
    assert (facts["num_drawn"], facts["num_judged"], facts["num_right"]) == (20, 2, 1)
