"""The size of the frames on which the boxes of a file were drawn."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "given_size",
        sa.Column("film", sa.String(length=200), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("film", "width", "height", name=op.f("pk_given_size")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("given_size")
