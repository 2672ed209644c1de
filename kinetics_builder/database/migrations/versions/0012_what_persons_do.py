"""What persons do: questions about boxes, answers about their actions, and what follows."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = (
    "person_action",
    "action_candidate",
    "box_proposal",
    "gold_action",
    "proposed_action",
    "action_vote",
    "action_answer",
)


def upgrade() -> None:
    """Bring the tables up to this revision."""
    for table in ("task_slot", "gold"):
        _add_box(table)
    op.create_index("ix_task_slot_person_box_id", "task_slot", ["person_box_id"], unique=False)
    op.drop_index("ix_gold_key_frame_id", "gold")
    _create_gold_index("ix_gold_key_frame_id", ["key_frame_id"], "person_box_id IS NULL")
    _create_gold_index(
        "ix_gold_person_box_id",
        ["person_box_id"],
        "person_box_id IS NOT NULL AND action_id IS NULL",
    )
    _create_gold_index("ix_gold_action_id", ["person_box_id", "action_id"], "action_id IS NOT NULL")
    _create_answers()
    _create_votes()
    _create_list("proposed_action", "answer_id", "action_answer.id")
    _create_list("gold_action", "gold_id", "gold.id")
    _create_list("action_candidate", "person_box_id", "person_box.id", _number("num_proposed"))
    _create_list(
        "person_action",
        "person_box_id",
        "person_box.id",
        _verdict(),
        *map(_number, ("num_yes", "num_no", "num_unsure", "num_set_aside")),
    )
    op.create_table(
        "box_proposal",
        _number("person_box_id"),
        _verdict(),
        *map(_number, ("num_named", "num_blocked", "num_wrong_box", "num_set_aside")),
        _key("box_proposal", "person_box_id", "person_box.id"),
        sa.PrimaryKeyConstraint("person_box_id", name=op.f("pk_box_proposal")),
    )


def downgrade() -> None:
    """Take this revision back."""
    for table in _TABLES:
        op.drop_table(table)
    for index in ("ix_gold_action_id", "ix_gold_person_box_id", "ix_gold_key_frame_id"):
        op.drop_index(index, "gold")
    op.drop_index("ix_task_slot_person_box_id", "task_slot")
    for table in ("task_slot", "gold"):
        op.execute(f"DELETE FROM {table} WHERE person_box_id IS NOT NULL")
        op.drop_column(table, "action_id")
        op.drop_column(table, "person_box_id")
    op.create_index("ix_gold_key_frame_id", "gold", ["key_frame_id"], unique=True)


def _add_box(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        bond = f"CONSTRAINT fk_{table}_person_box_id REFERENCES person_box (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN person_box_id INTEGER {bond}")
    else:
        key = sa.ForeignKey("person_box.id", name=f"fk_{table}_person_box_id")
        op.add_column(table, sa.Column("person_box_id", sa.Integer(), key, nullable=True))
    op.add_column(table, sa.Column("action_id", sa.Integer(), nullable=True))


def _create_gold_index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        name, "gold", columns, unique=True, sqlite_where=condition, postgresql_where=condition
    )


def _create_answers() -> None:
    flag = sa.Enum("blocked", "wrong_box", name="boxflag", native_enum=False, length=20)
    op.create_table(
        "action_answer",
        *_answer_columns(),
        sa.Column("flag", flag, nullable=True),
        sa.Column("other", sa.String(length=100), nullable=True),
        *_answer_keys("action_answer"),
        sa.UniqueConstraint(
            "worker_id", "person_box_id", "revision", name=op.f("uq_action_answer_worker_id")
        ),
    )
    _create_indexes("action_answer")


def _create_votes() -> None:
    answer = sa.Enum("yes", "no", "unsure", "bad", name="answer", native_enum=False, length=20)
    op.create_table(
        "action_vote",
        *_answer_columns(),
        _number("action_id"),
        sa.Column("answer", answer, nullable=False),
        *_answer_keys("action_vote"),
        sa.UniqueConstraint(
            "worker_id",
            "person_box_id",
            "action_id",
            "revision",
            name=op.f("uq_action_vote_worker_id"),
        ),
        sa.CheckConstraint("answer <> 'bad'", name=op.f("ck_action_vote_is_no_bad_clip")),
    )
    _create_indexes("action_vote")


def _create_list(table: str, owner: str, owners: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        _number(owner),
        _number("action_id"),
        *columns,
        _key(table, owner, owners),
        sa.PrimaryKeyConstraint(owner, "action_id", name=op.f(f"pk_{table}")),
    )


def _create_indexes(table: str) -> None:
    for column in ("person_box_id", "worker_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _answer_columns() -> list[sa.Column[Any]]:
    return [
        *map(_number, ("id", "worker_id", "slot_id", "person_box_id")),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
    ]


def _answer_keys(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.CheckConstraint("revision >= 0", name=op.f(f"ck_{table}_revision_counts_up")),
        _key(table, "worker_id", "worker.id"),
        _key(table, "slot_id", "task_slot.id"),
        _key(table, "person_box_id", "person_box.id"),
    ]


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _verdict() -> sa.Column[Any]:
    values = sa.Enum("accepted", "rejected", "open", name="verdict", native_enum=False, length=20)
    return sa.Column("verdict", values, nullable=False)
