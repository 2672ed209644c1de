"""Stage of AVA that a release asks for, cut: films -> the stretch that is annotated, as a file.

A film that is annotated whole is released as it is.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kinetics_builder.ava.key_frames import SLACK
from kinetics_builder.config import CutConfig, settings_hash
from kinetics_builder.database.tables import Film, FilmCut, Item, Media, State, Video
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cut import METHOD, ClipFileInfo, cut_clip
from kinetics_builder.workspace import Workspace
from pipelines.files import plain_name
from pipelines.stage import Promise, Stage

NAME = "ava cut"
FOLDER = "stretches"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A film of which a part is annotated."""

    row_id: int
    video_id: str
    file: str
    """Path relative to the workspace."""
    mark: FileMark
    interval: Interval

    @property
    def key(self) -> str:
        """Return a key that changes with the file and with the stretch."""
        text = f"{self.mark.sha256} {self.interval.start:.3f} {self.interval.end:.3f}"
        return f"{self.video_id} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class CutFilm:
    """The file that was made."""

    info: ClipFileInfo
    modified_ns: int
    """Time of its last change, Unix time in nanoseconds."""


def stage(workspace: Workspace) -> Stage[Stretch, CutFilm]:
    """Return the stage: an item is a film of which a part is annotated.

    Reads `film`, `media`; writes `film_cut`, and files in `stretches/`.
    """
    config, limit = workspace.config.cut, workspace.config.films.timeout_seconds
    return Stage(
        name=NAME,
        needs="ava select",
        what="films of which a part is annotated",
        settings_hash=settings_hash(
            METHOD, config.crf, config.preset, config.short_side, config.keep_audio
        ),
        items=_items,
        work=partial(
            cut,
            root=workspace.root.absolute(),
            folder=workspace.stretches.absolute(),
            config=replace(config, timeout_seconds=limit),
        ),
        save=_save,
        timeout_seconds=limit,
        forgets=True,
        writes=(workspace.stretches,),
        promises=_promises,
        after=partial(_sweep, folder=workspace.stretches),
    )


def stretches(session: Session) -> dict[int, Stretch]:
    """Return the films of which a part is annotated, by the ids of their rows."""
    return {film.row_id: film for _, film in _items(session)}


def made_cuts(session: Session, settings: str) -> dict[int, FilmCut]:
    """Return the files of those that were cut under these settings, by the films' rows."""
    done = select(Item.key).where(
        Item.stage == NAME, Item.settings_hash == settings, Item.state == State.DONE
    )
    keys = set(session.scalars(done))
    films = {film.row_id for key, film in _items(session) if key in keys}
    return {row.video_id: row for row in session.scalars(select(FilmCut)) if row.video_id in films}


def cut(stretch: Stretch, *, root: Path, folder: Path, config: CutConfig) -> CutFilm:
    """Write a film's stretch into `folder` and return what it is.

    Raises ItemFailed as `cut_clip` does, and for a film that is not the file downloaded.
    """
    target = folder / plain_name(f"{stretch.video_id}.mp4")
    with as_marked(root / stretch.file, stretch.mark):
        info = cut_clip(root / stretch.file, target, stretch.interval, settings=config)
    return CutFilm(info, target.stat().st_mtime_ns)


def _items(session: Session) -> Sequence[tuple[str, Stretch]]:
    rows: Any = session.execute(
        select(
            Video.id,
            Video.video_id,
            Media.file,
            Media.bytes,
            Media.sha256,
            Media.modified_ns,
            Media.duration_seconds,
            Film.start_seconds,
            Film.end_seconds,
        )
        .join(Film, Film.video_id == Video.id)
        .join(Media, Media.video_id == Video.id)
        .order_by(Video.video_id)
    )
    slack = float(SLACK)
    films = [
        Stretch(row_id, name, file, FileMark(*mark), Interval(start, end))
        for row_id, name, file, *mark, seconds, start, end in rows
        if start > slack or end < seconds - slack
    ]
    return [(film.key, film) for film in films]


def _promises(session: Session) -> Iterator[Promise]:
    keys = {film.row_id: key for key, film in _items(session)}
    for row in session.scalars(select(FilmCut)):
        if row.video_id in keys:
            mark = FileMark(row.bytes, row.sha256, row.modified_ns)
            yield Promise(keys[row.video_id], row.file, mark)


def _save(session: Session, film: Stretch, made: CutFilm) -> None:
    session.merge(
        FilmCut(
            video_id=film.row_id,
            start_seconds=film.interval.start,
            duration_seconds=made.info.duration_seconds,
            file=f"{FOLDER}/{film.video_id}.mp4",
            bytes=made.info.bytes,
            sha256=made.info.sha256,
            modified_ns=made.modified_ns,
        )
    )


def _sweep(session: Session, *, folder: Path) -> None:
    """Forget films that are annotated whole by now, and remove files of none."""
    known = [film.row_id for _, film in _items(session)]
    session.execute(delete(FilmCut).where(FilmCut.video_id.not_in(known)))
    named = {Path(file).name for file in session.scalars(select(FilmCut.file))}
    for file in folder.iterdir():
        if file.name not in named:
            file.unlink(missing_ok=True)
