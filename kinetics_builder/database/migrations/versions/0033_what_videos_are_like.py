"""What videos are like that were scored: stills, dark or drawn."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("video_look", sa.Column("traits", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("video_look", "traits")
