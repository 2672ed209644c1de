"""What clips sound like, and which of them sound the same at the same time."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def _clip(table: str, name: str) -> sa.ForeignKeyConstraint:
    key = op.f(f"fk_{table}_{name}_clip")
    return sa.ForeignKeyConstraint([name], ["clip.id"], name=key, ondelete="CASCADE")


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "clip_sound",
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("landmarks", sa.LargeBinary(), nullable=False),
        _clip("clip_sound", "clip_id"),
        sa.PrimaryKeyConstraint("clip_id", name=op.f("pk_clip_sound")),
    )
    op.create_table(
        "alike_sounds",
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("shift_seconds", sa.Double(), nullable=False),
        sa.Column("num_agreeing", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        _clip("alike_sounds", "clip_id"),
        _clip("alike_sounds", "other_id"),
        sa.PrimaryKeyConstraint("clip_id", "other_id", name=op.f("pk_alike_sounds")),
    )
    op.create_index(op.f("ix_alike_sounds_other_id"), "alike_sounds", ["other_id"])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("alike_sounds")
    op.drop_table("clip_sound")
