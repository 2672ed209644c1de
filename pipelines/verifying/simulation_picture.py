"""How a policy spends answers on a crowd that is made up, as a picture."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kinetics_builder.crowd.playing import Outcome, judge
from kinetics_builder.crowd.policies.answered import Answered, Floats
from kinetics_builder.crowd.policies.policy import Decisions, Policy
from kinetics_builder.crowd.policies.posterior import Posterior
from kinetics_builder.crowd.policies.targets import Targets
from kinetics_builder.crowd.simulation import CrowdPlan, SimulatedCrowd

_PURITY, _RECALL, _ACCEPTED, _REJECTED, _OPEN = (
    "#2f6fde",
    "#b7472a",
    "#1d8a5b",
    "#b7472a",
    "#d5dae3",
)
_SHADES = ("#eef1f6", "#c9d8f6", "#94b3ee", "#5f8fe6", "#2f6fde", "#1c4591")
"""Of clips with no answer, one, two, ... and more."""
_MARKERS = "osx"


@dataclass(frozen=True)
class Course:
    """What was and would have been decided after each round."""

    crowd: SimulatedCrowd
    outcomes: list[Outcome] = field(default_factory=list)
    spread: list[Floats] = field(default_factory=list)
    """Share of the clips with no answer, one, two, ... and more."""
    seen: list[Answered] = field(default_factory=list)
    """What was known last; one at most."""

    def note(self, answered: Answered, decisions: Decisions) -> None:
        """Watch a round."""
        self.outcomes.append(judge(decisions, self.crowd, answered, len(self.outcomes) + 1))
        most = len(_SHADES) - 1
        num_N = np.minimum(answered.num_answers_N, most)
        self.spread.append(np.bincount(num_N, minlength=most + 1) / max(1, answered.num_clips))
        self.seen[:] = [answered]


def draw(course: Course, plan: CrowdPlan, targets: Targets, policy: Policy) -> bytes:
    """Return the picture of a course as the bytes of a PNG."""
    figure = Figure(figsize=(12, 7), dpi=110, layout="constrained")
    (found, decided), (asked, people) = figure.subplots(2, 2)
    spent = [one.num_answers / max(1, one.num_clips) for one in course.outcomes]
    _draw_found(found, spent, course.outcomes, targets)
    _draw_decided(decided, spent, course.outcomes)
    _draw_asked(asked, spent, course.spread)
    _draw_people(people, course, plan, policy)
    for axes in (found, decided, asked):
        axes.set_xlabel("answers a clip so far, gold included")
    with io.BytesIO() as file:
        FigureCanvasAgg(figure).print_png(file)  # type: ignore[no-untyped-call]
        return file.getvalue()


def _draw_found(
    axes: Any, spent: Sequence[float], outcomes: Sequence[Outcome], targets: Targets
) -> None:
    """Draw purity and recall, by the truth and as claimed, and what was wanted."""
    for name, colour, wanted in (
        ("purity", _PURITY, targets.purity),
        ("recall", _RECALL, targets.recall),
    ):
        true = [_or_nan(getattr(one, name)) for one in outcomes]
        claimed = [_or_nan(getattr(one, f"claimed_{name}")) for one in outcomes]
        axes.plot(spent, true, color=colour, marker=".", label=f"{name}, by the truth")
        if not np.isnan(claimed).all():
            axes.plot(spent, claimed, color=colour, linestyle="--", label=f"{name}, as claimed")
        axes.axhline(wanted, color=colour, linewidth=0.8, linestyle=":")
    axes.set(ylim=(0, 1.02), title="purity and recall; dotted: wanted")
    axes.legend(frameon=False, loc="lower right", fontsize=8)


def _draw_decided(axes: Any, spent: Sequence[float], outcomes: Sequence[Outcome]) -> None:
    """Draw which share of the clips was accepted, open, rejected."""
    num = max(1, outcomes[0].num_clips) if outcomes else 1
    accepted = np.array([one.num_accepted / num for one in outcomes])
    is_open = np.array([one.num_open / num for one in outcomes])
    parts = accepted, is_open, 1 - accepted - is_open
    colours = _ACCEPTED, _OPEN, _REJECTED
    axes.stackplot(spent, *parts, colors=colours, labels=("accepted", "open", "rejected"))
    axes.set(ylim=(0, 1), ylabel="share of the clips", title="what would be decided")
    axes.legend(loc="upper left", fontsize=8)


def _draw_asked(axes: Any, spent: Sequence[float], spread: Sequence[Floats]) -> None:
    """Draw how many answers clips have got."""
    most = len(_SHADES) - 1
    words = [f"{number}" for number in range(most)] + [f"{most} and more"]
    axes.stackplot(spent, *np.array(spread).T, colors=_SHADES, labels=words)
    axes.set(ylim=(0, 1), ylabel="share of the clips", title="answers about a clip")
    axes.legend(loc="lower left", fontsize=8)


def _draw_people(axes: Any, course: Course, plan: CrowdPlan, policy: Policy) -> None:
    """Draw what is learnt of each worker beside the truth, and how much each was asked."""
    answered, crowd = course.seen[0], course.crowd
    num_W = np.bincount(answered.worker_V, minlength=answered.num_workers)
    learnt_W = policy.look(answered).beliefs.right_W if isinstance(policy, Posterior) else None
    for place, kind in enumerate(plan.kinds):
        is_kind_W = crowd.kind_W == place
        shown_W = num_W if learnt_W is None else learnt_W
        size_W = 10 + 150 * num_W / max(1, num_W.max())
        axes.scatter(
            crowd.right_W[is_kind_W],
            shown_W[is_kind_W],
            s=size_W[is_kind_W],
            marker=_MARKERS[place % len(_MARKERS)],
            alpha=0.6,
            label=kind.name,
        )
    axes.set(xlabel="share right of middling clips, by the truth")
    if learnt_W is None:
        axes.set(ylabel="answers", title="workers: this policy learns nothing of them")
    else:
        axes.plot([0.5, 1], [0.5, 1], color="0.7", linewidth=1, zorder=0)
        axes.set(ylabel="as it was learnt", title="workers; larger: asked more")
    axes.legend(frameon=False, fontsize=8)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
