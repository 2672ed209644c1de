"""The site that a video is asked of."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision; `search` judges the rows that there are."""
    op.add_column("video", sa.Column("site", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("video", "site")
