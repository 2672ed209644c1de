"""Verb `simulate`: a policy plays against a crowd that was made up, and is told how it did."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kinetics_builder.crowd.playing import Outcome, play
from kinetics_builder.crowd.policies.policy import Policy
from kinetics_builder.crowd.policies.registry import POLICIES
from kinetics_builder.crowd.policies.targets import Targets
from kinetics_builder.crowd.simulation import (
    CAREFUL,
    CARELESS,
    RANDOM,
    CrowdPlan,
    SimulatedCrowd,
    draw_crowd,
)
from kinetics_builder.formats.output import writing_bytes
from kinetics_builder.text.counting import counted


@dataclass(frozen=True)
class SimulateReport:
    """What a policy made of a crowd."""

    policy: str
    outcome: Outcome
    meets_targets: bool
    """Whether purity and recall, by the truth, reach the targets."""
    cost: float


def plan_of(
    shares: tuple[float, float, float], right: tuple[float, float], **others: Any
) -> CrowdPlan:
    """Return the plan of a crowd of careful, careless and random workers.

    Args:
        shares: Of the three, in this order; they sum to 1.
        right: Share of right answers of the careful and the careless.
        **others: Fields of the plan.

    """
    careful, careless, random = shares
    kinds = (
        replace(CAREFUL, share=careful, right=right[0]),
        replace(CARELESS, share=careless, right=right[1]),
        replace(RANDOM, share=random),
    )
    return CrowdPlan(kinds=kinds, **others)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What is done beside the asking."""

    price: float = 0.0
    """Of one answer; gold is paid like any, and so is the audit."""
    num_audited: int = 0
    """Accepted clips of which the owner then says what they are."""
    picture: Path | None = None
    """Where a picture of the course is written, a PNG."""


def simulate(policy: str, plan: CrowdPlan, targets: Targets, beside: Beside) -> SimulateReport:
    """Draw a crowd, let the policy ask it until it stops, and judge that by the truth.

    Equal arguments give the same report, and the same picture.
    """
    crowd = draw_crowd(plan)
    made = POLICIES[policy](targets, plan.seed)
    if beside.picture is None:
        outcome = play(made, crowd, plan.num_workers, num_audited=beside.num_audited)
    else:
        outcome = _played_and_drawn(made, crowd, plan, targets, beside)
    return SimulateReport(
        policy,
        outcome,
        meets_targets=(outcome.purity or 0) >= targets.purity
        and (outcome.recall or 0) >= targets.recall,
        cost=outcome.num_answers * beside.price,
    )


def _played_and_drawn(
    policy: Policy, crowd: SimulatedCrowd, plan: CrowdPlan, targets: Targets, beside: Beside
) -> Outcome:
    """Play, and write the picture."""
    from pipelines.verifying.simulation_picture import Course, draw

    course = Course(crowd)
    outcome = play(policy, crowd, plan.num_workers, course.note, beside.num_audited)
    assert beside.picture is not None
    with writing_bytes(beside.picture) as file:
        file.write(draw(course, plan, targets, policy))
    return outcome


def simulate_lines(report: SimulateReport, plan: CrowdPlan, targets: Targets) -> list[str]:
    """Return what people read of a report."""
    found = report.outcome
    answers = f"{found.answers_per_clip:.2f} answers a decided clip, gold included"
    lines = [
        f"{report.policy}: {counted(plan.num_clips, 'clip')}, "
        f"{counted(plan.num_workers, 'worker')}, {counted(found.num_rounds, 'round')}",
        f"purity  {_share(found.purity)}{_claimed(found.claimed_purity, found.purity_doubt)}, "
        f"target {targets.purity:.1%}",
        f"recall  {_share(found.recall)}{_claimed(found.claimed_recall)}, "
        f"target {targets.recall:.1%}",
        f"answers {answers}: {found.num_answers:.0f}, which cost {report.cost:,.2f}",
    ]
    if found.num_open:
        lines.append(f"open    {counted(found.num_open, 'clip')}: too few workers to ask")
    if not report.meets_targets:
        lines.append("The targets were not met." + _why(found, targets))
    return lines


def _why(found: Outcome, targets: Targets) -> str:
    if found.claimed_recall is None:
        return ""
    if found.out_of_reach:
        return f" {found.out_of_reach}"
    if not found.num_accepted:
        return " No set of clips was sure enough: the answers tell too little."
    if found.claimed_recall < targets.recall:
        return " More answers promised too little; fewer clips are accepted, to hold the purity."
    return " The policy holds that they are: what it expects may miss by chance."


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.1%}"


def _claimed(value: float | None, doubt: float = 0.0) -> str:
    so = f", give or take {100 * doubt:.1f} points" if doubt >= 0.0005 else ""
    return "" if value is None else f" (claimed {_share(value)}{so})"
