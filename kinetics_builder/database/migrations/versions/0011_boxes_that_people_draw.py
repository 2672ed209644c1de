"""Questions and gold about key frames, beside those about clips; answers that are boxes."""

import re

import sqlalchemy as sa
from alembic import op

from kinetics_builder.database.sqlite_schema import edit_schema

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OF_CLIPS = {"task_slot": ("clip_id", "label_id"), "gold": ("clip_id", "label_id", "expected")}
_OF_ONE_KIND = "(clip_id IS NULL) <> (key_frame_id IS NULL)"


def upgrade() -> None:
    """Bring the tables up to this revision."""
    for table, columns in _OF_CLIPS.items():
        _let_be_null(table, columns)
        _add_key_frame(table)
    op.create_index("ix_task_slot_key_frame_id", "task_slot", ["key_frame_id"], unique=False)
    op.create_index("ix_gold_key_frame_id", "gold", ["key_frame_id"], unique=True)
    op.create_table(
        "box_decision",
        sa.Column("key_frame_id", sa.Integer(), nullable=False),
        sa.Column("num_answers", sa.Integer(), nullable=False),
        sa.Column("num_set_aside", sa.Integer(), nullable=False),
        sa.Column("is_decided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_frame_id"], ["key_frame.id"], name=op.f("fk_box_decision_key_frame_id")
        ),
        sa.PrimaryKeyConstraint("key_frame_id", name=op.f("pk_box_decision")),
    )
    op.create_table(
        "box_answer",
        sa.Column("key_frame_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_box_answer_revision_counts_up")),
        sa.ForeignKeyConstraint(
            ["key_frame_id"], ["key_frame.id"], name=op.f("fk_box_answer_key_frame_id")
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_box_answer_worker_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["task_slot.id"], name=op.f("fk_box_answer_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box_answer")),
        sa.UniqueConstraint(
            "worker_id", "key_frame_id", "revision", name=op.f("uq_box_answer_worker_id")
        ),
    )
    for column in ("key_frame_id", "worker_id"):
        op.create_index(op.f(f"ix_box_answer_{column}"), "box_answer", [column], unique=False)
    _create_boxes("drawn_box", "answer_id", "box_answer.id", began_as=True)
    op.create_index(op.f("ix_drawn_box_began_as_id"), "drawn_box", ["began_as_id"], unique=False)
    _create_boxes("gold_box", "gold_id", "gold.id", began_as=False)


def downgrade() -> None:
    """Take this revision back."""
    for table in ("gold_box", "drawn_box", "box_answer", "box_decision"):
        op.drop_table(table)
    for table, columns in _OF_CLIPS.items():
        op.execute(f"DELETE FROM {table} WHERE key_frame_id IS NOT NULL")
        op.drop_index(f"ix_{table}_key_frame_id", table)
        _drop_key_frame(table)
        _let_be_null(table, columns, nullable=False)


def _create_boxes(table: str, owner: str, owners: str, *, began_as: bool) -> None:
    more = []
    if began_as:
        more = [
            sa.Column("began_as_id", sa.Integer(), nullable=True),
            sa.ForeignKeyConstraint(
                ["began_as_id"], ["person_box.id"], name=op.f(f"fk_{table}_began_as_id")
            ),
        ]
    op.create_table(
        table,
        sa.Column(owner, sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("x1", "y1", "x2", "y2")),
        *more,
        sa.CheckConstraint(
            "x1 >= 0 AND y1 >= 0 AND x2 <= 1 AND y2 <= 1 AND x1 < x2 AND y1 < y2",
            name=op.f(f"ck_{table}_is_box"),
        ),
        sa.ForeignKeyConstraint([owner], [owners], name=op.f(f"fk_{table}_{owner}")),
        sa.PrimaryKeyConstraint(owner, "number", name=op.f(f"pk_{table}")),
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add_key_frame(table: str) -> None:
    if _is_sqlite():
        op.execute(f"ALTER TABLE {table} ADD COLUMN key_frame_id INTEGER{_bonds(table)}")
        return
    key = sa.ForeignKey("key_frame.id", name=f"fk_{table}_key_frame_id")
    op.add_column(table, sa.Column("key_frame_id", sa.Integer(), key, nullable=True))
    op.create_check_constraint(op.f(f"ck_{table}_is_of_one_kind"), table, _OF_ONE_KIND)


def _drop_key_frame(table: str) -> None:
    if _is_sqlite():
        _edit(table, re.escape(_bonds(table)), "")
    else:
        op.drop_constraint(op.f(f"ck_{table}_is_of_one_kind"), table, type_="check")
    op.drop_column(table, "key_frame_id")


def _bonds(table: str) -> str:
    return (
        f" CONSTRAINT fk_{table}_key_frame_id REFERENCES key_frame (id)"
        f" CONSTRAINT ck_{table}_is_of_one_kind CHECK ({_OF_ONE_KIND})"
    )


def _let_be_null(table: str, columns: tuple[str, ...], *, nullable: bool = True) -> None:
    """Let columns be null, or no more, and leave rows and what refers to them where they are."""
    for column in columns:
        if not _is_sqlite():
            op.alter_column(table, column, nullable=nullable)
        elif nullable:
            _edit(table, rf"(\b{column} \w+(?:\(\d+\))?) NOT NULL", r"\1")
        else:
            _edit(table, rf"(\b{column} \w+(?:\(\d+\))?)(?=,)", r"\1 NOT NULL")


def _edit(table: str, pattern: str, replacement: str) -> None:
    edit_schema(op.get_bind(), table, pattern, replacement)
