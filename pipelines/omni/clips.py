"""Stage that `omni score` runs, omni clips: clips as files -> what a teacher says of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, SelectBase, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Clip, ClipFile, Label, Video, WebKind
from kinetics_builder.files import FileMark
from kinetics_builder.workspace import Workspace
from pipelines.omni.asking import Said, WebItem, shared
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Stage


def stage(workspace: Workspace) -> Stage[WebItem, Said]:
    """Return the stage: an item is the file of clips, of whatever classes.

    Reads `clip_file`, `teacher`; writes `teacher_score`.
    """
    return Stage(
        needs="cut",
        what="clips",
        items=_items,
        listed=_listed,
        paging=Paging(Video.video_id, reads=(Video, Clip, ClipFile, Label)),
        **shared(workspace, WebKind.CLIPS),
    )


def _files(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(Clip, Clip.id == ClipFile.clip_id)
        .join(Video, Video.id == Clip.video_id)
        .join(Label, Label.id == Clip.label_id)
        .where(Clip.is_withdrawn.is_(False), Label.is_retired.is_(False))
        .distinct()
    )


def _listed() -> SelectBase:
    return _files(Video.video_id, ClipFile.file, ClipFile.sha256)


def _items(session: Session, page: Page) -> Sequence[tuple[str, WebItem]]:
    marks = ClipFile.bytes, ClipFile.sha256, ClipFile.modified_ns
    rows = session.execute(
        _files(Video.video_id, Video.id, ClipFile.file, ClipFile.duration_seconds, *marks).where(
            page.holds(Video.video_id)
        )
    )
    items = {
        (video_id, file): WebItem(
            video_id, file, sha256, FileMark(num_bytes, sha256, modified), seconds, row
        )
        for video_id, row, file, seconds, num_bytes, sha256, modified in rows
    }
    return sorted(((item.key, item) for item in items.values()), key=lambda pair: pair[0])
