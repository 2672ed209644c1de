"""Questions about stretches of films, answers that say whose their boxes are."""

import re

import sqlalchemy as sa
from alembic import op

from kinetics_builder.database.sqlite_schema import edit_schema

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ASKING = ("task_slot", "gold")
_OF_TWO = "(clip_id IS NULL) <> (key_frame_id IS NULL)"
_OF_THREE = (
    "CASE WHEN clip_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN key_frame_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN stretch_id IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    """Bring the tables up to this revision."""
    _create_stretch()
    for table in _ASKING:
        _add_stretch(table)
        _bind(table, _OF_TWO, _OF_THREE)
    op.create_index("ix_task_slot_stretch_id", "task_slot", ["stretch_id"], unique=False)
    is_meant = sa.text("stretch_id IS NOT NULL")
    op.create_index(
        "ix_gold_stretch_id",
        "gold",
        ["stretch_id"],
        unique=True,
        sqlite_where=is_meant,
        postgresql_where=is_meant,
    )
    _create_answer()
    _create_boxes("tracked_box", "answer_id", "link_answer.id", "track")
    _create_boxes("gold_track", "gold_id", "gold.id", "person", "shown")
    _create_decision()
    with op.batch_alter_table("link_edit") as batch:
        batch.drop_constraint(op.f("fk_link_edit_worker_id"), type_="foreignkey")
        batch.drop_column("worker_id")
        batch.add_column(sa.Column("stretch_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_link_edit_stretch_id"), "link_stretch", ["stretch_id"], ["id"]
        )
        batch.create_index(op.f("ix_link_edit_stretch_id"), ["stretch_id"], unique=False)


def downgrade() -> None:
    """Take this revision back."""
    op.execute("DELETE FROM link_edit WHERE stretch_id IS NOT NULL")
    with op.batch_alter_table("link_edit") as batch:
        batch.drop_index(op.f("ix_link_edit_stretch_id"))
        batch.drop_constraint(op.f("fk_link_edit_stretch_id"), type_="foreignkey")
        batch.drop_column("stretch_id")
        batch.add_column(sa.Column("worker_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_link_edit_worker_id"), "worker", ["worker_id"], ["id"])
    for table in ("link_decision", "gold_track", "tracked_box", "link_answer"):
        op.drop_table(table)
    for table in _ASKING:
        op.execute(f"DELETE FROM {table} WHERE stretch_id IS NOT NULL")
        op.drop_index(f"ix_{table}_stretch_id", table)
        _bind(table, _OF_THREE, _OF_TWO)
        op.drop_column(table, "stretch_id")
    op.drop_table("link_stretch")


def _create_stretch() -> None:
    op.create_table(
        "link_stretch",
        _number("id"),
        _number("video_id"),
        sa.Column("start_seconds", sa.Double(), nullable=False),
        sa.Column("end_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_stretch")),
        _key("link_stretch", "video_id", "video.id"),
        sa.UniqueConstraint(
            "video_id", "start_seconds", "end_seconds", name=op.f("uq_link_stretch_video_id")
        ),
        sa.CheckConstraint("end_seconds > start_seconds", name=op.f("ck_link_stretch_is_forward")),
    )


def _create_answer() -> None:
    op.create_table(
        "link_answer",
        *map(_number, ("id", "worker_id", "slot_id", "stretch_id")),
        sa.Column("is_as_shown", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_answer")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_link_answer_revision_counts_up")),
        _key("link_answer", "worker_id", "worker.id"),
        _key("link_answer", "slot_id", "task_slot.id"),
        _key("link_answer", "stretch_id", "link_stretch.id"),
        sa.UniqueConstraint(
            "worker_id", "stretch_id", "revision", name=op.f("uq_link_answer_worker_id")
        ),
    )
    for column in ("stretch_id", "worker_id"):
        op.create_index(op.f(f"ix_link_answer_{column}"), "link_answer", [column], unique=False)


def _create_boxes(table: str, owner: str, owners: str, *columns: str) -> None:
    op.create_table(
        table,
        *map(_number, (owner, "person_box_id", *columns)),
        sa.PrimaryKeyConstraint(owner, "person_box_id", name=op.f(f"pk_{table}")),
        _key(table, owner, owners),
        _key(table, "person_box_id", "person_box.id"),
    )
    op.create_index(f"ix_{table}_person_box_id", table, ["person_box_id"], unique=False)


def _create_decision() -> None:
    op.create_table(
        "link_decision",
        *map(_number, ("stretch_id", "num_answers", "num_set_aside")),
        sa.Column("is_decided", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("stretch_id", name=op.f("pk_link_decision")),
        _key("link_decision", "stretch_id", "link_stretch.id"),
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add_stretch(table: str) -> None:
    if _is_sqlite():
        bond = f"CONSTRAINT fk_{table}_stretch_id REFERENCES link_stretch (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN stretch_id INTEGER {bond}")
    else:
        key = sa.ForeignKey("link_stretch.id", name=f"fk_{table}_stretch_id")
        op.add_column(table, sa.Column("stretch_id", sa.Integer(), key, nullable=True))


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
