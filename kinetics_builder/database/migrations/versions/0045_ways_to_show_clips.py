"""How clips are shown to those who say what they show."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("label", sa.Column("way", sa.String(20), nullable=True))
    op.add_column("task", sa.Column("way", sa.String(20), nullable=False, server_default="clip"))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("task", "way")
    op.drop_column("label", "way")
