"""How far long lists of videos were looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "listing",
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("num_listed", sa.Integer(), nullable=False),
        sa.Column("has_ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_listing")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("listing")
