"""Parts of classes that were split, and the questions whether clips are one of them."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_INDEX = "ix_clip_part_of_id"


def upgrade() -> None:
    """Bring the tables up to this revision."""
    for table in ("label", "clip"):
        _add(table, "part_of_id")
    is_meant = sa.text("part_of_id IS NOT NULL")
    op.create_index(
        _INDEX, "clip", ["part_of_id"], sqlite_where=is_meant, postgresql_where=is_meant
    )


def downgrade() -> None:
    """Take this revision back: the questions are taken back, and their labels retired."""
    op.drop_index(_INDEX, "clip")
    op.execute("UPDATE clip SET is_withdrawn = TRUE WHERE part_of_id IS NOT NULL")
    op.execute("UPDATE label SET is_retired = TRUE WHERE part_of_id IS NOT NULL")
    for table in ("label", "clip"):
        op.drop_column(table, "part_of_id")


def _add(table: str, column: str) -> None:
    name = f"fk_{table}_{column}"
    if op.get_bind().dialect.name == "sqlite":
        bond = f"CONSTRAINT {name} REFERENCES {table} (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {bond}")
    else:
        key = sa.ForeignKey(f"{table}.id", name=name)
        op.add_column(table, sa.Column(column, sa.Integer(), key, nullable=True))
