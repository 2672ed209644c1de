"""The clips' files of a release, hashed and linked: by a process of their own where they are many.

Such a process works while the lists are written, so that a large release takes as long as the
longer of the two.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from kinetics_builder.children import fresh_children, leave_with_parent
from kinetics_builder.database.bulk import batches
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.side_by_side import side_by_side
from kinetics_builder.storage.storage import Storage
from pipelines.publishing.contents import Page
from pipelines.publishing.folder import kept_file, place_file

MANY = 10_000
"""Clips that are worth the start of a process."""
_CLIPS_AT_ONCE = 500
_MOST_WAITING = 100
"""Times so many clips may wait for the process before the lists wait for it, too."""

ToPlace = tuple[str, str, str]
"""A clip's file in the workspace, its SHA-256, its file in the release."""


def place_clips(storage: Storage, folder: Path, clips: Iterable[ToPlace]) -> None:
    """Link clips' files into the folder of a release; raises as `place_file`."""
    root = f"{storage.root}/" if isinstance(storage.place("clips"), Path) else None
    target_root = f"{folder}/"

    def place(clip: ToPlace) -> None:
        source, sha256, file = clip
        kept = f"{root}{source}" if root else kept_file(storage, source, sha256)
        place_file(kept, f"{target_root}{file}", sha256)

    for _ in side_by_side(place, clips):
        pass


@contextmanager
def placing_beside(storage: Storage, folder: Path) -> Iterator[Callable[[Page], None]]:
    """Give what lets a process place the clips that go by; all are placed when the block ends.

    A file that several rows name is placed once.

    Raises:
        WorkspaceError: As `place_file`; or the process was killed.

    """
    pool = ProcessPoolExecutor(1, mp_context=fresh_children(), initializer=_begin)
    waiting: deque[Future[None]] = deque()
    placed = set[str]()

    def add(page: Page) -> None:
        rows = zip(page["source"], page["sha256"], page["file"], strict=True)
        new = {row[2]: row for row in rows if row[2] not in placed}
        placed.update(new)
        for some in batches(new.values(), _CLIPS_AT_ONCE):
            waiting.append(pool.submit(place_clips, storage, folder, some))
        while len(waiting) > _MOST_WAITING:
            waiting.popleft().result()

    try:
        yield add
        for one in waiting:
            one.result()
    except BrokenProcessPool as error:
        raise WorkspaceError(
            f"the process that links clips into {folder.parent.parent} was killed. Release again."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave Ctrl-C to the parent, with which this process ends."""
    leave_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
