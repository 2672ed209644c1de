"""What the owner says about a clip, whatever the votes say."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("ruled_by", sa.String(80), nullable=False),
        sa.Column("ruled_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name=op.f("fk_ruling_clip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
    )
    op.create_index(op.f("ix_ruling_clip_id"), "ruling", ["clip_id"])
    op.add_column(
        "decision", sa.Column("is_ruled", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("decision", "is_ruled")
    op.drop_index(op.f("ix_ruling_clip_id"), table_name="ruling")
    op.drop_table("ruling")
