"""Which entries of the takedown list were lifted."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision; their triggers come with `count_changes`."""
    _make_unique("kind", "name", "on_date", "reason")
    op.create_table(
        "lifted_takedown",
        sa.Column("takedown_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["takedown_id"], ["takedown.id"], name=op.f("fk_lifted_takedown_takedown_id")
        ),
        sa.PrimaryKeyConstraint("takedown_id", name=op.f("pk_lifted_takedown")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("lifted_takedown")
    _make_unique("kind", "name")


def _make_unique(*columns: str) -> None:
    with op.batch_alter_table("takedown") as batch:
        batch.drop_constraint(op.f("uq_takedown_kind"), type_="unique")
        batch.create_unique_constraint(op.f("uq_takedown_kind"), list(columns))
