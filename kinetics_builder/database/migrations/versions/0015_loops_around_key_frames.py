"""What a film shows around each key frame, as a small film that any browser plays."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "frame_loop",
        sa.Column("key_frame_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["key_frame_id"], ["key_frame.id"], name=op.f("fk_frame_loop_key_frame_id")
        ),
        sa.PrimaryKeyConstraint("key_frame_id", name=op.f("pk_frame_loop")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("frame_loop")
