"""Gold that one worker alone is asked, in place of gold that the worker has met before."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SLOT = "task_slot"
_INDEX = "ix_task_slot_own"
_COLUMNS = {"worker_id": "worker", "instead_of_id": _SLOT}


def upgrade() -> None:
    """Bring the tables up to this revision."""
    for column, table in _COLUMNS.items():
        _add(column, table)
    is_meant = sa.text("worker_id IS NOT NULL")
    op.create_index(
        _INDEX,
        _SLOT,
        ["worker_id", "instead_of_id"],
        unique=True,
        sqlite_where=is_meant,
        postgresql_where=is_meant,
    )


def downgrade() -> None:
    """Take this revision back: what one worker was asked is asked of all who take the task."""
    connection = op.get_bind()
    own = sa.text(f"SELECT id, task_id FROM {_SLOT} WHERE worker_id IS NOT NULL ORDER BY id")
    last = sa.text(f"SELECT max(position) FROM {_SLOT} WHERE task_id = :task")
    place = sa.text(f"UPDATE {_SLOT} SET position = :place WHERE id = :slot")
    for slot, task in connection.execute(own).all():
        number = connection.scalar(last, {"task": task})
        connection.execute(place, {"slot": slot, "place": number + 1})
    op.drop_index(_INDEX, _SLOT)
    for column in _COLUMNS:
        op.drop_column(_SLOT, column)


def _add(column: str, table: str) -> None:
    name = f"fk_{_SLOT}_{column}"
    if op.get_bind().dialect.name == "sqlite":
        bond = f"CONSTRAINT {name} REFERENCES {table} (id)"
        op.execute(f"ALTER TABLE {_SLOT} ADD COLUMN {column} INTEGER {bond}")
    else:
        key = sa.ForeignKey(f"{table}.id", name=name)
        op.add_column(_SLOT, sa.Column(column, sa.Integer(), key, nullable=True))
