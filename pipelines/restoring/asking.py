"""Writing down what a released file names, so that the stages fetch and cut it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import (
    FilmHit,
    Item,
    Media,
    ReleasedFile,
    ReleasedStretch,
    State,
    Video,
)
from pipelines.restoring.counts import Counts, plain
from pipelines.restoring.parts import Parts
from pipelines.restoring.released import Released, Wanted
from pipelines.sources.sites import site_of
from pipelines.sources.spec import DEFAULT
from pipelines.takedown.marking import Known, mark

_FETCHING = ("download", "ava download")
"""Stages whose items are videos, by their names."""

GIVEN = "named by a released file"
"""The query of a film that a released file of key frames names."""


def ask(
    session: Session,
    released: Released,
    pages: Iterable[Wanted],
    extractors: tuple[str, ...] = (),
) -> None:
    """Make what is asked for of this file that which it names now; changes nothing twice.

    Clips go the way of `download`, films that of `ava download`, with the limits of each.

    Args:
        session: A writing session.
        released: The file.
        pages: What its rows name, some of them at a time.
        extractors: One's own, as `download.extractors` names them.

    """
    file = None if released.is_of_films else _begin(session, released)
    for page in pages:
        ids = _videos(session, page, extractors)
        if released.is_of_films:
            _add_films(session, list(ids.values()))
        elif file is not None:
            _add_stretches(session, file, page, ids)


def note_counts(session: Session, released: Released, counts: Counts, parts: Parts) -> None:
    """Write down what has become of a file's rows, for `kbuild status` and the report."""
    path = str(released.path.resolve())
    file = session.scalars(select(ReleasedFile).where(ReleasedFile.path == path)).one_or_none()
    file = file or ReleasedFile(path=path, version=released.version)
    by_class = {label: plain(found) for label, found in sorted(counts.by_class.items())}
    file.counts = {
        "rows": plain(counts.rows),
        "by_class": by_class,
        "parts": list(parts.lines()),
    }
    session.add(file)


def _begin(session: Session, released: Released) -> ReleasedFile | None:
    """Return the row of a file whose stretches are to be written; None if they stand there."""
    path, version = str(released.path.resolve()), released.version
    file = session.scalars(select(ReleasedFile).where(ReleasedFile.path == path)).one_or_none()
    if file is not None and file.version == version:
        return None
    file = file or ReleasedFile(path=path)
    file.version = version
    session.add(file)
    session.flush()
    session.execute(delete(ReleasedStretch).where(ReleasedStretch.file_id == file.id))
    return file


def _add_stretches(
    session: Session, file: ReleasedFile, page: Wanted, ids: Mapping[str, int]
) -> None:
    """Write the stretches of a page, but those that an earlier page named too."""
    columns = ReleasedStretch.video_id, ReleasedStretch.start_seconds, ReleasedStretch.end_seconds
    there: set[tuple[int, float | None, float | None]] = set()
    for chunk in chunks(sorted(ids.values())):
        known = select(*columns).where(ReleasedStretch.file_id == file.id)
        rows = session.execute(known.where(ReleasedStretch.video_id.in_(chunk)))
        there.update((video, start, end) for video, start, end in rows)
    stretches = sorted(page.stretches, key=lambda one: (one[0], one[1] or 0.0, one[2] or 0.0))
    new = [
        {"file_id": file.id, "video_id": ids[name], "start_seconds": start, "end_seconds": end}
        for name, start, end in stretches
        if (ids[name], start, end) not in there
    ]
    if new:
        session.execute(insert(_STRETCH), new)


def _videos(session: Session, wanted: Wanted, extractors: tuple[str, ...]) -> dict[str, int]:
    """Return the rows of the videos by their names, new ones for new videos.

    One that is not here yet is fetched from where it is said to lie now, but for one that another
    source has listed, as a folder of files.
    """
    names = sorted(wanted.addresses)
    ids: dict[str, int] = {}
    moved: list[str] = []
    for chunk in chunks(names):
        rows = session.execute(
            select(Video, Media.file)
            .outerjoin(Media, Media.video_id == Video.id)
            .where(Video.video_id.in_(chunk))
        )
        for video, file in rows:
            ids[video.video_id] = video.id
            address = wanted.addresses[video.video_id]
            if file is None and video.source == DEFAULT and video.url != address:
                video.url, video.site = address, site_of(address, extractors)
                moved.append(video.video_id)
    _ask_anew(session, moved)
    new = [
        {"video_id": name, "source": DEFAULT, "url": url, "title": ""}
        | {"site": site_of(url, extractors)}
        for name, url in sorted(wanted.addresses.items())
        if name not in ids
    ]
    if new:
        session.execute(insert(_VIDEO), new)
        for chunk in chunks([row["video_id"] for row in new]):
            made = select(Video.video_id, Video.id).where(Video.video_id.in_(chunk))
            ids.update({name: number for name, number in session.execute(made)})
    mark(session, [Known(ids[name], name, url) for name, url in wanted.addresses.items()])
    return ids


def _ask_anew(session: Session, names: list[str]) -> None:
    """Forget what failed of videos at the address where they were said to lie before."""
    for chunk in chunks(names):
        failed = Item.stage.in_(_FETCHING), Item.key.in_(chunk), Item.state == State.FAILED
        session.execute(delete(Item).where(*failed))


def _add_films(session: Session, ids: list[int]) -> None:
    there: set[int] = set()
    for chunk in chunks(ids):
        known = select(FilmHit.video_id).where(FilmHit.query == GIVEN)
        there.update(session.scalars(known.where(FilmHit.video_id.in_(chunk))))
    new = [{"video_id": one, "query": GIVEN, "rank": 0} for one in ids if one not in there]
    if new:
        session.execute(insert(_FILM), new)


_STRETCH: Any = ReleasedStretch.__table__
_VIDEO: Any = Video.__table__
_FILM: Any = FilmHit.__table__
