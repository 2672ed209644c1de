"""Indexes of the few clips that are counted by themselves; changes of terms are counted, too."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

_FEW = (
    ("ix_clip_withdrawn", "clip", "id", "is_withdrawn", "is_withdrawn = 1"),
    ("ix_clip_moved", "clip", "id", "was_moved", "was_moved = 1"),
    ("ix_clip_across", "clip", "id", "num_cuts > 0", None),
    ("ix_clip_noted", "clip", "id", "noted IS NOT NULL", None),
    ("ix_clip_file_blurred", "clip_file", "clip_id", "num_blurred_frames > 0", None),
    ("ix_clip_file_damaged", "clip_file", "clip_id", "num_damaged_frames > 0", None),
)
"""Name, table, column, condition, and the condition as SQLite has it where that is another."""


def upgrade() -> None:
    """Bring the tables up to this revision; triggers come with `count_changes`."""
    for name, table, column, where, sqlite in _FEW:
        op.create_index(
            name,
            table,
            [column],
            sqlite_where=sa.text(sqlite or where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    """Take this revision back, but for the triggers: what they count is not read."""
    for name, table, *_ in _FEW:
        op.drop_index(name, table)
