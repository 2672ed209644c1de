"""Videos of which released files name stretches alone: which, and what is here of them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Candidate,
    FilmHit,
    Item,
    PartialMedia,
    PartialStretch,
    ReleasedStretch,
    State,
    Video,
)
from kinetics_builder.intervals import Interval
from kinetics_builder.workspace import Workspace
from pipelines.running.paging import Page
from pipelines.running.stage import Stage
from pipelines.running.surveying import forget

_IS_HELD = exists().where(
    PartialStretch.video_id == ReleasedStretch.video_id,
    PartialStretch.start_seconds == ReleasedStretch.start_seconds,
    PartialStretch.end_seconds == ReleasedStretch.end_seconds,
)
"""Of a released stretch: whether a file with holes holds it."""


def _is_wanted_whole() -> ColumnElement[bool]:
    """Say of a video whether all of it is wanted, by whomever."""
    named = aliased(ReleasedStretch)
    return or_(
        exists().where(Candidate.video_id == Video.id),
        exists().where(FilmHit.video_id == Video.id),
        exists().where(named.video_id == Video.id, named.start_seconds.is_(None)),
    )


def wanted_stretches(session: Session, page: Page) -> Mapping[str, tuple[Interval, ...]]:
    """Return the stretches of those videos of a page of which nothing else is wanted, in order."""
    rows = session.execute(
        select(Video.video_id, ReleasedStretch.start_seconds, ReleasedStretch.end_seconds)
        .join(ReleasedStretch, ReleasedStretch.video_id == Video.id)
        .where(page.holds(Video.video_id), ~_is_wanted_whole())
        .distinct()
    )
    found = defaultdict[str, list[Interval]](list)
    for name, start, end in rows:
        if start is not None and end is not None:
            found[name].append(Interval(start, end))
    return {name: tuple(sorted(stretches)) for name, stretches in found.items()}


def fetch_what_is_missing(workspace: Workspace, stage: Stage[Any, Any]) -> None:
    """Free the items of videos of which more is wanted by now than their files hold."""
    lacks = exists().where(ReleasedStretch.video_id == Video.id, ~_IS_HELD)
    lacking = (
        select(Video.video_id)
        .join(PartialMedia, PartialMedia.video_id == Video.id)
        .where(or_(_is_wanted_whole(), lacks))
    )
    done = and_(
        Item.stage == stage.name,
        Item.settings_hash == stage.settings_hash,
        Item.state == State.DONE,
        Item.key.in_(lacking),
    )
    with reading(workspace.engine) as session:
        if session.scalar(select(Item.key).where(done).limit(1)) is None:
            return
    with writing(workspace.engine) as session:
        session.execute(delete(Item).where(done).execution_options(synchronize_session=False))
        forget(session, stage)
