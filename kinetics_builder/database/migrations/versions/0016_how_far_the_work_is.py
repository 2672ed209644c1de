"""Sums of questions by kind and class, in the place of those of clips by label."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.drop_table("class_tally")
    op.create_table(
        "work_tally",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about_id", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _SUMS),
        sa.PrimaryKeyConstraint("kind", "about_id", name=op.f("pk_work_tally")),
    )
    op.create_table(
        "tallied_slot",
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("verdict", _VERDICT, nullable=False),
        sa.Column("num_answers", sa.Integer(), nullable=False),
        sa.Column("num_overruled", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["task_slot.id"],
            name=op.f("fk_tallied_slot_slot_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slot_id", name=op.f("pk_tallied_slot")),
    )
    op.create_index(op.f("ix_tallied_slot_kind"), "tallied_slot", ["kind"], unique=False)
    # What is kept was not counted by these rules: the page, or `aggregate`, sums up anew.
    op.execute("DELETE FROM setting WHERE key = 'verify'")


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("tallied_slot")
    op.drop_table("work_tally")
    op.create_table(
        "class_tally",
        sa.Column("label_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _OLD),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_class_tally_label_id")),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_class_tally")),
    )
    op.execute("DELETE FROM setting WHERE key = 'verify'")


_OLD = ("num_accepted", "num_rejected", "num_open", "num_votes")
_SUMS = ("num_asked", "num_accepted", "num_rejected", "num_answers", "num_overruled")
_VERDICT = sa.Enum("accepted", "rejected", "open", name="verdict", native_enum=False, length=20)
