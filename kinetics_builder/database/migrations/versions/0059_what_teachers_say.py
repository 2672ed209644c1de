"""What trained networks say of items of the web."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "teacher",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("settings_hash", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("network", sa.String(100), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("checkpoint", sa.String(), nullable=False),
        sa.Column("window_seconds", sa.Double(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teacher")),
        sa.UniqueConstraint("kind", "settings_hash", name=op.f("uq_teacher_kind")),
    )
    op.create_table(
        "teacher_score",
        sa.Column("teacher_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(500), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=True),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{of}_id"],
                [f"{of}.id"],
                name=op.f(f"fk_teacher_score_{of}_id"),
                ondelete="CASCADE",
            )
            for of in ("teacher", "video")
        ),
        sa.PrimaryKeyConstraint("teacher_id", "item", name=op.f("pk_teacher_score")),
    )
    op.create_index(op.f("ix_teacher_score_video_id"), "teacher_score", ["video_id"])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("teacher_score")
    op.drop_table("teacher")
