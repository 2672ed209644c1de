"""The split of each film that was released."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    split = sa.Enum("train", "validate", "test", name="split", native_enum=False, length=20)
    op.create_table(
        "film_split",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("split", split, nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_film_split_video_id")),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_film_split")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("film_split")
