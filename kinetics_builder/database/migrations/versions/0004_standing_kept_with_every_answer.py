"""Standing kept with every answer, sessions that can be ended, workers that can be excluded."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ANSWER = sa.Enum("yes", "no", "unsure", "bad", name="answer", native_enum=False, length=20)
_COUNTS = (
    "last_vote_id",
    "num_votes",
    "num_gold_yes",
    "num_gold_yes_right",
    "num_same",
    "num_hasty",
)


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "login",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_login_worker_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_login")),
    )
    op.create_index(op.f("ix_login_worker_id"), "login", ["worker_id"], unique=False)
    op.create_index(op.f("ix_task_slot_gold_id"), "task_slot", ["gold_id"], unique=False)
    op.add_column("assignment", sa.Column("taken_at", sa.Double(), nullable=True))
    op.add_column("vote", sa.Column("answered_at", sa.Double(), nullable=True))
    op.add_column("worker", sa.Column("revoked_at", sa.DateTime(), nullable=True))
    op.add_column("worker", sa.Column("excluded_at", sa.DateTime(), nullable=True))
    # For a foreign key Alembic would copy SQLite's table, and votes that refer to it forbid that.
    op.execute(
        "ALTER TABLE worker ADD COLUMN same_as_id INTEGER "
        "CONSTRAINT fk_worker_same_as_id REFERENCES worker (id)"
    )
    for name in _COUNTS:
        op.add_column(
            "worker_standing", sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        )
    op.add_column("worker_standing", sa.Column("last_answer", _ANSWER, nullable=True))
    op.add_column("worker_standing", sa.Column("last_answered_at", sa.Double(), nullable=True))
    op.add_column(
        "worker_standing",
        sa.Column("recent_seconds", sa.JSON(), nullable=False, server_default="[]"),
    )


def downgrade() -> None:
    """Take this revision back: sessions end, and whom the owner excluded is forgotten."""
    for name in (*_COUNTS, "last_answer", "last_answered_at", "recent_seconds"):
        op.drop_column("worker_standing", name)
    for name in ("same_as_id", "excluded_at", "revoked_at"):
        op.drop_column("worker", name)
    op.drop_column("vote", "answered_at")
    op.drop_column("assignment", "taken_at")
    op.drop_index(op.f("ix_task_slot_gold_id"), "task_slot")
    op.drop_table("login")
