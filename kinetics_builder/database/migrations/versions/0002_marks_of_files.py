"""When files were last changed, and how many frames of a clip are damaged."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    for table in ("media", "clip_file"):
        op.add_column(table, sa.Column("modified_ns", sa.BigInteger(), nullable=True))
    op.add_column(
        "clip_file",
        sa.Column("num_damaged_frames", sa.Integer(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    """Take the tables back to the revision before."""
    op.drop_column("clip_file", "num_damaged_frames")
    for table in ("clip_file", "media"):
        op.drop_column(table, "modified_ns")
