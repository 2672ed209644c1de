"""Stage of AVA that a release asks for, cut: films -> the stretch that is annotated, as a file.

A film that is annotated whole is released as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kinetics_builder.config import CutConfig, settings_hash
from kinetics_builder.database.tables import FilmCut, Item, State
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.storage.storage import Storage
from kinetics_builder.video.cutting.method import METHOD
from kinetics_builder.workspace import Workspace
from pipelines.ava.annotated import AnnotatedFilm, annotated_films
from pipelines.files import plain_name
from pipelines.running.paging import in_one_page
from pipelines.running.stage import Promise, Stage, one_by_one
from pipelines.takedown.withholding import Outcome, withheld

if TYPE_CHECKING:
    from kinetics_builder.video.cutting.cut import ClipFileInfo

NAME = "ava cut"
FOLDER = "stretches"


@dataclass(frozen=True, slots=True)
class CutFilm:
    """The file that was made."""

    info: "ClipFileInfo"
    modified_ns: int
    """Time of its last change, Unix time in nanoseconds."""


def stage(workspace: Workspace) -> Stage[AnnotatedFilm, CutFilm]:
    """Return the stage: an item is a film of which a part is annotated.

    Reads `film`, `media`; writes `film_cut`, and files in `stretches/`.
    """
    config, limit = workspace.config.cut, workspace.config.films.timeout_seconds
    return Stage(
        name=NAME,
        needs="ava select",
        what="films of which a part is annotated",
        settings_hash=settings_hash(METHOD, *config.look),
        items=in_one_page(_items),
        work=partial(
            cut,
            storage=workspace.storage,
            folder=workspace.stretches.absolute(),
            config=replace(config, timeout_seconds=limit),
        ),
        save=one_by_one(_save),
        refuses=partial(withheld, storage=workspace.storage, told=_told),
        timeout_seconds=limit,
        forgets=True,
        writes=(workspace.stretches,),
        promises=in_one_page(_promises),
        after=partial(_sweep, folder=workspace.stretches),
    )


def stretches(session: Session) -> dict[int, AnnotatedFilm]:
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


def cut(film: AnnotatedFilm, *, storage: Storage, folder: Path, config: CutConfig) -> CutFilm:
    """Write a film's stretch into `folder` and return what it is.

    Raises ItemFailed as `cut_clip` does, and for a film that is not the file downloaded.
    """
    from kinetics_builder.video.cutting.cut import cut_clip

    target = folder / plain_name(f"{film.video_id}.mp4")
    source = storage.here(film.file, film.mark)
    with as_marked(source, film.mark):
        info = cut_clip(source, target, film.stretch, settings=config)
    return CutFilm(info, target.stat().st_mtime_ns)


def _items(session: Session) -> Sequence[tuple[str, AnnotatedFilm]]:
    return [(film.key, film) for film in annotated_films(session) if not film.is_whole]


def _promises(session: Session) -> Iterator[Promise]:
    keys = {film.row_id: key for key, film in _items(session)}
    for row in session.scalars(select(FilmCut)):
        if row.video_id in keys:
            mark = FileMark(row.bytes, row.sha256, row.modified_ns)
            yield Promise(keys[row.video_id], row.file, mark)


def _told(film: AnnotatedFilm, made: CutFilm | None) -> Outcome:
    return Outcome(film.video_id, () if made is None else (f"{FOLDER}/{film.video_id}.mp4",))


def _save(session: Session, film: AnnotatedFilm, made: CutFilm) -> None:
    session.merge(
        FilmCut(
            video_id=film.row_id,
            start_seconds=film.stretch.start,
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
