"""Tasks have a kind; workers stand in each kind as their answers there deserve."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column(
        "task", sa.Column("kind", sa.String(length=20), nullable=False, server_default="clip")
    )
    op.create_table(
        "briefing",
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("read_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_briefing_worker_id")),
        sa.PrimaryKeyConstraint("worker_id", "kind", name=op.f("pk_briefing")),
    )
    op.execute(
        "INSERT INTO briefing (worker_id, kind, read_at) "
        "SELECT id, 'clip', joined_at FROM worker WHERE joined_at IS NOT NULL"
    )
    with op.batch_alter_table("worker_standing") as batch:
        batch.add_column(
            sa.Column("kind", sa.String(length=20), nullable=False, server_default="clip")
        )
        batch.drop_constraint(op.f("pk_worker_standing"), type_="primary")
        batch.create_primary_key(op.f("pk_worker_standing"), ["worker_id", "kind"])


def downgrade() -> None:
    """Take this revision back."""
    op.execute("DELETE FROM worker_standing WHERE kind <> 'clip'")
    with op.batch_alter_table("worker_standing") as batch:
        batch.drop_constraint(op.f("pk_worker_standing"), type_="primary")
        batch.drop_column("kind")
        batch.create_primary_key(op.f("pk_worker_standing"), ["worker_id"])
    op.drop_table("briefing")
    op.drop_column("task", "kind")
