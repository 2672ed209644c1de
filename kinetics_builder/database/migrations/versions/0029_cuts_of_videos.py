"""What videos showed that were scored, and the cuts inside clips."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "video_look",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("looked", sa.JSON(), nullable=True),
        sa.Column("cuts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_video_look_video_id")),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_video_look")),
    )
    op.add_column("clip", sa.Column("cuts", sa.JSON(), nullable=True))
    op.add_column("clip", sa.Column("num_cuts", sa.Integer(), nullable=True))
    op.add_column(
        "clip", sa.Column("was_moved", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("clip", "was_moved")
    op.drop_column("clip", "num_cuts")
    op.drop_column("clip", "cuts")
    op.drop_table("video_look")
