"""Where videos were put, which they keep; what could not be as it should."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision; what was released so far stays where it is."""
    op.create_table(
        "video_split",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("split", sa.String(length=20), nullable=False),
        sa.Column("dealt_by", sa.String(length=64), nullable=False),
        sa.Column("is_released", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_video_split_video_id")),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_video_split")),
    )
    op.create_table(
        "split_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sort", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split_note")),
    )
    op.execute(
        sa.text(
            "INSERT INTO video_split (video_id, split, dealt_by, is_released) "
            "SELECT clip.video_id, MIN(curated_clip.split), '', true FROM curated_clip "
            "JOIN clip ON clip.id = curated_clip.clip_id "
            'WHERE EXISTS (SELECT 1 FROM "release") GROUP BY clip.video_id'
        )
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("split_note")
    op.drop_table("video_split")
