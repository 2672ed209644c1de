"""Stage 1, search: queries of the labels -> videos that a source lists."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config, DownloadConfig, settings_hash
from kinetics_builder.database.changes import changes
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Label, SearchHit
from kinetics_builder.errors import ItemFailed, Reason, SourceError
from kinetics_builder.text.foreign import one_line
from kinetics_builder.workspace import Workspace
from pipelines.collecting.addresses import ask_where_allowed
from pipelines.collecting.classes import (
    asked_of,
    entries_of,
    lacking,
    remembered_limit,
    remembered_source,
    with_licences,
)
from pipelines.collecting.listing import add_listed
from pipelines.collecting.pieces import (
    METHOD,
    ListedSource,
    PiecewiseSource,
    limit_of_answers,
    note_piece,
    requests_of,
    version_of,
)
from pipelines.collecting.sites import judge_sites
from pipelines.running.notes import note
from pipelines.running.pace.rates import Rates
from pipelines.running.paging import in_one_page
from pipelines.running.stage import Stage, one_by_one
from pipelines.sources.ids import safe_id
from pipelines.sources.search import SearchSource
from pipelines.sources.sites import searched_by, site_of
from pipelines.sources.source import Found, Request, VideoSource
from pipelines.sources.spec import open_source
from pipelines.sources.web.options import require_ready

GIVEN = "label given with the address"
"""The query of a hit whose label a person gave."""


def stage(workspace: Workspace) -> Stage[Request, tuple[Found, ...]]:
    """Return the stage: an item is a query of a label, a folder, or an address.

    Reads `label`, `label_term`; writes `video`, `search_hit`.
    """
    config = workspace.config
    with reading(workspace.engine) as session:
        spec = remembered_source(session)
        limit = remembered_limit(session) or config.search.results_per_query
        asked = with_licences(session, config.download)
    source = open_source(spec, asked)
    made = Stage(
        name="search",
        needs="collect --classes FILE",
        what="classes",
        settings_hash=settings_of(spec, limit, source),
        items=in_one_page(partial(_items, source=source, config=config, told=(spec, limit))),
        version=_version_for(source, config),
        grows=isinstance(source, PiecewiseSource),
        work=partial(search, source=source, limit=limit),
        save=one_by_one(partial(_save, spec=spec, extractors=config.download.extractors)),
        timeout_seconds=config.download.timeout_seconds,
        attempts=config.download.attempts,
        rate_limit_seconds=config.download.rate_limit_seconds,
        site=None if source.is_local else partial(site_asked, spec=spec, config=config.download),
        rates=Rates.of(config.download),
        in_children=not source.is_local,
        ready=None if source.is_local else partial(require_ready, config.download),
    )
    return replace(made, before=partial(prepare, workspace, made))


def prepare(workspace: Workspace, stage: Stage[Any, Any]) -> None:
    """Make good what other settings have left of listed videos and of a stage that lists them."""
    judge_sites(workspace)
    ask_where_allowed(workspace, stage)


def settings_of(spec: str, limit: int, source: VideoSource) -> str:
    """Return the hash of what the answers of a source depend on."""
    is_filtered = isinstance(source, SearchSource) and source.filters_licences
    filtered = ["cc alone"] if is_filtered else []
    return settings_hash(spec, *limit_of_answers(source, limit), *filtered)


def search(request: Request, *, source: VideoSource, limit: int) -> tuple[Found, ...]:
    """Return what `source` lists for a request, best first, each video once.

    Raises:
        SourceError: The source cannot answer this or any other request.
        ItemFailed: This request has no answer.

    """
    if request.refusal is not None:
        raise SourceError(request.refusal)
    if request.flaw is not None:
        raise ItemFailed(Reason.BAD_ROW, request.flaw)
    if request.said is not None:
        note(request.said)
    known = [request.known()] if request.known is not None else None
    found: dict[str, Found] = {}
    for video in source.search(request.query, limit) if known is None else known:
        if safe_id(video.video_id) != video.video_id:
            raise SourceError(f"{video.video_id!r} is no id: letters, digits, - and _ alone are.")
        title = one_line(video.title) or ""
        found.setdefault(
            video.video_id, video if title == video.title else replace(video, title=title)
        )
    return tuple(found.values())


def site_asked(request: Request, *, spec: str, config: DownloadConfig) -> str:
    """Return the site that a request goes to: that of its address, or the one that is searched.

    Empty where nobody is asked.
    """
    if request.known is not None or request.flaw is not None:
        return ""
    kind, _, prefix = spec.partition(":")
    if kind == "search":
        return searched_by(prefix, config.extractors)
    return site_of(request.query, config.extractors)


def _items(
    session: Session, *, source: VideoSource, config: Config, told: tuple[str, int]
) -> Sequence[tuple[str, Request]]:
    entries, languages = entries_of(session), config.search.languages
    if lack := lacking(entries, languages):
        return [(_LACKING, Request(key=_LACKING, query="", refusal=lack))]
    requests = requests_of(session, source, asked_of(entries, languages), *told)
    return [(request.key, request) for request in requests]


def _version_for(source: VideoSource, config: Config) -> Callable[[Session], str | None] | None:
    if isinstance(source, ListedSource):
        return partial(_version_of_file, source=source, config=config)
    if isinstance(source, SearchSource):
        return partial(_version_of_classes, languages=config.search.languages)
    return None


def _version_of_classes(session: Session, *, languages: Sequence[str]) -> str:
    """Return what is another once the questions may be others, which are made of classes alone."""
    return settings_hash(languages, changes(session, ("label", "label_term")), method=METHOD)


def _version_of_file(session: Session, *, source: ListedSource, config: Config) -> str | None:
    entries, languages = entries_of(session), config.search.languages
    asked = [(one.label, one.query) for one in asked_of(entries, languages)]
    return version_of(source, asked, lacking(entries, languages))


_LACKING = "languages"
"""The key of the one question that is left where a language has no query."""


def _save(
    session: Session,
    request: Request,
    found: Sequence[Found],
    *,
    spec: str,
    extractors: tuple[str, ...],
) -> None:
    note_piece(session, request, found, spec)
    rows = add_listed(session, found, spec, extractors)
    if request.label is None:
        return
    label_id = session.scalars(select(Label.id).where(Label.name == request.label)).one()
    query = GIVEN if request.is_given else request.query[:200]
    for rank, row in enumerate(rows):
        session.merge(SearchHit(video_id=row.id, label_id=label_id, query=query, rank=rank))
