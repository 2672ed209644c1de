"""Questions when an action happens in a video, and the stretches that people mark."""

import re

import sqlalchemy as sa
from alembic import op

from kinetics_builder.database.sqlite_schema import edit_schema

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

_ASKING = ("task_slot", "gold")
_ANSWERS = ("gold_stretch", "marked_stretch", "timeline_decision", "timeline_answer")


def _of_one(*names: str) -> str:
    counted = (f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in names)
    return f"{' + '.join(counted)} = 1"


_OF_THREE = _of_one("clip_id", "key_frame_id", "stretch_id")
_OF_FOUR = _of_one("clip_id", "key_frame_id", "stretch_id", "timeline_id")


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "timeline",
        *map(_number, ("id", "video_id", "label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
        _key("timeline", "video_id", "video.id"),
        _key("timeline", "label_id", "label.id"),
        sa.UniqueConstraint("video_id", "label_id", name=op.f("uq_timeline_video_id")),
    )
    for table in _ASKING:
        _add(table)
        _bind(table, _OF_THREE, _OF_FOUR)
    op.create_index("ix_task_slot_timeline_id", "task_slot", ["timeline_id"])
    is_meant = sa.text("timeline_id IS NOT NULL")
    op.create_index(
        "ix_gold_timeline_id",
        "gold",
        ["timeline_id"],
        unique=True,
        sqlite_where=is_meant,
        postgresql_where=is_meant,
    )
    _create_answer()
    _create_stretches("marked_stretch", "answer_id", "timeline_answer.id")
    _create_stretches("gold_stretch", "gold_id", "gold.id")
    op.create_table(
        "timeline_decision",
        *map(_number, ("timeline_id", "num_answers", "num_set_aside")),
        sa.Column("is_decided", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("timeline_id", name=op.f("pk_timeline_decision")),
        _key("timeline_decision", "timeline_id", "timeline.id"),
    )


def downgrade() -> None:
    """Take this revision back: nobody was asked when anything happens."""
    for table in _ANSWERS:
        op.drop_table(table)
    op.execute("DELETE FROM tallied_slot WHERE kind = 'segments'")
    for table in _ASKING:
        op.execute(f"DELETE FROM {table} WHERE timeline_id IS NOT NULL")
        op.drop_index(f"ix_{table}_timeline_id", table)
        _bind(table, _OF_FOUR, _OF_THREE)
        op.drop_column(table, "timeline_id")
    op.drop_table("timeline")


def _create_answer() -> None:
    op.create_table(
        "timeline_answer",
        *map(_number, ("id", "worker_id", "slot_id", "timeline_id")),
        sa.Column("is_unsure", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_answer")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_timeline_answer_revision_counts_up")),
        _key("timeline_answer", "worker_id", "worker.id"),
        _key("timeline_answer", "slot_id", "task_slot.id"),
        _key("timeline_answer", "timeline_id", "timeline.id"),
        sa.UniqueConstraint(
            "worker_id", "timeline_id", "revision", name=op.f("uq_timeline_answer_worker_id")
        ),
    )
    for column in ("timeline_id", "worker_id"):
        op.create_index(op.f(f"ix_timeline_answer_{column}"), "timeline_answer", [column])


def _create_stretches(table: str, owner: str, owners: str) -> None:
    op.create_table(
        table,
        *map(_number, (owner, "number")),
        sa.Column("start_seconds", sa.Double(), nullable=False),
        sa.Column("end_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("number", owner, name=op.f(f"pk_{table}")),
        _key(table, owner, owners),
        sa.CheckConstraint(
            "start_seconds >= 0 AND end_seconds > start_seconds",
            name=op.f(f"ck_{table}_is_forward"),
        ),
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add(table: str) -> None:
    name = f"fk_{table}_timeline_id"
    if _is_sqlite():
        bond = f"CONSTRAINT {name} REFERENCES timeline (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN timeline_id INTEGER {bond}")
    else:
        key = sa.ForeignKey("timeline.id", name=name)
        op.add_column(table, sa.Column("timeline_id", sa.Integer(), key, nullable=True))


def _bind(table: str, before: str, after: str) -> None:
    """Say anew that a question is about one thing."""
    if _is_sqlite():
        edit_schema(op.get_bind(), table, re.escape(f"CHECK ({before})"), f"CHECK ({after})")
        return
    op.drop_constraint(op.f(f"ck_{table}_is_of_one_kind"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_is_of_one_kind"), table, after)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)
