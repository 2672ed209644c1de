"""Whether tasks of a kind are left is read from an index, however many are."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_index(
        "ix_task_left_of_kind",
        "task",
        ["kind"],
        unique=False,
        sqlite_where=sa.text("is_finished = 0"),
        postgresql_where=sa.text("NOT is_finished"),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index("ix_task_left_of_kind", "task")
