"""Stage that `omni score` runs, omni videos: whole videos -> what a teacher says of each window."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, SelectBase, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Candidate, Label, Media, Video, WebKind
from kinetics_builder.files import FileMark
from kinetics_builder.workspace import Workspace
from pipelines.omni.asking import Said, WebItem, shared
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Stage


def stage(workspace: Workspace) -> Stage[WebItem, Said]:
    """Return the stage: an item is a downloaded video whose title names a class.

    Reads `candidate`, `media`, `teacher`; writes `teacher_score`.
    """
    return Stage(
        needs="download",
        what="downloaded videos",
        items=_items,
        listed=_listed,
        paging=Paging(Video.video_id, reads=(Video, Media, Candidate, Label)),
        **shared(workspace, WebKind.VIDEOS),
    )


def _files(*columns: Any) -> Select[Any]:
    return (
        select(Video.video_id, *columns)
        .join(Media, Media.video_id == Video.id)
        .join(Candidate, Candidate.video_id == Video.id)
        .join(Label, Label.id == Candidate.label_id)
        .where(Label.is_retired.is_(False))
        .distinct()
    )


def _listed() -> SelectBase:
    return _files()


def _items(session: Session, page: Page) -> Sequence[tuple[str, WebItem]]:
    marks = Media.bytes, Media.sha256, Media.modified_ns
    rows = session.execute(
        _files(Video.id, Media.file, Media.duration_seconds, *marks).where(
            page.holds(Video.video_id)
        )
    )
    items = [
        WebItem(video_id, file, sha256, FileMark(num_bytes, sha256, modified), seconds, row)
        for video_id, row, file, seconds, num_bytes, sha256, modified in rows
    ]
    return sorted(((item.key, item) for item in items), key=lambda pair: pair[0])
