"""What a file of boxes says that the persons of its boxes do."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_COLUMNS = {"given_box": "actions", "detected_box": "given_actions"}


def upgrade() -> None:
    """Bring the tables up to this revision."""
    for table, column in _COLUMNS.items():
        op.add_column(table, sa.Column(column, sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Take this revision back."""
    for table, column in _COLUMNS.items():
        op.drop_column(table, column)
