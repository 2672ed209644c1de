"""Tallies of classes and hours for the owner's page, counted from what there is."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "class_tally",
        sa.Column("label_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_class_tally_label_id")),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_class_tally")),
    )
    op.create_table(
        "hour_tally",
        sa.Column("hour", sa.String(length=13), nullable=False),
        sa.Column("num_votes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_hour_tally")),
    )
    verdicts = ", ".join(
        f"SUM(CASE WHEN decision.verdict = '{verdict}' THEN 1 ELSE 0 END)"
        for verdict in ("accepted", "rejected", "open")
    )
    votes = " + ".join(f"decision.num_{name}" for name in ("yes", "no", "unsure", "bad"))
    op.execute(
        f"INSERT INTO class_tally (label_id, {', '.join(_COUNTS)}) "
        f"SELECT clip.label_id, {verdicts}, SUM({votes} + decision.num_set_aside) "
        "FROM decision JOIN clip ON clip.id = decision.clip_id GROUP BY clip.label_id"
    )
    # Without standings all votes are new: the next answer, or `aggregate`, counts them anew.
    op.execute("DELETE FROM worker_standing")


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("hour_tally")
    op.drop_table("class_tally")


_COUNTS = ("num_accepted", "num_rejected", "num_open", "num_votes")
