"""The annotated stretch of a film as a file of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "film_cut",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("start_seconds", sa.Double(), nullable=False),
        sa.Column("duration_seconds", sa.Double(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_film_cut_video_id")),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_film_cut")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("film_cut")
