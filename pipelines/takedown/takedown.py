"""Verb `takedown`: a list of what was asked to be taken down -> out of this workspace."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import LiftedTakedown, Release, Takedown, TakenVideo, Video
from kinetics_builder.errors import KbuildError
from kinetics_builder.text.takedowns import ADDRESS, Entry, entry_key, read_takedowns
from kinetics_builder.workspace import Workspace
from pipelines.publishing.folders.errata import add_taken
from pipelines.publishing.folders.handing_over import SIGNATURE
from pipelines.publishing.folders.replacing import bring_back
from pipelines.publishing.kinds import kind_of
from pipelines.sources.ids import GENERIC, OF_PAGES, web_id
from pipelines.takedown.clearing import clear, releases_with
from pipelines.takedown.marking import Takedowns, mark_all, standing
from pipelines.takedown.removing import remove_taken

_OF_PLAYLIST = "list"
"""The parameter by which an address of a video names a list that it stands in."""


@dataclass(frozen=True)
class TakedownReport:
    """What is on the list, and what was taken out because of it."""

    num_entries: int
    """Of the file."""
    num_new: int
    """Of them that were not recorded before."""
    num_videos: int
    """Of this workspace that are on the whole list."""
    num_files: int
    """Removed now."""
    num_lifted: int
    """Entries of the file that were lifted: they stand no more, until they are asked for anew."""
    releases: tuple[str, ...]
    """Those that hold or name them still."""
    remakes: tuple[str, ...]
    """Of each of these, the commands that make one without them."""
    num_errata: int
    """Clips and films that an erratum beside one of these names since now."""
    unsigned: tuple[str, ...]
    """Those that were rewritten, and whose signatures went: they were of other checksums."""
    failures: tuple[tuple[str, str], ...]
    """Of these, those that could not be told of it, or rewritten, each with the reason."""


def takedown(workspace: Workspace, path: Path, *, rewrites: bool = False) -> TakedownReport:
    """Record the entries of a list, and take out what this workspace holds of them.

    Everything on the list is taken out anew, so that the same command finishes what a kill
    broke off. Writes `takedown`, `taken_video`; what people said stays.

    Args:
        workspace: Where.
        path: The list.
        rewrites: Put releases without them in the place of those that hold them.

    Raises:
        FormatError: The file is no takedown list; nothing was changed.

    A release that cannot be told or rewritten is a failure of the report, and the others go on.

    """
    entries = read_takedowns(path)
    ids = {entry.name: _id_in(entry.name) for entry in entries if entry.kind == ADDRESS}
    with writing(workspace.engine) as session:
        num_new, num_lifted = _record(session, entries, ids)
        mark_all(session)
        files = remove_taken(session)
        takedowns = Takedowns.of(session)
        marked = select(Video.video_id).join(TakenVideo, TakenVideo.video_id == Video.id)
        names = {*session.scalars(marked), *takedowns.by_id}
        num_videos = session.scalar(select(func.count()).select_from(TakenVideo)) or 0
    num_files = clear(workspace, files, names, takedowns)
    bring_back(workspace.releases)
    releases = list(releases_with(workspace.releases, names))
    signed = [name for name, _ in releases if (workspace.releases / name / SIGNATURE).is_file()]
    num_errata, failures = _tell_releases(
        workspace, [name for name, _ in releases], rewrites=rewrites
    )
    if rewrites:
        releases = list(releases_with(workspace.releases, names))
    return TakedownReport(
        num_entries=len(entries),
        num_new=num_new,
        num_videos=num_videos,
        num_files=num_files,
        num_lifted=num_lifted,
        releases=tuple(name for name, _ in releases),
        remakes=tuple(how for _, how in releases),
        num_errata=num_errata,
        unsigned=tuple(
            name for name in signed if not (workspace.releases / name / SIGNATURE).is_file()
        ),
        failures=tuple(sorted(failures.items())),
    )


def _tell_releases(
    workspace: Workspace, names: Sequence[str], *, rewrites: bool
) -> tuple[int, dict[str, str]]:
    """Write beside our releases what of them was taken down, and rewrite them if asked.

    Returns how many rows are new, and why a release could not be told or rewritten, by its name.
    """
    with reading(workspace.engine) as session:
        ours = set(session.scalars(select(Release.name)))
        rows = session.execute(
            select(Video.video_id, Takedown.on_date, Takedown.reason)
            .join(TakenVideo, TakenVideo.video_id == Video.id)
            .join(Takedown, Takedown.id == TakenVideo.takedown_id)
        )
        taken = {video: (on_date, reason) for video, on_date, reason in rows}
    folders = [workspace.releases / name for name in names if name in ours]
    known = [(kind, folder) for folder in folders if (kind := kind_of(folder)) is not None]
    number, failures = 0, dict[str, str]()
    for kind, folder in known:
        with _noting(failures, folder.name):
            number += add_taken(folder, kind.places(folder), taken)
    for kind, folder in known if rewrites else ():
        with _noting(failures, folder.name):
            kind.rewrite(workspace, folder, taken)
    return number, failures


@contextmanager
def _noting(failures: dict[str, str], name: str) -> Iterator[None]:
    """Note why the block failed with a release, and go on with the others."""
    try:
        yield
    except KbuildError as error:
        failures.setdefault(name, str(error))


def _record(
    session: Session, entries: Sequence[Entry], ids: dict[str, str | None]
) -> tuple[int, int]:
    """Add the entries that are new, and return how many, and how many of the others were lifted.

    A lifted entry comes back by a line of another date or reason: that was asked for anew.
    """
    known = {_key(row) for row in session.scalars(standing())}
    is_lifted = Takedown.id.in_(select(LiftedTakedown.takedown_id))
    rows = session.scalars(select(Takedown).where(is_lifted))
    lifted = {(*_key(row), row.on_date, row.reason) for row in rows}
    left = [one for one in entries if _key(one) not in known]
    new = [one for one in left if (*_key(one), one.on_date, one.reason) not in lifted]
    session.add_all(
        Takedown(
            kind=entry.kind,
            name=entry.name,
            video_id=ids.get(entry.name),
            on_date=entry.on_date,
            reason=entry.reason,
        )
        for entry in new
    )
    session.flush()
    return len(new), len(left) - len(new)


def _key(entry: Entry | Takedown) -> tuple[str, str]:
    return entry.kind, entry_key(entry.kind, entry.name)


def _id_in(address: str) -> str | None:
    """Return the id of the video that an address names, whatever way it is written."""
    from pipelines.sources.web.options import Options
    from pipelines.sources.web.ytdlp import instance

    alone = urlsplit(address)
    query = [pair for pair in parse_qsl(alone.query) if pair[0] != _OF_PLAYLIST]
    alone = alone._replace(query=urlencode(query))
    key, name = instance(Options())._extractor_of(alone.geturl())
    return web_id(key, name) if name and key not in {GENERIC, *OF_PAGES} else None
