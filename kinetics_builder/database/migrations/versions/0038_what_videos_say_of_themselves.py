"""Tags and descriptions of videos, as sources list them."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("video", sa.Column("listed_tags", sa.JSON(), nullable=True))
    op.add_column("video", sa.Column("listed_description", sa.String(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("video", "listed_description")
    op.drop_column("video", "listed_tags")
