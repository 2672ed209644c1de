"""How many items of each stage stand where, under the current settings."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Item, State
from kinetics_builder.workspace import Workspace
from pipelines.leases import count_reasons
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


def stage_status(session: Session, workspace: Workspace, name: str) -> StageStatus:
    """Count the items of a stage; one without a row is pending."""
    stage = build_stage(name, workspace)
    keys = {key for key, _ in stage.items(session)}
    query = select(Item.key, Item.state, Item.reason).where(
        Item.stage == name, Item.settings_hash == stage.settings_hash
    )
    rows = [row for row in session.execute(query) if row.key in keys]
    states = Counter(row.state for row in rows)
    return StageStatus(
        stage=name,
        num_items=len(keys),
        num_pending=len(keys) - len(rows) + states[State.PENDING],
        num_running=states[State.RUNNING],
        num_done=states[State.DONE],
        num_failed=states[State.FAILED],
        failures=count_reasons(row.reason for row in rows if row.state is State.FAILED),
    )
