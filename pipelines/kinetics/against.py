"""Clips of other datasets, which must not come again: noted, and a fingerprint made of each file.

A release of ours is a folder with its clips. Of a file of rows, or a list of ids, only the videos'
ids are known: then a clip of one of them is a duplicate.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import Item, OlderClip
from kinetics_builder.errors import FormatError, ItemFailed, Reason
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.cells import named_rows
from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.release_files import FILMS, MANIFEST, MARKED_VIDEOS
from kinetics_builder.workspace import Workspace
from pipelines.restoring.released import find_released
from pipelines.running.paging import Page
from pipelines.running.stage import Stage
from pipelines.takedown.marking import Takedowns

NAME = "deduplicate against"

METHOD = 2
"""Counted up when what an older kbuild made can no longer be compared: the files may be gone."""

TIMEOUT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class OlderFile:
    """A clip of another dataset, as a file."""

    row: int
    name: str
    file: Path
    sha256: str
    video_id: str = ""

    @property
    def key(self) -> str:
        """Return a key that changes with the file."""
        return _key(self.name, self.sha256)


def _key(name: str, sha256: str) -> str:
    return f"{name} {sha256[:16]}"


@dataclass(frozen=True, slots=True)
class OlderDataset:
    """What was noted of another dataset."""

    name: str
    num_clips: int
    num_files: int
    """Clips whose files are there to be compared; the others are known by their videos' ids."""


def stage(workspace: Workspace) -> Stage[OlderFile, bytes]:
    """Return the stage: an item is a clip's file. Reads and writes `older_clip`."""
    return Stage(
        name=NAME,
        needs="deduplicate --against",
        what="clips of other datasets",
        settings_hash=settings_hash(METHOD),
        items=_items,
        work=look,
        save=_save,
        refuses=_refused,
        timeout_seconds=TIMEOUT_SECONDS,
        forgets=True,
    )


def look(older: OlderFile) -> bytes:
    """Return the fingerprint of a clip's file.

    Raises ItemFailed(BROKEN) if it is not the file of the manifest, and as `fingerprint` does.
    """
    from kinetics_builder.video.likeness.fingerprint import fingerprint

    try:
        is_the_same = file_sha256(older.file) == older.sha256
    except OSError as error:
        raise ItemFailed(Reason.BROKEN, f"{older.file}: {error.strerror}") from error
    if not is_the_same:
        raise ItemFailed(Reason.BROKEN, f"{older.file} is not the file that {MANIFEST} names")
    return fingerprint(older.file).to_bytes()


def _items(session: Session, _page: Page) -> Sequence[tuple[str, OlderFile]]:
    known = OlderClip.id, OlderClip.dataset, OlderClip.name, OlderClip.file, OlderClip.sha256
    rows = session.execute(
        select(*known, OlderClip.video_id)
        .where(OlderClip.file != "")
        .order_by(OlderClip.dataset, OlderClip.name)
    )
    takedowns = Takedowns.of(session)
    items = (
        OlderFile(row, f"{dataset}/{name}", Path(file), sha256, video_id)
        for row, dataset, name, file, sha256, video_id in rows
        if not takedowns.names(video_id)
    )
    return [(item.key, item) for item in items]


def _refused(session: Session, made: Sequence[tuple[OlderFile, Any]]) -> dict[int, ItemFailed]:
    """Return which were put on the takedown list while they were looked at."""
    takedowns = Takedowns.of(session)
    failure = ItemFailed(Reason.TAKEN_DOWN, "taken down meanwhile")
    return {at: failure for at, (older, _) in enumerate(made) if takedowns.names(older.video_id)}


def forget_prints(session: Session, takedowns: Takedowns) -> None:
    """Forget what clips look like whose videos are on the takedown list."""
    known = OlderClip.id, OlderClip.dataset, OlderClip.name, OlderClip.sha256, OlderClip.video_id
    rows = session.execute(select(*known).where(OlderClip.fingerprint.is_not(None)))
    gone = [row for row in rows if takedowns.names(row.video_id)]
    for chunk in chunks([row.id for row in gone]):
        session.execute(update(OlderClip).where(OlderClip.id.in_(chunk)).values(fingerprint=None))
    for chunk in chunks([_key(f"{row.dataset}/{row.name}", row.sha256) for row in gone]):
        session.execute(delete(Item).where(Item.stage == NAME, Item.key.in_(chunk)))


def _save(session: Session, made: Sequence[tuple[OlderFile, bytes]]) -> None:
    for older, data in made:
        row = update(OlderClip).where(OlderClip.id == older.row)
        session.execute(row.values(fingerprint=data))


def note_dataset(session: Session, path: Path) -> OlderDataset:
    """Note the clips of another dataset, in place of what was noted under its name before.

    Raises:
        FormatError: There is nothing, or nothing that can be read.

    """
    dataset = path.resolve().name
    found = {row["name"]: row for row in some_rows(path, dataset)}
    there = {
        name: (row, sha256, file)
        for row, name, sha256, file in session.execute(
            select(OlderClip.id, OlderClip.name, OlderClip.sha256, OlderClip.file).where(
                OlderClip.dataset == dataset
            )
        )
    }
    stays = {
        name
        for name, (_, *known) in there.items()
        if name in found and known == [found[name]["sha256"], found[name]["file"]]
    }
    _delete(session, [row for name, (row, *_) in there.items() if name not in stays])
    if new := [row for name, row in found.items() if name not in stays]:
        session.execute(insert(OlderClip), new)
    num_files = sum(bool(row["file"]) for row in found.values())
    return OlderDataset(dataset, len(found), num_files)


def forget_dataset(session: Session, dataset: str) -> int:
    """Note nothing of a dataset any more, and return how many clips were.

    Raises:
        FormatError: No dataset of that name was noted.

    """
    ids = session.scalars(select(OlderClip.id).where(OlderClip.dataset == dataset)).all()
    if not ids:
        known = sorted(session.scalars(select(OlderClip.dataset).distinct()))
        raise FormatError(
            f"No dataset called {dataset!r} is held against. "
            + (f"There are: {', '.join(known)}." if known else "There is none.")
        )
    _delete(session, ids)
    return len(ids)


def _delete(session: Session, ids: Sequence[int]) -> None:
    for chunk in chunks(ids):
        session.execute(delete(OlderClip).where(OlderClip.id.in_(chunk)))


def some_rows(path: Path, dataset: str) -> list[dict[str, str]]:
    """Return what `older_rows` yields; raises FormatError where that is nothing, too."""
    found = list(older_rows(path, dataset))
    if not found:
        raise FormatError(f"{path} names no clips. Give a release's folder, or a list of ids.")
    return found


def older_rows(path: Path, dataset: str, splits: Collection[str] = ()) -> Iterator[dict[str, str]]:
    """Yield what is known of each clip of another dataset, by the columns of `older_clip`.

    Args:
        path: A release's folder, a file of rows, or a list of ids.
        dataset: What it is called.
        splits: Those of which rows are wanted, where rows say theirs; all without any.

    Raises:
        FormatError: There is nothing, or nothing that can be read.

    """
    if path.is_dir():
        yield from _of_release(path, dataset, splits)
    elif not path.exists():
        raise FormatError(f"{path} is not there. Give a release's folder, or a list of ids.")
    else:
        for video_id in _ids(path, splits):
            yield _row(dataset, video_id, video_id)


def _of_release(folder: Path, dataset: str, splits: Collection[str]) -> Iterator[dict[str, str]]:
    if (folder / FILMS).is_file():
        yield from _of_films(folder / FILMS, dataset, splits)
        return
    if (folder / MARKED_VIDEOS).is_file():
        yield from _of_marked(folder / MARKED_VIDEOS, dataset, splits)
        return
    if not (folder / MANIFEST).is_file():
        raise FormatError(
            f"{folder} holds no {MANIFEST}, {FILMS} or {MARKED_VIDEOS}, so it is no release of "
            "kbuild."
        )
    for clip in read_manifest(folder / MANIFEST):
        if splits and clip.split not in splits:
            continue
        file = (folder / clip.file).resolve()
        is_within = file.is_relative_to(folder.resolve()) and file.is_file()
        known = {"sha256": clip.sha256, "file": str(file)} if is_within else {}
        yield _row(dataset, clip.file, clip.youtube_id, **known)


def _of_films(path: Path, dataset: str, splits: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield the films of a release of films: whole, they are known by their ids alone."""
    for row in named_rows(path, ("video_id", "file", "split")):
        if not splits or row["split"] in splits:
            yield _row(dataset, row["file"], row["video_id"])


def _of_marked(path: Path, dataset: str, splits: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield the videos of a release of segments, which are no part of it, with their hashes."""
    for row in named_rows(path, ("video", "split", "sha256")):
        if not splits or row["split"] in splits:
            yield _row(dataset, row["video"], row["video"], sha256=row["sha256"])


def _row(dataset: str, name: str, video_id: str, **known: str) -> dict[str, str]:
    return {
        "dataset": dataset,
        "name": name,
        "video_id": video_id,
        "sha256": "",
        "file": "",
    } | known


def _listed_ids(path: Path) -> Iterator[str]:
    """Yield the ids of a list; a list of classes, or of anything else, is refused."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path}: not UTF-8 at offset {error.start}. Save it as UTF-8."
        ) from error
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        if not _ID.fullmatch(line):
            raise FormatError(
                f"{path}:{number}: expected the id of a video, one a line, found {line[:100]!r}. "
                "Name a list of ids; a file of rows, as train.csv, is read where its name ends in "
                ".csv or .json."
            )
        yield line


_ID = re.compile(r"[^\s,;|]+")


def _ids(path: Path, splits: Collection[str]) -> Iterator[str]:
    """Yield the videos of a file of rows, or of a list of one id a line (.txt)."""
    if path.suffix.lower() == ".txt":
        yield from _listed_ids(path)
        return
    released = find_released(path)
    for record in released.records(Problems(path)):
        split = getattr(record, "split", None)
        if not splits or split is None or split in splits:
            yield record.video_id
