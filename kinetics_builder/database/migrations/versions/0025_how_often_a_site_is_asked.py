"""How often a site is asked, and who tries one that has rested."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "site_pace",
        sa.Column("site", sa.String(length=200), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_pace")),
    )
    op.add_column("site_rest", sa.Column("tried_by", sa.String(length=200), nullable=True))
    op.add_column("site_rest", sa.Column("tried_until", sa.Double(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("site_rest", "tried_until")
    op.drop_column("site_rest", "tried_by")
    op.drop_table("site_pace")
