"""Groups of classes, several a class, in trees; ids by which classes stay known."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "class_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["class_group.id"], name="fk_class_group_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_class_group"),
        sa.UniqueConstraint("name", name="uq_class_group_name"),
    )
    op.create_table(
        "label_group",
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name="fk_label_group_label_id"),
        sa.ForeignKeyConstraint(["group_id"], ["class_group.id"], name="fk_label_group_group_id"),
        sa.PrimaryKeyConstraint("label_id", "group_id", name="pk_label_group"),
    )
    op.create_index("ix_label_group_group_id", "label_group", ["group_id"])
    _move_groups()
    op.drop_column("label", "group")
    op.add_column("label", sa.Column("key", sa.String(100), nullable=True))
    op.create_index("ix_label_key", "label", ["key"], unique=True)


def _move_groups() -> None:
    """Make what `label.group` said rows of their own."""
    label = sa.table("label", sa.column("id"), sa.column("group"))
    group = sa.table("class_group", sa.column("id"), sa.column("name"), sa.column("place"))
    link = sa.table("label_group", *map(sa.column, ("label_id", "group_id", "place")))
    rows = op.get_bind().execute(sa.select(label.c.id, label.c.group).order_by(label.c.id))
    links = [(label_id, name) for label_id, name in rows if name]
    if not links:
        return
    names = dict.fromkeys(name for _, name in links)
    op.bulk_insert(group, [{"name": name, "place": n} for n, name in enumerate(names)])
    numbers = dict(op.get_bind().execute(sa.select(group.c.name, group.c.id)).all())
    op.bulk_insert(
        link, [{"label_id": one, "group_id": numbers[name], "place": 0} for one, name in links]
    )


def downgrade() -> None:
    """Take this revision back; of several groups of a class the first stays."""
    op.add_column("label", sa.Column("group", sa.String(100), nullable=True))
    label = sa.table("label", sa.column("id"), sa.column("group"))
    group = sa.table("class_group", sa.column("id"), sa.column("name"))
    link = sa.table("label_group", *map(sa.column, ("label_id", "group_id", "place")))
    first = (
        sa.select(group.c.name)
        .join(link, link.c.group_id == group.c.id)
        .where(link.c.label_id == label.c.id)
        .order_by(link.c.place)
        .limit(1)
        .scalar_subquery()
    )
    op.get_bind().execute(sa.update(label).values(group=first))
    op.drop_index("ix_label_key", "label")
    op.drop_column("label", "key")
    op.drop_table("label_group")
    op.drop_table("class_group")
