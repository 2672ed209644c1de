"""Released files of others, the stretches that they name, and those as files."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "released_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_released_file")),
        sa.UniqueConstraint("path", name=op.f("uq_released_file_path")),
    )
    op.create_table(
        "released_stretch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("start_seconds", sa.Double(), nullable=True),
        sa.Column("end_seconds", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "start_seconds >= 0 AND end_seconds > start_seconds",
            name=op.f("ck_released_stretch_is_forward"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["released_file.id"], name=op.f("fk_released_stretch_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["video_id"], ["video.id"], name=op.f("fk_released_stretch_video_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_released_stretch")),
    )
    op.create_index(op.f("ix_released_stretch_file_id"), "released_stretch", ["file_id"])
    op.create_index(op.f("ix_released_stretch_video_id"), "released_stretch", ["video_id"])
    op.create_table(
        "restored_clip",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("start_seconds", sa.Double(), nullable=False),
        sa.Column("end_seconds", sa.Double(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=True),
        sa.Column("duration_seconds", sa.Double(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("frames_per_second", sa.Double(), nullable=False),
        sa.Column("num_frames", sa.Integer(), nullable=False),
        sa.Column("num_damaged_frames", sa.Integer(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_restored_clip_video_id")),
        sa.PrimaryKeyConstraint(
            "video_id", "start_seconds", "end_seconds", name=op.f("pk_restored_clip")
        ),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("restored_clip")
    op.drop_table("released_stretch")
    op.drop_table("released_file")
