"""Which row a listed video has: its own, also where another place gave its videos equal ids."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import Video
from pipelines.sources.folder import file_of
from pipelines.sources.sites import site_of
from pipelines.sources.source import Found
from pipelines.takedown.marking import Known, mark


def add_listed(
    session: Session, listed: Sequence[Found], spec: str, extractors: tuple[str, ...] = ()
) -> list[Video]:
    """Store what the source `spec` lists, and return the rows in their order (`rows_for`).

    Args:
        session: A writing session.
        listed: What the source lists.
        spec: As `--source` has it.
        extractors: One's own, as `download.extractors` names them.

    """
    rows = rows_for(session, listed)
    for found, row in zip(listed, rows, strict=True):
        row.source, row.title = spec[:200], found.title
        row.site = site_of(found.url, extractors)
        row.listed_duration_seconds = found.duration_seconds
        row.listed_licence = found.licence or row.listed_licence
        row.listed_tags = list(found.tags) or row.listed_tags
        row.listed_description = found.description or row.listed_description
        row.thumbnail = found.thumbnail or row.thumbnail
        session.add(row)
    session.flush()
    pairs = zip(rows, listed, strict=True)
    mark(session, [Known(row.id, row.video_id, row.url, found.uploader) for row, found in pairs])
    return rows


def rows_for(session: Session, listed: Sequence[Found]) -> list[Video]:
    """Return the rows of listed videos, new ones for new videos, in their order.

    A row that holds another video than the listed one is left as it is, and the listed one
    takes its `other_id`. A row that an older `kbuild` made for the same address stays its row.
    """
    known = {video.video_id: video for video in _known(session, listed)}
    rows = []
    for found in listed:
        name = _name(found, known)
        rows.append(known.setdefault(name, Video(video_id=name)))
        rows[-1].url = found.url
    return rows


def _name(found: Found, known: dict[str, Video]) -> str:
    former = known.get(found.former_id or "")
    if found.video_id not in known and former is not None and former.url == found.url:
        return former.video_id
    row = known.get(found.video_id)
    if row is not None and found.other_id is not None and _is_another(row, found):
        return found.other_id
    return found.video_id


def _is_another(row: Video, found: Found) -> bool:
    """Say whether a row with an id that files of many folders may have is another file's.

    A file that was moved is the same one: it is gone from its old place, and as large as it was.
    """
    if row.url == found.url:
        return False
    if file_of(row.url).exists():
        return True
    return row.media is not None and row.media.bytes != file_of(found.url).stat().st_size


def _known(session: Session, listed: Sequence[Found]) -> Iterator[Video]:
    wanted = {n for f in listed for n in (f.video_id, f.other_id, f.former_id) if n is not None}
    for names in chunks(sorted(wanted)):
        yield from session.scalars(
            select(Video).where(Video.video_id.in_(names)).options(joinedload(Video.media))
        )
