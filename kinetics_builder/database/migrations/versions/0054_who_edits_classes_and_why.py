"""Who wanted an edit of the classes, why, and what shows that it is so."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    for column in (
        sa.Column("author", sa.String(80), server_default="", nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("evidence", sa.String(), server_default="", nullable=False),
    ):
        op.add_column("class_edit", column)


def downgrade() -> None:
    """Take this revision back."""
    for name in ("evidence", "reason", "author"):
        op.drop_column("class_edit", name)
