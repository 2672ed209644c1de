"""Stage 1 of AVA, search: a source -> videos that may be films.

No class is asked for: the paper took films by the names of their actors, so that what is
done in them is not chosen (arXiv:1705.08421, 3.2).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import FilmHit
from kinetics_builder.workspace import Workspace
from pipelines.ava.told import LIMIT, QUERIES, SOURCE, told_of
from pipelines.collecting.listing import add_listed
from pipelines.collecting.pieces import (
    ListedSource,
    PiecewiseSource,
    limit_of_answers,
    note_piece,
    requests_of,
    version_of,
)
from pipelines.collecting.search import prepare, search, site_asked
from pipelines.running.pace.rates import Rates
from pipelines.running.paging import in_one_page
from pipelines.running.stage import Stage, one_by_one
from pipelines.sources.source import Asked, Found, Request, VideoSource
from pipelines.sources.spec import DEFAULT, open_source
from pipelines.sources.web.options import require_ready


def stage(workspace: Workspace) -> Stage[Request, tuple[Found, ...]]:
    """Return the stage: an item is a query, a folder, or an address.

    Writes `video`, `film_hit`.
    """
    config = workspace.config
    with reading(workspace.engine) as session:
        told = told_of(session)
    spec = told.get(SOURCE, DEFAULT)
    limit = int(told.get(LIMIT) or config.search.results_per_query)
    queries = tuple(filter(None, told.get(QUERIES, "").split("\n")))
    source = open_source(spec, config.download)
    made = Stage(
        name="ava search",
        needs="ava collect --source SPEC",
        what="queries; a search needs --queries FILE",
        settings_hash=settings_hash(spec, *limit_of_answers(source, limit), queries),
        items=in_one_page(partial(_items, source=source, queries=queries, spec=spec, limit=limit)),
        version=(lambda _session: version_of(source)) if isinstance(source, ListedSource) else None,
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


def _items(
    session: Session, *, source: VideoSource, queries: Sequence[str], spec: str, limit: int
) -> Sequence[tuple[str, Request]]:
    asked = [Asked("", query) for query in queries]
    requests = requests_of(session, source, asked, spec, limit)
    return [(request.key, request) for request in requests]


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
    for rank, row in enumerate(rows):
        session.merge(FilmHit(video_id=row.id, query=request.query[:200], rank=rank))
