"""Stage 2 of AVA, download: listed videos -> film files that were looked into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.config import DownloadConfig, settings_hash
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import FilmHit, Media, Video
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark
from kinetics_builder.storage.storage import Storage
from kinetics_builder.workspace import Workspace
from pipelines.collecting.download import (
    VIDEO,
    Downloaded,
    Wanted,
    bounds_of,
    chosen,
    clean,
    download,
    prepare,
    refused_pictures,
    save,
    site_asked,
    told,
    wanted_of,
)
from pipelines.collecting.sites import sites_hold
from pipelines.running.pace.rates import Rates
from pipelines.running.paging import in_one_page
from pipelines.running.stage import Promise, Stage, one_by_one
from pipelines.sources.source import Refused
from pipelines.sources.web.options import require_ready
from pipelines.takedown.marking import refused_uploaders
from pipelines.takedown.withholding import Outcome, withheld


@dataclass(frozen=True, slots=True)
class WantedFilm:
    """A film to fetch."""

    video: Wanted
    listed_seconds: float | None
    """How long the source says it is; None where it does not say."""


def stage(workspace: Workspace) -> Stage[WantedFilm, Downloaded]:
    """Return the stage: an item is a listed video.

    Reads `film_hit`, `video`; writes `media`, and files in `media/`. What is listed as too
    short is not fetched.
    """
    films = workspace.config.films
    config = replace(
        workspace.config.download,
        max_duration_seconds=films.max_hours * 3600,
        max_megabytes=films.max_megabytes,
        timeout_seconds=films.timeout_seconds,
    )
    with reading(workspace.engine) as session:
        is_noted = sites_hold(session, config.extractors)
        refused = refused_uploaders(session)
    made = Stage(
        name="ava download",
        forgets=True,
        needs="ava search",
        what="listed films",
        settings_hash=settings_hash(
            films.min_minutes,
            config.max_duration_seconds,
            config.max_megabytes,
            config.max_height,
            *chosen(config),
            *refused_pictures(config),
        ),
        items=in_one_page(partial(_items, is_noted=is_noted)),
        work=partial(
            fetch,
            storage=workspace.storage,
            config=config,
            min_minutes=films.min_minutes,
            min_free_bytes=workspace.config.run.min_free_bytes,
            refused=refused,
        ),
        save=one_by_one(_save),
        refuses=partial(withheld, storage=workspace.storage, told=_told),
        timeout_seconds=config.timeout_seconds,
        attempts=config.attempts,
        rate_limit_seconds=config.rate_limit_seconds,
        site=partial(_site, extractors=config.extractors),
        rates=Rates.of(config),
        ready=partial(require_ready, config),
        writes=(workspace.storage.place("media"),),
        promises=in_one_page(_promises),
        after=partial(clean, storage=workspace.storage),
    )
    rest = settings_hash(films.min_minutes, config.max_height, *chosen(config))
    return replace(made, before=partial(prepare, workspace, made, bounds_of(config, rest)))


def fetch(
    film: WantedFilm,
    *,
    storage: Storage,
    config: DownloadConfig,
    min_minutes: float,
    min_free_bytes: int = 0,
    refused: Refused = (),
) -> Downloaded:
    """Fetch a film into `media` as `download` does; ItemFailed(TOO_SHORT) for a short one."""
    listed = None if film.video.taken_down else film.listed_seconds
    if listed is not None and listed < min_minutes * 60:
        raise too_short(listed, min_minutes)
    return download(
        film.video, storage=storage, config=config, min_free_bytes=min_free_bytes, refused=refused
    )


def too_short(seconds: float, min_minutes: float) -> ItemFailed:
    """Return the failure of a film that is shorter than the settings ask."""
    return ItemFailed(
        Reason.TOO_SHORT,
        f"lasts {seconds:.1f} s, and films.min_minutes in kbuild.toml asks for "
        f"{min_minutes * 60:.0f} s",
    )


def _site(film: WantedFilm, *, extractors: tuple[str, ...]) -> str:
    return site_asked(film.video, extractors=extractors)


def _items(session: Session, *, is_noted: bool) -> Sequence[tuple[str, WantedFilm]]:
    is_listed = Video.id.in_(select(FilmHit.video_id))
    lengths = select(Video.video_id, Video.listed_duration_seconds).where(is_listed)
    seconds = {name: length for name, length in session.execute(lengths)}
    videos = VIDEO.where(is_listed).order_by(Video.video_id)
    films = wanted_of(session, videos, is_noted=is_noted)
    return [(film.video_id, WantedFilm(film, seconds[film.video_id])) for film in films]


def _promises(session: Session) -> Iterator[Promise]:
    listed = select(FilmHit.video_id)
    for video_id, media in session.execute(
        select(Video.video_id, Media)
        .join(Media, Media.video_id == Video.id)
        .where(Video.id.in_(listed))
    ):
        yield Promise(video_id, media.file, FileMark(media.bytes, media.sha256, media.modified_ns))


def _told(film: WantedFilm, result: Downloaded | None) -> Outcome:
    return told(film.video, result)


def _save(session: Session, film: WantedFilm, result: Downloaded) -> None:
    save(session, film.video, result)
