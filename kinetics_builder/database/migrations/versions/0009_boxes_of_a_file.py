"""Boxes that a person gives in a file; boxes that changed settings no longer show."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "given_box",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("film", sa.String(length=200), nullable=False),
        sa.Column("timestamp_seconds", sa.Double(), nullable=False),
        sa.Column("x1", sa.Double(), nullable=False),
        sa.Column("y1", sa.Double(), nullable=False),
        sa.Column("x2", sa.Double(), nullable=False),
        sa.Column("y2", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "x1 >= 0 AND y1 >= 0 AND x2 <= 1 AND y2 <= 1 AND x1 < x2 AND y1 < y2",
            name=op.f("ck_given_box_is_box"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_box")),
    )
    op.create_index(op.f("ix_given_box_film"), "given_box", ["film"], unique=False)
    for table in ("detected_box", "person_box"):
        op.add_column(
            table,
            sa.Column("is_withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()),
        )


def downgrade() -> None:
    """Take this revision back."""
    for table in ("person_box", "detected_box"):
        op.drop_column(table, "is_withdrawn")
    op.drop_index(op.f("ix_given_box_film"), table_name="given_box")
    op.drop_table("given_box")
