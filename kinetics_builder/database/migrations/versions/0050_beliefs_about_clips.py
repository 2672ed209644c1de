"""What the posterior policy keeps between two looks at all answers."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "clip_belief",
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("prior", sa.Double(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("worth", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name=op.f("fk_clip_belief_clip_id")),
        sa.PrimaryKeyConstraint("clip_id", name=op.f("pk_clip_belief")),
    )
    op.create_index("ix_clip_belief_worth", "clip_belief", ["worth"])
    op.create_table(
        "worker_belief",
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("yes_by_looks", sa.JSON(), nullable=False),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["worker.id"], name=op.f("fk_worker_belief_worker_id")
        ),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_worker_belief")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("worker_belief")
    op.drop_index("ix_clip_belief_worth", "clip_belief")
    op.drop_table("clip_belief")
