"""How many took a task, so that the next task is read from an index, however many are left."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("task", sa.Column("num_takers", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE task SET num_takers = "
        "(SELECT count(*) FROM assignment WHERE assignment.task_id = task.id)"
    )
    _index_by("kind", "num_takers", "id")


def downgrade() -> None:
    """Take this revision back."""
    _index_by("kind")
    op.drop_column("task", "num_takers")


def _index_by(*columns: str) -> None:
    op.drop_index("ix_task_left_of_kind", "task")
    op.create_index(
        "ix_task_left_of_kind",
        "task",
        list(columns),
        unique=False,
        sqlite_where=sa.text("is_finished = 0"),
        postgresql_where=sa.text("NOT is_finished"),
    )
