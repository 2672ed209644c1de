"""What a second scorer says of frames, and by which sampling clips were chosen."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("frame_scores", sa.Column("other_scores", sa.JSON(), nullable=True))
    op.add_column(
        "clip", sa.Column("sampling", sa.String(20), nullable=False, server_default="best")
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("clip", "sampling")
    op.drop_column("frame_scores", "other_scores")
