"""Limits of downloads that were changed: what came under others, and is within these, stays."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select, union_all, update
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    Item,
    Media,
    PartialMedia,
    Setting,
    State,
    Video,
    VideoFile,
)
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.running.stage import Stage
from pipelines.running.surveying import forget

_OVER = (Reason.TOO_LONG, Reason.TOO_LARGE, Reason.LARGE_PICTURE)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a video may be, and everything else that a stage's settings hash is made of."""

    max_duration_seconds: float
    max_bytes: float
    rest: str
    """Changes with what else says which file is fetched."""
    max_height: int = 0
    """As `download.refuse_above_height`."""


def keep_within(workspace: Workspace, stage: Stage[Any, Any], bounds: Bounds) -> None:
    """Let rows of earlier limits count under these, where nothing but the limits has changed.

    Those that failed by their limits, and videos that these limits would refuse, are left to be
    tried anew. The limits are written down for the next time.
    """
    key = f"{stage.name} bounds"
    now = {"hash": stage.settings_hash, "rest": bounds.rest}
    with writing(workspace.engine) as session:
        row = session.get(Setting, key)
        before = None if row is None else json.loads(row.value)
        if before == now:
            return
        if before is not None and before["rest"] == bounds.rest:
            _take_over(session, stage, before["hash"], bounds)
        session.merge(Setting(key=key, value=json.dumps(now)))


def _take_over(session: Session, stage: Stage[Any, Any], before: str, bounds: Bounds) -> None:
    of_now = Item.stage == stage.name, Item.settings_hash == stage.settings_hash
    session.execute(delete(Item).where(*of_now, Item.state != State.RUNNING))
    working = select(Item.key).where(*of_now)
    session.execute(
        update(Item)
        .where(
            Item.stage == stage.name,
            Item.settings_hash == before,
            or_(
                and_(Item.state == State.FAILED, Item.reason.not_in(_OVER)),
                and_(Item.state == State.DONE, Item.key.not_in(_refused(bounds))),
            ),
            Item.key.not_in(working.scalar_subquery()),
        )
        .values(settings_hash=stage.settings_hash)
        .execution_options(synchronize_session=False)
    )
    forget(session, stage)


def _refused(bounds: Bounds) -> Any:
    """Return the videos that are here and that the limits would not let in."""
    return union_all(*(_over(table, bounds) for table in (Media, PartialMedia)))


def _over(table: type[VideoFile], bounds: Bounds) -> Select[str]:
    over: ColumnElement[bool] = or_(
        table.duration_seconds > bounds.max_duration_seconds, table.bytes > bounds.max_bytes
    )
    if bounds.max_height:
        over = or_(over, has_large_picture(table, bounds.max_height))
    return select(Video.video_id).join(table, table.video_id == Video.id).where(over)


def has_large_picture(table: type[VideoFile], max_height: int) -> ColumnElement[bool]:
    """Say of a row of files whether the shorter side of its picture has more pixels."""
    return and_(table.width > max_height, table.height > max_height)
