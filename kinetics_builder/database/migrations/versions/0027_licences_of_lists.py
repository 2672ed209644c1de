"""What a list says of the licences of its videos."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("video", sa.Column("listed_licence", sa.String(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("video", "listed_licence")
