"""The films of a release, and the files that show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Film, FilmCut, KeyFrame, Media, Video
from kinetics_builder.formats.names import parse_file_name
from kinetics_builder.text.foreign import one_line
from kinetics_builder.text.masking import public_addresses
from kinetics_builder.workspace import Workspace
from pipelines.ava.cut import NAME, made_cuts, stretches
from pipelines.running.reports import Reporter
from pipelines.running.runner import run_stage
from pipelines.sources.folder import file_of
from pipelines.stages import build_stage


class FilmsAs(StrEnum):
    """What a release has of its films."""

    WHOLE = "whole"
    STRETCHES = "stretches"
    """The annotated stretch of each."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFile:
    """A film, and the file that shows it."""

    row_id: int
    video_id: str
    file: str | None
    """Path relative to the workspace; None where it was lost, or could not be cut."""
    sha256: str | None
    content: str
    """What films that show the same have in common."""
    licence: str
    url: str
    """Of its page of the web; empty for one that came as a file."""
    duration_seconds: float
    """Of the whole film."""
    begins_seconds: float = 0.0
    """Where the file begins in the film."""
    clip_of: tuple[str, float] | None
    """Where the film is a clip and its name says so: of which video, and where it begins there."""

    @property
    def name(self) -> str:
        """What the file is called in a release."""
        return f"{self.video_id}{PurePath(self.file or '_.mp4').suffix}"


def cut_films(workspace: Workspace, reporter: Reporter | None = None) -> None:
    """Cut the annotated stretch out of each film of which a part is annotated."""
    with reading(workspace.engine) as session:
        is_needed = bool(stretches(session))
    if is_needed:
        run_stage(workspace, build_stage(NAME, workspace), reporter=reporter)


def films_of(session: Session, workspace: Workspace, kind: FilmsAs) -> list[FilmFile]:
    """Return the films with key frames that are wanted, by their ids."""
    films = _whole(session)
    if kind is not FilmsAs.STRETCHES:
        return films
    settings = build_stage(NAME, workspace).settings_hash
    parts, cuts = stretches(session), made_cuts(session, settings)
    return [_as_cut(film, cuts) if film.row_id in parts else film for film in films]


def _as_cut(film: FilmFile, cuts: Mapping[int, FilmCut]) -> FilmFile:
    made = cuts.get(film.row_id)
    if made is None:
        return replace(film, file=None, sha256=None)
    return replace(film, file=made.file, sha256=made.sha256, begins_seconds=made.start_seconds)


def _whole(session: Session) -> list[FilmFile]:
    has_frames = exists(KeyFrame.id).where(
        KeyFrame.video_id == Video.id, KeyFrame.is_withdrawn.is_(False)
    )
    rows: Iterable[Any] = session.execute(
        select(
            Video.id,
            Video.video_id,
            Video.source,
            Video.url,
            Media.file,
            Media.sha256,
            Media.licence,
            func.coalesce(Media.duration_seconds, Film.end_seconds),
        )
        .join(Film, Film.video_id == Video.id)
        .outerjoin(Media, Media.video_id == Video.id)
        .where(has_frames)
        .order_by(Video.video_id)
    )
    return [
        FilmFile(
            row_id=row_id,
            video_id=video_id,
            file=file,
            sha256=sha256,
            content=sha256 or video_id,
            licence=one_line(licence) or "",
            url=public_addresses([url])[0],
            duration_seconds=seconds,
            clip_of=clip_of(source, url),
        )
        for row_id, video_id, source, url, file, sha256, licence, seconds in rows
    ]


def clip_of(source: str, url: str) -> tuple[str, float] | None:
    """Return what a clip's name says, as ID_000007_000017.mp4; None for another name."""
    if not source.startswith("folder:"):
        return None
    told = parse_file_name(Path(file_of(url)).stem)
    return None if told.start is None else (told.video_id, told.start)
