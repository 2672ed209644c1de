"""Versions of what is said of classes; targets, and whether they are reached."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "class_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("example", sa.String(), nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("way", sa.String(20), nullable=True),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("written_by", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("written_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_class_version_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_version")),
        sa.UniqueConstraint("label_id", "number", name=op.f("uq_class_version_label_id")),
    )
    op.create_index(op.f("ix_class_version_label_id"), "class_version", ["label_id"])
    op.add_column("label", sa.Column("target", sa.Integer(), nullable=True))
    op.add_column(
        "label", sa.Column("num_examples", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "label", sa.Column("is_full", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("label", "is_full")
    op.drop_column("label", "num_examples")
    op.drop_column("label", "target")
    op.drop_index(op.f("ix_class_version_label_id"), "class_version")
    op.drop_table("class_version")
