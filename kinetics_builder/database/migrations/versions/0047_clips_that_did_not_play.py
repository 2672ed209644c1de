"""Clips that a worker's browser could not play."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "passed_slot",
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("passed_at", sa.Double(), nullable=False),
        sa.Column("browser", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["task_slot.id"],
            name=op.f("fk_passed_slot_slot_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["worker.id"], name=op.f("fk_passed_slot_worker_id")
        ),
        sa.PrimaryKeyConstraint("slot_id", "worker_id", name=op.f("pk_passed_slot")),
    )
    op.create_index("ix_passed_slot_worker_id", "passed_slot", ["worker_id"])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("passed_slot")
