"""What the owner writes to workers."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "worker_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(80), nullable=False),
        sa.Column("written_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["worker.id"], name=op.f("fk_worker_message_worker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_message")),
    )
    op.create_index(op.f("ix_worker_message_worker_id"), "worker_message", ["worker_id"])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(op.f("ix_worker_message_worker_id"), "worker_message")
    op.drop_table("worker_message")
