"""Where the thumbnails of videos are, as sources list them."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("video", sa.Column("thumbnail", sa.String(2000), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("video", "thumbnail")
