"""How many items of each stage stand where, under the current settings."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from kinetics_builder.database.tables import State
from kinetics_builder.workspace import Workspace
from pipelines.running.surveying import glance
from pipelines.stages import build_stage


@dataclass(frozen=True)
class StageStatus:
    """How many items of a stage stand where, under the current settings."""

    stage: str
    num_items: int
    num_pending: int
    num_running: int
    num_done: int
    num_failed: int
    failures: dict[str, int]
    """Failed items by reason, most frequent first."""
    is_estimate: bool = False
    """Whether it takes a look at each item to say it exactly, as the stage's next run does."""


def stage_status(session: Session, workspace: Workspace, name: str) -> StageStatus:
    """Count the items of a stage; one without a row is pending."""
    counts = glance(session, build_stage(name, workspace))
    states = counts.begun.states
    return StageStatus(
        stage=name,
        num_items=counts.num_items,
        num_pending=counts.num_pending,
        num_running=states[State.RUNNING],
        num_done=states[State.DONE],
        num_failed=states[State.FAILED],
        failures=counts.begun.failures,
        is_estimate=counts.is_estimate,
    )
