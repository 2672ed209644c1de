"""How far whole videos are marked with when their classes happen, and which release has them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.segments.deciding import KIND
from kinetics_builder.database.tables import Task, Timeline
from kinetics_builder.formats.cells import table
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.release_files import FILMS, MANIFEST, MARKED_VIDEOS, SEGMENTS
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace

_SIGNS = {"clips": MANIFEST, "films": FILMS, "segments": SEGMENTS}
"""The kinds of release, each with the file by which it is known."""


_VIDEO = "video"
"""The column of a release of segments that names a whole video."""


@dataclass(frozen=True, slots=True)
class MarkedVideos:
    """Whole videos of which people mark when classes happen."""

    num_asked: int
    num_marked: int
    """Of which every class that is looked for is decided, or known."""
    num_released: int
    """Of these, those that the newest release of segments has."""
    num_tasks: int
    """That are not finished."""

    @property
    def line(self) -> str:
        """What people are told."""
        return (
            f"{self.num_marked} of {counted(self.num_asked, 'whole video')} marked, "
            f"{self.num_released} in the newest release of segments"
        )

    @property
    def next(self) -> str | None:
        """The command that leads on, and why; None where all that is marked is released."""
        if self.num_tasks:
            tasks = counted(self.num_tasks, "task waits", "tasks wait")
            return f"`kbuild annotate` ({tasks} in which whole videos are marked)"
        if (number := self.num_marked - self.num_released) > 0:
            videos = counted(number, "marked video is", "marked videos are")
            return f"`kbuild release --kind segments` ({videos} in no release)"
        return None


def count_marked(session: Session, workspace: Workspace) -> MarkedVideos | None:
    """Count whole videos; None where nobody is asked about any."""
    if session.scalar(select(Timeline.id).limit(1)) is None:
        return None
    from pipelines.timelines.marked import marked_videos

    whole, open_ = marked_videos(session, workspace.config)
    released = set(_released(workspace))
    left = select(func.count(Task.id)).where(Task.kind == KIND, ~Task.is_finished)
    return MarkedVideos(
        num_asked=len(whole) + len(open_),
        num_marked=len(whole),
        num_released=sum(one.video_id in released for one in whole),
        num_tasks=session.scalar(left) or 0,
    )


def releases_by_kind(workspace: Workspace) -> dict[str, list[str]]:
    """Return the names of the releases that are there, by kind; kinds without any are left out."""
    found = {
        kind: sorted(path.parent.name for path in workspace.root.glob(f"releases/[!.]*/{sign}"))
        for kind, sign in _SIGNS.items()
    }
    return {kind: names for kind, names in found.items() if names}


def _released(workspace: Workspace) -> Iterator[str]:
    """Yield the videos of the newest release of segments."""
    signs = workspace.root.glob(f"releases/[!.]*/{SEGMENTS}")
    newest = max(signs, key=lambda path: path.parent.stat().st_mtime_ns, default=None)
    if newest is None or not newest.with_name(MARKED_VIDEOS).is_file():
        return
    path = newest.with_name(MARKED_VIDEOS)
    header, rows = table(path, [_VIDEO], Problems(path))
    place = header.index(_VIDEO)
    yield from (cells[place] for cells in rows)
