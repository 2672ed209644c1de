"""Files of which only the wanted stretches came, and why others are whole."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision; their triggers come with `count_changes`."""
    op.add_column("media", sa.Column("whole_because", sa.String(), nullable=True))
    op.create_table(
        "partial_media",
        sa.Column("num_fetched_bytes", sa.BigInteger(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=True),
        sa.Column("duration_seconds", sa.Double(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("frames_per_second", sa.Double(), nullable=False),
        sa.Column("has_audio", sa.Boolean(), nullable=False),
        sa.Column("codec", sa.String(length=40), nullable=False),
        sa.Column("uploader", sa.String(), nullable=True),
        sa.Column("licence", sa.String(), nullable=True),
        sa.Column("upload_date", sa.String(length=10), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_partial_media_video_id")),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_partial_media")),
    )
    op.create_index(op.f("ix_partial_media_sha256"), "partial_media", ["sha256"])
    op.create_table(
        "partial_stretch",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("start_seconds", sa.Double(), nullable=False),
        sa.Column("end_seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["video.id"], name=op.f("fk_partial_stretch_video_id")
        ),
        sa.PrimaryKeyConstraint(
            "video_id", "start_seconds", "end_seconds", name=op.f("pk_partial_stretch")
        ),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("partial_stretch")
    op.drop_index(op.f("ix_partial_media_sha256"), "partial_media")
    op.drop_table("partial_media")
    op.drop_column("media", "whole_because")
