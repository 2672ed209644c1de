"""In which clips faces were blurred, and by what they were found."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("clip_file", sa.Column("faces_by", sa.String(), nullable=True))
    op.add_column("clip_file", sa.Column("num_blurred_frames", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("clip_file", "num_blurred_frames")
    op.drop_column("clip_file", "faces_by")
