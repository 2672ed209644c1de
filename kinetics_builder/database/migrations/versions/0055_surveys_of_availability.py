"""Surveys of what of released files is still on the web."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "availability_survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("begun_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_survey")),
    )
    op.create_index(op.f("ix_availability_survey_path"), "availability_survey", ["path"])
    op.create_table(
        "surveyed_video",
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.String(200), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("duration_seconds", sa.Double(), nullable=True),
        sa.Column("licence", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["availability_survey.id"],
            name=op.f("fk_surveyed_video_survey_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_surveyed_video")),
    )
    op.create_index(op.f("ix_surveyed_video_survey_id"), "surveyed_video", ["survey_id"])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("surveyed_video")
    op.drop_table("availability_survey")
