"""Rounds of gold that the owner asks of a worker who is set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    counts = ("num_yes", "num_yes_right", "num_other", "num_other_right", "num_hasty")
    op.create_table(
        "gold_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("num_asked", sa.Integer(), nullable=False),
        sa.Column("least_right", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("last_vote_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_gold_round_worker_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_gold_round_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gold_round")),
    )
    op.create_index(op.f("ix_gold_round_worker_id"), "gold_round", ["worker_id"])
    op.create_index(
        "ix_gold_round_open",
        "gold_round",
        ["worker_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("gold_round")
