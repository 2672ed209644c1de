"""A worker may answer a question again: the later vote counts, both stay."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    with op.batch_alter_table("vote") as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_constraint("uq_vote_worker_id", type_="unique")
        batch_op.create_unique_constraint(
            "uq_vote_worker_id", ["worker_id", "clip_id", "label_id", "revision"]
        )
        batch_op.create_check_constraint("revision_counts_up", "revision >= 0")
    is_changed = sa.text("revision > 0")
    op.create_index(
        "ix_vote_changed", "vote", ["id"], sqlite_where=is_changed, postgresql_where=is_changed
    )


def downgrade() -> None:
    """Take this revision back: answers that replaced others are lost."""
    op.drop_index("ix_vote_changed", "vote")
    op.execute("DELETE FROM vote WHERE revision > 0")
    with op.batch_alter_table("vote") as batch_op:
        batch_op.drop_constraint("revision_counts_up", type_="check")
        batch_op.drop_constraint("uq_vote_worker_id", type_="unique")
        batch_op.create_unique_constraint("uq_vote_worker_id", ["worker_id", "clip_id", "label_id"])
        batch_op.drop_column("revision")
