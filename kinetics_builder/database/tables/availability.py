"""What of released files is still on the web, asked again and again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base


class AvailabilitySurvey(Base):
    """One time that a released file's videos are asked for. Written by `releases survey`."""

    __tablename__ = "availability_survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(index=True)
    """Absolute."""
    version: Mapped[str] = mapped_column(String(16))
    """Changes with the file's bytes, and with what was said of how to read it."""
    begun_at: Mapped[datetime] = mapped_column(server_default=func.now())
    is_current: Mapped[bool] = mapped_column(default=True)
    """Whether what is not answered yet is still asked for: of the file's last one alone."""
    counts: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """The file's rows by what had become of their videos when it was last gone on with: `rows`,
    and `by_class`."""


class SurveyedVideo(Base):
    """A video that a survey asks for. Begun by `releases survey`, the answer by `availability`."""

    __tablename__ = "surveyed_video"

    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    """The survey's number and the video's id, by which they are paged."""
    survey_id: Mapped[int] = mapped_column(
        ForeignKey("availability_survey.id", ondelete="CASCADE"), index=True
    )
    video_id: Mapped[str] = mapped_column(String(200))
    url: Mapped[str]
    site: Mapped[str]
    outcome: Mapped[str | None] = mapped_column(String(40), default=None)
    """A word of `pipelines.restoring.outcomes`; None: not answered yet."""
    said: Mapped[str] = mapped_column(default="")
    """What the site said of one that is gone."""
    duration_seconds: Mapped[float | None]
    licence: Mapped[str | None]
    """As the site says by now."""
