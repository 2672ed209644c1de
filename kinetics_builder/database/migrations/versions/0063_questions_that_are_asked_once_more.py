"""A worker may be asked about a clip once more: on another occasion, which counts for nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

_SLOT, _BOND = "task_slot", "fk_task_slot_behind_id"
_ONCE = ["worker_id", "clip_id", "label_id"]


def upgrade() -> None:
    """Bring the tables up to this revision: all votes there are were given on the first."""
    with op.batch_alter_table("vote") as batch:
        batch.add_column(sa.Column("occasion", sa.Integer(), server_default="1", nullable=False))
        batch.drop_constraint("uq_vote_worker_id", type_="unique")
        batch.create_unique_constraint("uq_vote_worker_id", [*_ONCE, "occasion", "revision"])
        batch.create_check_constraint("is_first_or_second", "occasion IN (1, 2)")
    _create("ix_vote_repeat", "vote", ["worker_id"], "occasion = 2")
    if op.get_bind().dialect.name == "sqlite":
        bond = f"CONSTRAINT {_BOND} REFERENCES {_SLOT} (id)"
        op.execute(f"ALTER TABLE {_SLOT} ADD COLUMN behind_id INTEGER {bond}")
    else:
        key = sa.ForeignKey(f"{_SLOT}.id", name=_BOND)
        op.add_column(_SLOT, sa.Column("behind_id", sa.Integer(), key, nullable=True))
    _create("ix_task_slot_repeat", _SLOT, _ONCE, "behind_id IS NOT NULL", is_unique=True)


def downgrade() -> None:
    """Take this revision back: what was asked once more is lost, and so are its answers."""
    op.drop_index("ix_vote_repeat", "vote")
    op.execute("DELETE FROM vote WHERE occasion = 2")
    again = f"SELECT id FROM {_SLOT} WHERE behind_id IS NOT NULL"
    op.execute(f"DELETE FROM passed_slot WHERE slot_id IN ({again})")
    with op.batch_alter_table("vote") as batch:
        batch.drop_constraint("is_first_or_second", type_="check")
        batch.drop_constraint("uq_vote_worker_id", type_="unique")
        batch.create_unique_constraint("uq_vote_worker_id", [*_ONCE, "revision"])
        batch.drop_column("occasion")
    op.execute(f"DELETE FROM {_SLOT} WHERE behind_id IS NOT NULL")
    op.drop_index("ix_task_slot_repeat", _SLOT)
    op.drop_column(_SLOT, "behind_id")


def _create(
    name: str, table: str, columns: list[str], where: str, *, is_unique: bool = False
) -> None:
    is_meant = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        unique=is_unique,
        sqlite_where=is_meant,
        postgresql_where=is_meant,
    )
