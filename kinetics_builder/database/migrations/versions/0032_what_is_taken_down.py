"""What somebody asked to be taken down."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision; their triggers come with `count_changes`."""
    op.create_table(
        "takedown",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("video_id", sa.String(length=100), nullable=True),
        sa.Column("on_date", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takedown")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_takedown_kind")),
    )
    op.create_table(
        "taken_video",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("takedown_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_taken_video_video_id")),
        sa.ForeignKeyConstraint(
            ["takedown_id"], ["takedown.id"], name=op.f("fk_taken_video_takedown_id")
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_taken_video")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("taken_video")
    op.drop_table("takedown")
