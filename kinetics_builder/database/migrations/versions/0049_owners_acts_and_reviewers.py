"""What the owner did, and who else may decide what people dispute."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "owner_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("acted_by", sa.String(80), nullable=False),
        sa.Column("about", sa.String(300), nullable=False),
        sa.Column("why", sa.String(300), server_default="", nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("clip_id", sa.Integer(), nullable=True),
        sa.Column("acted_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_owner_act_worker_id")),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name=op.f("fk_owner_act_clip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner_act")),
    )
    op.create_index(op.f("ix_owner_act_worker_id"), "owner_act", ["worker_id"])
    op.create_table(
        "reviewer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewer")),
        sa.UniqueConstraint("name", name=op.f("uq_reviewer_name")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_reviewer_code_hash")),
    )
    with op.batch_alter_table("login") as table:
        table.add_column(sa.Column("reviewer_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_login_reviewer_id"), "reviewer", ["reviewer_id"], ["id"])


def downgrade() -> None:
    """Take this revision back."""
    op.execute("DELETE FROM login WHERE reviewer_id IS NOT NULL")
    with op.batch_alter_table("login") as table:
        table.drop_constraint(op.f("fk_login_reviewer_id"), type_="foreignkey")
        table.drop_column("reviewer_id")
    op.drop_table("reviewer")
    op.drop_index(op.f("ix_owner_act_worker_id"), table_name="owner_act")
    op.drop_table("owner_act")
