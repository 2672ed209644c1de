"""Classes of whose first clips too few show the action."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "class_gate",
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("num_decided", sa.Integer(), nullable=False),
        sa.Column("num_yes", sa.Integer(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("is_opened", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("measured_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_class_gate_label_id")),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_class_gate")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("class_gate")
