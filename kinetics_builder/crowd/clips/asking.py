"""Reading questions about clips from the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from kinetics_builder.crowd.clips.question import Question
from kinetics_builder.database.tables import Clip, ClipFile, Label, Video


def questions_about(label_id: Any) -> Select[Any]:
    """Return the columns that `question_of` reads, of cut clips asked about as `label_id`."""
    return (
        select(Clip.id, label_id, Label.name, Video.video_id, Clip.start_seconds, Clip.end_seconds)
        .join(Video, Video.id == Clip.video_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
    )


def question_of(
    row: Sequence[Any], gold_id: int | None = None, *, is_yes: bool = False
) -> Question:
    """Return the question of a row of `questions_about`."""
    clip_id, label_id, label, video, start, end, *_ = row
    return Question(
        clip_id, label_id, label, f"{video} {start:.3f} {end:.3f} {label}", gold_id, is_yes
    )
