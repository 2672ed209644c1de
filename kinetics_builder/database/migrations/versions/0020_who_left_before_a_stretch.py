"""Who left before a stretch is shown beside it; key frames may be asked about again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_STRETCH = "link_stretch"
_WHEN = ("video_id", "start_seconds", "end_seconds")
_UNIQUE = "uq_link_stretch_video_id"
_COUNTS_UP = "ck_link_stretch_round_counts_up"
_LATER = "SELECT id FROM link_stretch WHERE round > 0"
_LATER_SLOTS = f"SELECT id FROM task_slot WHERE stretch_id IN ({_LATER})"
_LATER_ANSWERS = f"SELECT id FROM link_answer WHERE stretch_id IN ({_LATER})"


def upgrade() -> None:
    """Bring the tables up to this revision."""
    if op.get_bind().dialect.name == "sqlite":
        _remake("id", *_WHEN, is_with_round=True)
    else:
        op.add_column(
            _STRETCH, sa.Column("round", sa.Integer(), server_default="0", nullable=False)
        )
        op.drop_constraint(op.f(_UNIQUE), _STRETCH, type_="unique")
        op.create_unique_constraint(op.f(_UNIQUE), _STRETCH, [*_WHEN, "round"])
        op.create_check_constraint(op.f(_COUNTS_UP), _STRETCH, "round >= 0")
    op.create_table(
        "gone_box",
        sa.Column("stretch_id", sa.Integer(), nullable=False),
        sa.Column("person_box_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stretch_id", "person_box_id", name=op.f("pk_gone_box")),
        sa.ForeignKeyConstraint(
            ["stretch_id"], ["link_stretch.id"], name=op.f("fk_gone_box_stretch_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_box_id"], ["person_box.id"], name=op.f("fk_gone_box_person_box_id")
        ),
    )
    op.create_index("ix_gone_box_person_box_id", "gone_box", ["person_box_id"], unique=False)


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("gone_box")
    op.execute(f"DELETE FROM link_edit WHERE stretch_id IN ({_LATER})")
    op.execute(f"DELETE FROM tracked_box WHERE answer_id IN ({_LATER_ANSWERS})")
    op.execute(f"DELETE FROM tallied_slot WHERE slot_id IN ({_LATER_SLOTS})")
    for table in ("link_answer", "link_decision", "task_slot"):
        op.execute(f"DELETE FROM {table} WHERE stretch_id IN ({_LATER})")
    op.execute("DELETE FROM link_stretch WHERE round > 0")
    if op.get_bind().dialect.name == "sqlite":
        _remake("id", *_WHEN, is_with_round=False)
    else:
        op.drop_constraint(op.f(_COUNTS_UP), _STRETCH, type_="check")
        op.drop_constraint(op.f(_UNIQUE), _STRETCH, type_="unique")
        op.drop_column(_STRETCH, "round")
        op.create_unique_constraint(op.f(_UNIQUE), _STRETCH, list(_WHEN))


def _remake(*columns: str, is_with_round: bool) -> None:
    """Make SQLite's table anew, which takes no constraint off, though other rows refer to it.

    They are looked at when the transaction ends: by then all rows are there again
    (https://sqlite.org/pragma.html#pragma_defer_foreign_keys).
    """
    connection = op.get_bind()
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    rows = connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM {_STRETCH}").all()
    connection.exec_driver_sql(f"DELETE FROM {_STRETCH}")
    op.drop_table(_STRETCH)
    table = op.create_table(_STRETCH, *_columns(is_with_round=is_with_round))
    op.bulk_insert(table, [dict(zip(columns, row, strict=True)) for row in rows])


def _columns(*, is_with_round: bool) -> list[SchemaItem]:
    found: list[SchemaItem] = [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("start_seconds", sa.Double(), nullable=False),
        sa.Column("end_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_stretch")),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_link_stretch_video_id")),
        sa.CheckConstraint("end_seconds > start_seconds", name=op.f("ck_link_stretch_is_forward")),
    ]
    if not is_with_round:
        return [*found, sa.UniqueConstraint(*_WHEN, name=op.f(_UNIQUE))]
    return [
        *found,
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.UniqueConstraint(*_WHEN, "round", name=op.f(_UNIQUE)),
        sa.CheckConstraint("round >= 0", name=op.f(_COUNTS_UP)),
    ]
