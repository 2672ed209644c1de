"""Stage 3, download: candidates -> video files that were looked into."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    SelectBase,
    delete,
    false,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from kinetics_builder.config import DownloadConfig, settings_hash
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    Candidate,
    FilmHit,
    Media,
    PartialMedia,
    PartialStretch,
    ReleasedStretch,
    Takedown,
    TakenVideo,
    Video,
)
from kinetics_builder.errors import RETRYABLE, ItemFailed, Reason
from kinetics_builder.files import FileMark
from kinetics_builder.intervals import Interval
from kinetics_builder.storage.storage import Storage
from kinetics_builder.text.licences import is_allowed
from kinetics_builder.workspace import Workspace
from pipelines.collecting.addresses import ask_where_allowed
from pipelines.collecting.classes import with_licences
from pipelines.collecting.limits import Bounds, has_large_picture, keep_within
from pipelines.collecting.sites import sites_hold
from pipelines.collecting.stretches import fetch_what_is_missing, wanted_stretches
from pipelines.files import plain_name, publish_file
from pipelines.running.pace.rates import Rates
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Promise, Stage, one_by_one
from pipelines.sources.sites import site_of
from pipelines.sources.source import Fetched, Limits, Refused
from pipelines.sources.spec import open_source
from pipelines.sources.web.options import require_ready
from pipelines.takedown.marking import refused_uploaders, taken_down
from pipelines.takedown.withholding import Outcome, withheld

if TYPE_CHECKING:
    from kinetics_builder.video.reading.probe import VideoInfo

_FILES: tuple[type[Media] | type[PartialMedia], ...] = (Media, PartialMedia)
VIDEO = select(Video.video_id, Video.url, Video.source, Video.site, taken_down())
_UNFINISHED = ".part"
_PARTIAL = ".stretches"
"""In the name of a file of which stretches alone are here."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A video to fetch."""

    video_id: str
    url: str
    source: str
    """The `--source` that listed it."""
    noted_site: str | None
    """Who is asked, empty for nobody; None where that is not noted."""
    taken_down: str | None = None
    """When and why it was taken down; None if it was not."""
    stretches: tuple[Interval, ...] = ()
    """Those that are wanted of it; empty for all."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A video file in its place."""

    file: str
    """Name in the workspace's folder of media."""
    mark: FileMark
    info: "VideoInfo"
    fetched: Fetched


def stage(workspace: Workspace) -> Stage[Wanted, Downloaded]:
    """Return the stage: an item is a video with a candidate, or that a released file names.

    Reads `candidate`, `released_stretch`, `video`; writes `media`, and files in `media/`.
    """
    with reading(workspace.engine) as session:
        config = with_licences(session, workspace.config.download)
        is_noted = sites_hold(session, config.extractors)
        refused = refused_uploaders(session)
    made = Stage(
        name="download",
        forgets=True,
        needs="match",
        what="candidates",
        settings_hash=settings_hash(
            config.max_duration_seconds,
            config.max_megabytes,
            config.max_height,
            *chosen(config),
            *refused_pictures(config),
        ),
        listed=_noted_sites,
        items=partial(_items, is_noted=is_noted),
        paging=Paging(
            Video.video_id,
            reads=(Video, Candidate, FilmHit, ReleasedStretch, Takedown, TakenVideo),
        ),
        work=partial(
            download,
            storage=workspace.storage,
            config=config,
            min_free_bytes=workspace.config.run.min_free_bytes,
            refused=refused,
        ),
        save=one_by_one(save),
        refuses=partial(withheld, storage=workspace.storage, told=told),
        unsave=partial(give_up, licences=config.licences, max_height=config.refuse_above_height),
        timeout_seconds=config.timeout_seconds,
        attempts=config.attempts,
        rate_limit_seconds=config.rate_limit_seconds,
        site=partial(site_asked, extractors=config.extractors),
        noted_sites=_noted_sites if is_noted else None,
        rates=Rates.of(config),
        ready=partial(require_ready, config),
        writes=(workspace.storage.place("media"),),
        promises=_promises,
        marks=_marks,
        after=partial(clean, storage=workspace.storage),
    )
    rest = settings_hash(config.max_height, *chosen(config))
    return replace(made, before=partial(prepare, workspace, made, bounds_of(config, rest)))


def prepare(workspace: Workspace, stage: Stage[Any, Any], bounds: Bounds) -> None:
    """Let rows of a stage that downloads count, or be done anew, as other settings ask."""
    keep_within(workspace, stage, bounds)
    fetch_what_is_missing(workspace, stage)
    ask_where_allowed(workspace, stage)


def bounds_of(config: DownloadConfig, rest: str) -> Bounds:
    """Return the limits that settings name; `rest` is made of what else says which file comes."""
    return Bounds(
        config.max_duration_seconds, config.max_megabytes * 1e6, rest, config.refuse_above_height
    )


def refused_pictures(config: DownloadConfig) -> list[object]:
    """Return what says which pictures never come; nothing where all may."""
    height = config.refuse_above_height
    return [f"pictures above {height} are refused"] if height else []


def chosen(config: DownloadConfig) -> list[object]:
    """Return what else says which file is fetched; nothing where all is as it was before."""
    formats: list[object] = [config.format, list(config.format_sort)]
    licences = [f"licences: {' '.join(sorted(config.licences))}"] if config.licences else []
    return [*(formats if any(formats) else []), *licences]


def download(
    wanted: Wanted,
    *,
    storage: Storage,
    config: DownloadConfig,
    min_free_bytes: int = 0,
    refused: Refused = (),
) -> Downloaded:
    """Fetch a video into `media/`, look into it, and return what it is.

    Raises:
        ItemFailed: It cannot be had or is no usable video; an earlier try's part is kept
            where a later one can go on with it.

    """
    if wanted.taken_down is not None:
        raise ItemFailed(Reason.TAKEN_DOWN, f"taken down on {wanted.taken_down}")
    media = storage.folder("media")
    folder = media / _UNFINISHED / plain_name(wanted.video_id)
    folder.mkdir(parents=True, exist_ok=True)
    limits = Limits(
        max_duration_seconds=config.max_duration_seconds,
        max_bytes=int(config.max_megabytes * 1e6),
        licences=config.licences,
        max_height=config.refuse_above_height,
        min_free_bytes=min_free_bytes,
        refused=refused,
        stretches=wanted.stretches if _takes_parts(storage, config) else (),
    )
    try:
        fetched = open_source(wanted.source, config).fetch(wanted.url, folder, limits)
        limits.check_licence(fetched.licence)
        limits.check_uploader(fetched.uploader)
        info = _looked_into(fetched.file, limits)
        name = (
            f"{wanted.video_id}{_PARTIAL if fetched.sections else ''}{fetched.file.suffix.lower()}"
        )
        mark = FileMark.of(fetched.file)
        publish_file(fetched.file, media / name)
        mark = replace(mark, modified_ns=storage.publish(f"media/{name}"))
    except ItemFailed as failure:
        if failure.reason not in RETRYABLE:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return Downloaded(name, mark, info, fetched)


def _takes_parts(storage: Storage, config: DownloadConfig) -> bool:
    """Say whether files with holes may come: a store of objects would be sent the holes, too."""
    return config.sections == "auto" and isinstance(storage.place("media"), Path)


def _looked_into(file: Path, limits: Limits) -> "VideoInfo":
    from kinetics_builder.video.reading.probe import probe

    if (size := file.stat().st_size) > limits.max_bytes:
        raise ItemFailed(
            Reason.TOO_LARGE,
            f"is {size / 1e6:.0f} MB large, allowed are {limits.max_bytes / 1e6:.0f} MB",
        )
    info = probe(file)
    if info.duration_seconds > limits.max_duration_seconds:
        raise ItemFailed(
            Reason.TOO_LONG,
            f"lasts {info.duration_seconds:.0f} s, allowed are {limits.max_duration_seconds:.0f} s",
        )
    limits.check_picture(info.width, info.height)
    return info


def _is_wanted() -> ColumnElement[bool]:
    candidate = select(Candidate.id).where(Candidate.video_id == Video.id)
    released = select(ReleasedStretch.id).where(ReleasedStretch.video_id == Video.id)
    return or_(candidate.exists(), released.exists())


def site_asked(wanted: Wanted, *, extractors: tuple[str, ...]) -> str:
    """Return the site that a video is asked of."""
    noted = wanted.noted_site if wanted.taken_down is None else ""
    return site_of(wanted.url, extractors) if noted is None else noted


def wanted_of(session: Session, videos: Executable, *, is_noted: bool) -> list[Wanted]:
    """Return what rows of the columns `VIDEO` ask for; `is_noted`: their sites hold."""
    return [
        Wanted(name, url, source, site if is_noted else None, taken)
        for name, url, source, site, taken in session.execute(videos)
    ]


def _items(session: Session, page: Page, *, is_noted: bool) -> Sequence[tuple[str, Wanted]]:
    videos = VIDEO.where(_is_wanted(), page.holds(Video.video_id)).order_by(Video.video_id)
    stretches = wanted_stretches(session, page)
    return [
        (one.video_id, replace(one, stretches=stretches.get(one.video_id, ())))
        for one in wanted_of(session, videos, is_noted=is_noted)
    ]


def _noted_sites() -> SelectBase:
    return select(Video.video_id, Video.site).where(_is_wanted())


def _marks(page: Page) -> Executable:
    return union_all(
        *(
            select(table.file, table.bytes, table.modified_ns)
            .join(Video, Video.id == table.video_id)
            .where(page.holds(Video.video_id))
            for table in _FILES
        )
    )


def _promises(session: Session, page: Page) -> Iterator[Promise]:
    is_film = select(FilmHit.video_id).where(FilmHit.video_id == Video.id).exists()
    for table in _FILES:
        for video_id, file, num_bytes, sha256, modified_ns in session.execute(
            select(Video.video_id, table.file, table.bytes, table.sha256, table.modified_ns)
            .join(table, table.video_id == Video.id)
            .where(or_(_is_wanted(), ~is_film), page.holds(Video.video_id))
        ):
            yield Promise(video_id, file, FileMark(num_bytes, sha256, modified_ns))


def save(session: Session, wanted: Wanted, result: Downloaded) -> None:
    """Write down a video's file: the whole, or one with holes."""
    video = session.scalars(select(Video).where(Video.video_id == wanted.video_id)).one()
    session.execute(delete(PartialStretch).where(PartialStretch.video_id == video.id))
    sections = result.fetched.sections
    other = PartialMedia if sections is None else Media
    session.execute(delete(other).where(other.video_id == video.id))
    if sections is None:
        session.merge(Media(whole_because=result.fetched.whole_because, **_columns(video, result)))
        return
    session.merge(PartialMedia(num_fetched_bytes=sections.num_bytes, **_columns(video, result)))
    for start, end in sections.stretches:
        session.add(PartialStretch(video_id=video.id, start_seconds=start, end_seconds=end))
    session.flush()


def _columns(video: Video, result: Downloaded) -> dict[str, Any]:
    """Return what a row of `VideoFile` says of a video's file."""
    info, fetched = result.info, result.fetched
    return {
        "video_id": video.id,
        "file": f"media/{result.file}",
        "bytes": result.mark.bytes,
        "sha256": result.mark.sha256,
        "modified_ns": result.mark.modified_ns,
        "duration_seconds": info.duration_seconds,
        "width": info.width,
        "height": info.height,
        "frames_per_second": info.frames_per_second,
        "has_audio": info.has_audio,
        "codec": info.codec[:40],
        "uploader": fetched.uploader,
        "licence": fetched.licence or video.listed_licence,
        "upload_date": fetched.upload_date,
        "language": fetched.language and fetched.language[:20],
        "country": fetched.country and fetched.country[:60],
    }


def told(wanted: Wanted, result: Downloaded | None) -> Outcome:
    """Say of what video a file came, for the takedown list."""
    if result is None:
        return Outcome(wanted.video_id, ())
    return Outcome(wanted.video_id, (f"media/{result.file}",), result.fetched.uploader)


def give_up(
    session: Session, videos: Sequence[Wanted], *, licences: Sequence[str], max_height: int = 0
) -> None:
    """Forget the files of videos that failed now and whose licence or picture is not let through.

    What an earlier run fetched under other settings would else go on to the later stages.
    """
    if not licences and not max_height:
        return
    names = chunks([video.video_id for video in videos])
    for chunk, table in product(names, _FILES):
        is_large = has_large_picture(table, max_height) if max_height else false()
        rows = session.execute(
            select(table, table.licence, is_large)
            .join(Video, Video.id == table.video_id)
            .where(Video.video_id.in_(chunk))
        )
        for media, licence, is_refused in rows.all():
            if is_refused or not is_allowed(licence, licences):
                session.delete(media)
    session.flush()


def clean(session: Session, *, storage: Storage) -> None:
    """Remove the folder of unfinished downloads once it is empty, and unfinished copies."""
    storage.remove_parts("media")
    folder = storage.folder("media") / _UNFINISHED
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
