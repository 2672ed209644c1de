"""Files of more than two gigabytes: PostgreSQL's INTEGER holds no such number."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_TABLES = (
    *("media", "partial_media", "clip_file", "restored_clip"),
    *("film_cut", "key_frame", "frame_loop"),
)


def upgrade() -> None:
    """Bring the tables up to this revision."""
    _change(sa.BigInteger())


def downgrade() -> None:
    """Take this revision back."""
    _change(sa.Integer())


def _change(kind: sa.Integer) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.alter_column(table, "bytes", type_=kind, existing_nullable=False)
