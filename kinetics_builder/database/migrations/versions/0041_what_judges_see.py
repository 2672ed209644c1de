"""What judges of pictures say of a video, moment by moment."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("video_look", sa.Column("moments", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("video_look", "moments")
