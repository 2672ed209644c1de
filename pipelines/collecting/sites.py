"""Whose the listed videos are: noted with each, so that no run has to judge them all again."""

from importlib.metadata import version

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Setting, Video
from kinetics_builder.workspace import Workspace
from pipelines.sources.sites import site_of

_BY = "sites_judged_by"
"""The setting that names the extractors by which all sites were judged."""
_AT_ONCE = 2000


def judge_sites(workspace: Workspace) -> None:
    """Note the sites of all listed videos, unless that was done by these extractors.

    Writes `video.site`, some rows at a time, and only where it is another.
    """
    extractors = workspace.config.download.extractors
    with reading(workspace.engine) as session:
        if sites_hold(session, extractors):
            return
    after: int | None = 0
    while after is not None:
        after = _judge_some(workspace, extractors, after)
    with writing(workspace.engine) as session:
        session.merge(Setting(key=_BY, value=_named(extractors)))


def sites_hold(session: Session, extractors: tuple[str, ...]) -> bool:
    """Say whether what is noted is what the extractors of today say."""
    by = session.get(Setting, _BY)
    return by is not None and by.value == _named(extractors)


def _named(extractors: tuple[str, ...]) -> str:
    return " ".join((f"yt-dlp {version('yt-dlp')}", *extractors))


def _judge_some(workspace: Workspace, extractors: tuple[str, ...], after: int) -> int | None:
    """Judge the next rows; return the last one's number, None behind the last of all."""
    with reading(workspace.engine) as session:
        rows = session.execute(
            select(Video.id, Video.url, Video.site)
            .where(Video.id > after)
            .order_by(Video.id)
            .limit(_AT_ONCE)
        ).all()
    judged = ((number, url, noted, site_of(url, extractors)) for number, url, noted in rows)
    changed = [
        {"_id": number, "_url": url, "_site": site}
        for number, url, noted, site in judged
        if noted != site
    ]
    if changed:
        with writing(workspace.engine) as session:
            session.connection().execute(_NOTE, changed)
    return rows[-1][0] if rows else None


_NOTE = (
    update(Video.__table__)  # type: ignore[arg-type]
    .where(Video.id == bindparam("_id"), Video.url == bindparam("_url"))
    .values(site=bindparam("_site"))
)
