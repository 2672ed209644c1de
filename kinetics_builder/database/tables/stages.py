"""What the runner and `collect` note about stages."""

from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.values import State
from kinetics_builder.errors import Reason


class Item(Base):
    """How one item of one stage stands under one set of settings. Written by the runner."""

    __tablename__ = "item"
    __table_args__ = (Index("ix_item_standing", "stage", "settings_hash", "state", "reason"),)

    stage: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    settings_hash: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[State] = mapped_column(default=State.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[Reason | None] = mapped_column(default=None)
    retryable: Mapped[bool] = mapped_column(default=False)
    message: Mapped[str | None] = mapped_column(default=None)
    lease_owner: Mapped[str | None] = mapped_column(String(200), default=None)
    lease_until: Mapped[float | None] = mapped_column(default=None)
    """Unix time in seconds after which another runner may take the item."""
    seconds: Mapped[float | None] = mapped_column(default=None)
    """How long the last attempt worked."""
    finished_at: Mapped[float | None] = mapped_column(default=None)
    """Unix time in seconds."""


class StageSurvey(Base):
    """What a look at all items of a stage gave. Written by the runner.

    It holds as long as nothing has changed that they are listed from. How the items that it has
    seen stand now, their rows say.
    """

    __tablename__ = "stage_survey"

    stage: Mapped[str] = mapped_column(String(40), primary_key=True)
    settings_hash: Mapped[str] = mapped_column(String(16), primary_key=True)
    changes: Mapped[dict[str, Any]]
    """How often that had changed by then (`change_count`), by name."""
    num_items: Mapped[int]
    strays: Mapped[dict[str, Any]]
    """How many rows of these settings no item had, by state, and by reason where they failed."""


class ChangeCount(Base):
    """How often something changed that stages list their items from. Written by the database."""

    __tablename__ = "change_count"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    """A table; or a stage whose rows changed without a look at its items, which runs write."""
    number: Mapped[int]


class SiteRest(Base):
    """A site that asked to be left alone, whoever asked it. Written by the runner."""

    __tablename__ = "site_rest"

    site: Mapped[str] = mapped_column(String(200), primary_key=True)
    """The family of its extractors at yt-dlp, else its registered domain."""
    reason: Mapped[Reason]
    since: Mapped[float]
    """Unix time in seconds, as `until`."""
    until: Mapped[float]
    """The row stays until one item has tried, and was answered."""
    tried_by: Mapped[str | None] = mapped_column(String(200))
    """The process whose item tries, as an item's `lease_owner`."""
    tried_until: Mapped[float | None]


class SitePace(Base):
    """When a site may be asked again that is asked so many times an hour. Written by the runner."""

    __tablename__ = "site_pace"

    site: Mapped[str] = mapped_column(String(200), primary_key=True)
    """As `SiteRest.site`."""
    since: Mapped[float]
    """When it was asked last: Unix time in seconds, as the others."""
    due: Mapped[float]
    """When it may be asked again, evenly spread."""
    next_at: Mapped[float]
    """The same, somewhat later by chance: nothing is asked before."""


class Setting(Base):
    """What was told once and is to be remembered, by key.

    Written by `collect` (`source`, `classes_file`, `results_per_query`), so that single stages
    need no repetition, and by whoever counts all votes anew (`verify`: by which rules,
    `claims`: what the posterior policy expects, `kept`: by what it judges clips one by one).
    """

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str]
