"""Who comes from paid panels, in which sessions, and what the panels were told."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "panel_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("realm", sa.String(300), nullable=False),
        sa.Column("participant", sa.String(255), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["worker.id"], name=op.f("fk_panel_person_worker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_person")),
        sa.UniqueConstraint("realm", "participant", name=op.f("uq_panel_person_realm")),
    )
    op.create_index("ix_panel_person_worker_id", "panel_person", ["worker_id"])
    op.create_table(
        "panel_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel", sa.String(40), nullable=False),
        sa.Column("study", sa.String(255), nullable=False),
        sa.Column("session", sa.String(255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("submit_to", sa.String(), server_default="", nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("answers_before", sa.Integer(), nullable=False),
        sa.Column("gold_before", sa.Integer(), nullable=False),
        sa.Column("gold_right_before", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("num_answers", sa.Integer(), nullable=True),
        sa.Column("num_gold", sa.Integer(), nullable=True),
        sa.Column("num_gold_right", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["panel_person.id"], name=op.f("fk_panel_visit_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_visit")),
        sa.UniqueConstraint("panel", "session", name=op.f("uq_panel_visit_panel")),
    )
    op.create_index("ix_panel_visit_person_id", "panel_visit", ["person_id"])
    op.create_table(
        "panel_payment",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("decided", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("bonus_cents", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["panel_visit.id"], name=op.f("fk_panel_payment_visit_id")
        ),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_panel_payment")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("panel_payment")
    op.drop_table("panel_visit")
    op.drop_table("panel_person")
