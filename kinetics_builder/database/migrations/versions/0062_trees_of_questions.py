"""Trees of questions about clips, and the paths that people take through them."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

_ADDED = (
    ("label", "tree_id", "decision_tree"),
    ("task_slot", "tree_id", "decision_tree"),
    ("gold", "tree_id", "decision_tree"),
    ("gold", "element_id", "label"),
)


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "decision_tree",
        _number("id"),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_tree")),
        sa.UniqueConstraint("name", name=op.f("uq_decision_tree_name")),
    )
    for table, column, target in _ADDED:
        _add(table, column, target)
    is_meant = sa.text("tree_id IS NOT NULL")
    op.create_index(
        "ix_gold_tree_id",
        "gold",
        ["tree_id", "clip_id"],
        unique=True,
        sqlite_where=is_meant,
        postgresql_where=is_meant,
    )
    _create_answer()
    _create_decision()


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("tree_decision")
    op.drop_table("tree_answer")
    op.execute("DELETE FROM task_slot WHERE tree_id IS NOT NULL")
    op.execute("DELETE FROM gold WHERE tree_id IS NOT NULL")
    op.drop_index("ix_gold_tree_id", "gold")
    for table, column, _ in reversed(_ADDED):
        op.drop_column(table, column)
    op.drop_table("decision_tree")


def _create_answer() -> None:
    op.create_table(
        "tree_answer",
        *map(_number, ("id", "worker_id", "slot_id", "clip_id", "tree_id")),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tree_answer")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_tree_answer_revision_counts_up")),
        _key("tree_answer", "worker_id", "worker"),
        _key("tree_answer", "slot_id", "task_slot"),
        _key("tree_answer", "clip_id", "clip"),
        _key("tree_answer", "tree_id", "decision_tree"),
        _key("tree_answer", "label_id", "label"),
        sa.UniqueConstraint(
            "worker_id", "clip_id", "tree_id", "revision", name=op.f("uq_tree_answer_worker_id")
        ),
    )
    for column in ("clip_id", "worker_id"):
        op.create_index(op.f(f"ix_tree_answer_{column}"), "tree_answer", [column])


def _create_decision() -> None:
    counts = ("num_yes", "num_no", "num_unsure", "num_bad", "num_set_aside")
    op.create_table(
        "tree_decision",
        *map(_number, ("clip_id", "tree_id")),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(100), nullable=True),
        sa.Column("group_name", sa.String(100), nullable=True),
        sa.Column("path", sa.JSON(), nullable=False),
        *map(_number, counts),
        sa.PrimaryKeyConstraint("clip_id", name=op.f("pk_tree_decision")),
        _key("tree_decision", "clip_id", "clip"),
        _key("tree_decision", "tree_id", "decision_tree"),
        _key("tree_decision", "label_id", "label"),
    )
    op.create_index("ix_tree_decision_label_id", "tree_decision", ["label_id"])


def _add(table: str, column: str, target: str) -> None:
    name = f"fk_{table}_{column}"
    if op.get_bind().dialect.name == "sqlite":
        bond = f"CONSTRAINT {name} REFERENCES {target} (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {bond}")
    else:
        key = sa.ForeignKey(f"{target}.id", name=name)
        op.add_column(table, sa.Column(column, sa.Integer(), key, nullable=True))


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)
