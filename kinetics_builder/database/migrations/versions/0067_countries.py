"""The country of whoever uploaded a video, where its site tells it."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

_TABLES = ("media", "partial_media")


def upgrade() -> None:
    """Bring the tables up to this revision: of what is there already, none is known."""
    for table in _TABLES:
        op.add_column(table, sa.Column("country", sa.String(60), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    for table in _TABLES:
        op.drop_column(table, "country")
