"""Films, key frames, boxes of persons and their links."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "film",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("start_seconds", sa.Double(), nullable=False),
        sa.Column("end_seconds", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "start_seconds >= 0 AND end_seconds > start_seconds", name=op.f("ck_film_is_forward")
        ),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_film_video_id")),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_film")),
    )
    op.create_table(
        "film_hit",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("query", sa.String(length=200), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_film_hit_video_id")),
        sa.PrimaryKeyConstraint("video_id", "query", name=op.f("pk_film_hit")),
    )
    op.create_table(
        "key_frame",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("timestamp_seconds", sa.Double(), nullable=False),
        sa.Column("shown_seconds", sa.Double(), nullable=False),
        sa.Column("shot_number", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_key_frame_video_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_frame")),
        sa.UniqueConstraint("video_id", "timestamp_seconds", name=op.f("uq_key_frame_video_id")),
    )
    op.create_index(op.f("ix_key_frame_video_id"), "key_frame", ["video_id"], unique=False)
    op.create_table(
        "shot",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start_seconds", sa.Double(), nullable=False),
        sa.Column("end_seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_shot_video_id")),
        sa.PrimaryKeyConstraint("video_id", "number", name=op.f("pk_shot")),
    )
    op.create_table(
        "detected_box",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_frame_id", sa.Integer(), nullable=False),
        sa.Column("x1", sa.Double(), nullable=False),
        sa.Column("y1", sa.Double(), nullable=False),
        sa.Column("x2", sa.Double(), nullable=False),
        sa.Column("y2", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("origin", sa.String(length=100), nullable=False),
        sa.Column("given_person", sa.Integer(), nullable=True),
        sa.Column("look", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "x1 >= 0 AND y1 >= 0 AND x2 <= 1 AND y2 <= 1 AND x1 < x2 AND y1 < y2",
            name=op.f("ck_detected_box_is_box"),
        ),
        sa.ForeignKeyConstraint(
            ["key_frame_id"], ["key_frame.id"], name=op.f("fk_detected_box_key_frame_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detected_box")),
    )
    op.create_index(
        op.f("ix_detected_box_key_frame_id"), "detected_box", ["key_frame_id"], unique=False
    )
    op.create_table(
        "person_box",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_frame_id", sa.Integer(), nullable=False),
        sa.Column("x1", sa.Double(), nullable=False),
        sa.Column("y1", sa.Double(), nullable=False),
        sa.Column("x2", sa.Double(), nullable=False),
        sa.Column("y2", sa.Double(), nullable=False),
        sa.Column("detected_box_id", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("is_dropped", sa.Boolean(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "x1 >= 0 AND y1 >= 0 AND x2 <= 1 AND y2 <= 1 AND x1 < x2 AND y1 < y2",
            name=op.f("ck_person_box_is_box"),
        ),
        sa.ForeignKeyConstraint(
            ["detected_box_id"], ["detected_box.id"], name=op.f("fk_person_box_detected_box_id")
        ),
        sa.ForeignKeyConstraint(
            ["key_frame_id"], ["key_frame.id"], name=op.f("fk_person_box_key_frame_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["person_box.id"], name=op.f("fk_person_box_replaces_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_box")),
        sa.UniqueConstraint("detected_box_id", name=op.f("uq_person_box_detected_box_id")),
    )
    op.create_index(
        op.f("ix_person_box_key_frame_id"), "person_box", ["key_frame_id"], unique=False
    )
    op.create_index(op.f("ix_person_box_replaces_id"), "person_box", ["replaces_id"], unique=False)
    op.create_table(
        "box_link",
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("next_id", sa.Integer(), nullable=False),
        sa.Column("overlap", sa.Double(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=True),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["person_box.id"], name=op.f("fk_box_link_box_id")),
        sa.ForeignKeyConstraint(["next_id"], ["person_box.id"], name=op.f("fk_box_link_next_id")),
        sa.PrimaryKeyConstraint("box_id", name=op.f("pk_box_link")),
        sa.UniqueConstraint("next_id", name=op.f("uq_box_link_next_id")),
    )
    op.create_table(
        "link_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["box_id"], ["person_box.id"], name=op.f("fk_link_edit_box_id")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["person_box.id"], name=op.f("fk_link_edit_other_id")
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_link_edit_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_edit")),
    )
    op.create_index(op.f("ix_link_edit_box_id"), "link_edit", ["box_id"], unique=False)
    op.create_index(op.f("ix_link_edit_other_id"), "link_edit", ["other_id"], unique=False)


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(op.f("ix_link_edit_other_id"), table_name="link_edit")
    op.drop_index(op.f("ix_link_edit_box_id"), table_name="link_edit")
    op.drop_table("link_edit")
    op.drop_table("box_link")
    op.drop_index(op.f("ix_person_box_replaces_id"), table_name="person_box")
    op.drop_index(op.f("ix_person_box_key_frame_id"), table_name="person_box")
    op.drop_table("person_box")
    op.drop_index(op.f("ix_detected_box_key_frame_id"), table_name="detected_box")
    op.drop_table("detected_box")
    op.drop_table("shot")
    op.drop_index(op.f("ix_key_frame_video_id"), table_name="key_frame")
    op.drop_table("key_frame")
    op.drop_table("film_hit")
    op.drop_table("film")
