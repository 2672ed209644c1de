"""What a look at a stage's items gave, and whether it still holds."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision; its triggers come with `count_changes`."""
    op.create_table(
        "change_count",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_change_count")),
    )
    op.create_table(
        "stage_survey",
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("settings_hash", sa.String(length=16), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("num_items", sa.Integer(), nullable=False),
        sa.Column("strays", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("stage", "settings_hash", name=op.f("pk_stage_survey")),
    )
    op.drop_index("ix_item_stage_state", table_name="item")
    op.create_index("ix_item_standing", "item", ["stage", "settings_hash", "state", "reason"])


def downgrade() -> None:
    """Take this revision back."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        triggers = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'count_%_of_%'"
        )
        for (name,) in triggers.all():
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP FUNCTION count_change CASCADE")
    op.drop_index("ix_item_standing", table_name="item")
    op.create_index("ix_item_stage_state", "item", ["stage", "state"])
    op.drop_table("stage_survey")
    op.drop_table("change_count")
