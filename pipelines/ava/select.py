"""Stage 3 of AVA, select: films that were fetched -> the stretch of each that is annotated."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select as query
from sqlalchemy.orm import Session

from kinetics_builder.ava.key_frames import annotated_stretch
from kinetics_builder.ava.settings import FilmsConfig
from kinetics_builder.config import settings_hash
from kinetics_builder.database.tables import Film, FilmHit, Item, Media, State, Video
from kinetics_builder.intervals import Interval
from kinetics_builder.workspace import Workspace
from pipelines.ava.download import too_short
from pipelines.running.paging import in_one_page
from pipelines.running.stage import Stage, one_by_one
from pipelines.takedown.withholding import withheld, without_files


@dataclass(frozen=True, slots=True)
class FetchedFilm:
    """A film's file."""

    row_id: int
    video_id: str
    sha256: str
    duration_seconds: float

    @property
    def key(self) -> str:
        """Return a key that changes with the file."""
        return f"{self.video_id} {self.sha256[:16]}"


def stage(workspace: Workspace) -> Stage[FetchedFilm, Interval]:
    """Return the stage: an item is a film's file.

    Reads `film_hit`, `media`; writes `film`. A film that is not taken fails with the reason.
    """
    config = workspace.config.films
    fingerprint = settings_hash(config.min_minutes, config.start_minute, config.end_minute)
    return Stage(
        name="ava select",
        needs="ava download",
        what="films that were fetched",
        settings_hash=fingerprint,
        items=in_one_page(_items),
        work=partial(select, config=config),
        save=one_by_one(_save),
        refuses=partial(withheld, storage=workspace.storage, told=without_files),
        in_children=False,
        forgets=True,
        after=partial(_remove_others, fingerprint=fingerprint),
    )


def select(film: FetchedFilm, *, config: FilmsConfig) -> Interval:
    """Return the stretch of a film that is annotated; ItemFailed(TOO_SHORT) for a short film."""
    if film.duration_seconds < config.min_minutes * 60:
        raise too_short(film.duration_seconds, config.min_minutes)
    return annotated_stretch(film.duration_seconds, config)


def _items(session: Session) -> Sequence[tuple[str, FetchedFilm]]:
    rows = session.execute(
        query(Video.id, Video.video_id, Media.sha256, Media.duration_seconds)
        .join(Media, Media.video_id == Video.id)
        .where(Video.id.in_(query(FilmHit.video_id)))
        .order_by(Video.video_id)
    )
    return [(film.key, film) for film in (FetchedFilm(*row) for row in rows)]


def _save(session: Session, film: FetchedFilm, stretch: Interval) -> None:
    session.merge(Film(video_id=film.row_id, start_seconds=stretch.start, end_seconds=stretch.end))


def _remove_others(session: Session, *, fingerprint: str) -> None:
    """Remove the films that are not taken any more; their key frames follow at the next stage."""
    done = set(
        session.scalars(
            query(Item.key).where(
                Item.stage == "ava select",
                Item.settings_hash == fingerprint,
                Item.state == State.DONE,
            )
        )
    )
    taken = {film.row_id for key, film in _items(session) if key in done}
    for film in session.scalars(query(Film)).all():
        if film.video_id not in taken:
            session.delete(film)
