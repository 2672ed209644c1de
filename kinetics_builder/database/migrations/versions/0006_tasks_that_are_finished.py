"""Whether a task is finished, kept with every decision; indexes of what is left."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column(
        "task",
        sa.Column("is_finished", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute(
        "UPDATE task SET is_finished = NOT EXISTS ("
        "SELECT 1 FROM task_slot JOIN clip ON clip.id = task_slot.clip_id "
        "LEFT JOIN decision ON decision.clip_id = task_slot.clip_id "
        "WHERE task_slot.task_id = task.id AND task_slot.gold_id IS NULL "
        "AND NOT clip.is_withdrawn AND coalesce(decision.verdict, 'open') = 'open')"
    )
    op.drop_index("ix_vote_changed", "vote")
    op.drop_index("ix_task_slot_gold_id", "task_slot")
    for index in _INDEXES:
        _create(*index)


def downgrade() -> None:
    """Take this revision back."""
    for name, table, *_ in _INDEXES:
        op.drop_index(name, table)
    op.drop_column("task", "is_finished")
    op.create_index("ix_task_slot_gold_id", "task_slot", ["gold_id"], unique=False)
    _create("ix_vote_changed", "vote", "id", "revision > 0")


def _create(name: str, table: str, column: str, where: str, sqlite: str | None = None) -> None:
    op.create_index(
        name,
        table,
        [column],
        unique=False,
        sqlite_where=sa.text(sqlite or where),
        postgresql_where=sa.text(where),
    )


_INDEXES = (
    ("ix_task_left", "task", "id", "NOT is_finished", "is_finished = 0"),
    ("ix_assignment_held", "assignment", "worker_id", "submitted_at IS NULL"),
    ("ix_task_slot_gold_id", "task_slot", "gold_id", "gold_id IS NOT NULL"),
)
