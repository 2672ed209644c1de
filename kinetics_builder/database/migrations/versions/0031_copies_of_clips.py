"""Which clips may be copies of others, of older datasets too, and what people say of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def _alike() -> list[sa.Column[Any]]:
    return [
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("shift_seconds", sa.Double(), nullable=False),
        sa.Column("is_mirrored", sa.Boolean(), nullable=False),
    ]


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "older_clip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("video_id", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_older_clip")),
        sa.UniqueConstraint("dataset", "name", name=op.f("uq_older_clip_dataset")),
    )
    op.create_index(op.f("ix_older_clip_video_id"), "older_clip", ["video_id"])
    for table, name, of in (
        ("alike_clips", "other_id", "clip"),
        ("alike_older", "older_id", "older_clip"),
    ):
        op.create_table(
            table,
            sa.Column("clip_id", sa.Integer(), nullable=False),
            sa.Column(name, sa.Integer(), nullable=False),
            *_alike(),
            sa.ForeignKeyConstraint(
                ["clip_id"],
                ["clip.id"],
                name=op.f(f"fk_{table}_clip_id_clip"),
                ondelete="CASCADE",
            ),
            sa.ForeignKeyConstraint(
                [name], [f"{of}.id"], name=op.f(f"fk_{table}_{name}_{of}"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("clip_id", name, name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])
    op.create_table(
        "pair_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("one", sa.String(length=300), nullable=False),
        sa.Column("other", sa.String(length=300), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.Column(
            "said_at", sa.DateTime(), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_word")),
    )
    op.create_index("ix_pair_word_one_other", "pair_word", ["one", "other"])
    op.add_column("clip_place", sa.Column("because", sa.String(length=20), nullable=True))
    op.add_column("clip_place", sa.Column("older_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("clip_place", "older_id")
    op.drop_column("clip_place", "because")
    for table in ("pair_word", "alike_older", "alike_clips", "older_clip"):
        op.drop_table(table)
