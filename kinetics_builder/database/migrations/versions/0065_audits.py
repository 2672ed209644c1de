"""Accepted clips that are drawn by chance, for the owner to say what they are."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "audited_clip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("claimed_purity", sa.Double(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audited_clip")),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name=op.f("fk_audited_clip_clip_id")),
        sa.UniqueConstraint("audit", "clip_id", name=op.f("uq_audited_clip_audit")),
    )
    op.create_index(op.f("ix_audited_clip_clip_id"), "audited_clip", ["clip_id"])


def downgrade() -> None:
    """Take this revision back: what the owner said of clips stays."""
    op.drop_table("audited_clip")
