"""The class that the owner's word about a clip is about, where questions lead to another one."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

_NAME = "fk_ruling_label_id"


def upgrade() -> None:
    """Bring the tables up to this revision: what was said before is about the class proposed."""
    if op.get_bind().dialect.name == "sqlite":
        bond = f"CONSTRAINT {_NAME} REFERENCES label (id)"
        op.execute(f"ALTER TABLE ruling ADD COLUMN label_id INTEGER {bond}")
    else:
        key = sa.ForeignKey("label.id", name=_NAME)
        op.add_column("ruling", sa.Column("label_id", sa.Integer(), key, nullable=True))


def downgrade() -> None:
    """Take this revision back: the owner's word is about the class that a clip was proposed for."""
    op.drop_column("ruling", "label_id")
