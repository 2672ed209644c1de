"""How far a workspace has come: counts and reasons, stage by stage."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipFile,
    ClipPlace,
    CuratedClip,
    Gold,
    Item,
    Label,
    Media,
    Release,
    Setting,
    State,
    Task,
    Verdict,
    Video,
    Vote,
    Worker,
)
from kinetics_builder.errors import Reason
from kinetics_builder.formats.release_files import FILMS
from kinetics_builder.text.masking import masked
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.crowd_news import crowd_news
from pipelines.inspecting.films.following import (
    film_stages,
    next_of_films,
    next_of_links,
    next_of_release,
)
from pipelines.inspecting.marked import MarkedVideos, count_marked, releases_by_kind
from pipelines.inspecting.restored import (
    RestoredFile,
    next_of_restoring,
    restored_files,
    restoring_stages,
)
from pipelines.inspecting.stages import StageStatus, stage_status
from pipelines.inspecting.steps import Step, next_step, read_steps
from pipelines.inspecting.unknown import list_folders, signs_of_loss
from pipelines.inspecting.waiting import site_lines
from pipelines.stages import ALL_MODULES, MODULES, build_stage
from pipelines.verifying.aggregate import count_verdicts

if TYPE_CHECKING:
    from pipelines.inspecting.films.way import FilmStep


@dataclass(frozen=True)
class Status:
    """Everything `kbuild status` shows."""

    warnings: list[str]
    """What a person should hear before anything else."""
    stages: list[StageStatus]
    steps: list[Step]
    """The verbs that follow, up to the release."""
    next: str
    """The command that leads on, and why."""
    counts: dict[str, int]
    """Rows by what they are, in the order of the pipeline."""
    standings: dict[str, int]
    """Clips by what `deduplicate` made of them."""
    verdicts: dict[str, int]
    """Clips by what the votes say, as `aggregate` counts them; empty before the first vote."""
    splits: dict[str, int]
    releases: list[str]
    marked: MarkedVideos | None
    """Whole videos of which people mark when classes happen; None where there are none."""
    releases_by_kind: dict[str, list[str]]
    """Those whose folders are there: of clips, films, segments."""
    sites: list[str]
    """Sites that are not asked just now: why, when it goes on, and how many items wait."""
    films: list[StageStatus]
    """The stages of AVA; empty where no film was asked for."""
    film_counts: dict[str, int]
    """Of films, the numbers of `film_way`."""
    film_way: "list[FilmStep]"
    """What came of films, step by step, and what was lost; empty where no film was asked for."""
    restored: list[RestoredFile]
    """Released files of others, as `restore` left them last."""
    restoring: list[StageStatus]
    """The stage of their stretches; empty where none was asked for."""
    is_of_films: bool
    """Whether there are films and no classes, so that nothing is to be said of clips."""
    crowd: list[str]
    """What the owner should know about the crowd: no gold, workers to look at."""


@dataclass(frozen=True)
class Failure:
    """One failed item."""

    stage: str
    key: str
    reason: str
    message: str
    attempts: int
    is_retryable: bool


_NONE: Any = literal_column("0")
"""Written into the query: SQLite takes no index of some rows for the sake of a value that is sent
beside it."""
_COUNTED: dict[Any, dict[str, ColumnElement[bool] | None]] = {
    Label: {"labels": None},
    Video: {"videos": None},
    Candidate: {"candidates": None},
    Media: {"downloads": None},
    Clip: {
        "clips": None,
        "moved off a cut": cast("ColumnElement[bool]", Clip.was_moved),
        "across a cut": Clip.num_cuts > _NONE,
        "noted by filters": Clip.noted.is_not(None),
    },
    ClipFile: {
        "cut clips": None,
        "with blurred faces": ClipFile.num_blurred_frames > _NONE,
        "with lost frames": ClipFile.num_damaged_frames > _NONE,
    },
    Task: {"tasks": None},
    Gold: {"gold questions": None},
    Worker: {"workers": None},
    Vote: {"votes": and_(Vote.revision == 0, Vote.occasion == 1)},
    CuratedClip: {"curated clips": None},
}
"""Of each table, which of its rows are counted; None for all."""


def status(workspace: Workspace) -> Status:
    """Count the rows of every stage; changes nothing."""
    with ThreadPoolExecutor(1) as beside, reading(workspace.engine) as session:
        # The system lists a million files while the database counts.
        folders = beside.submit(list_folders, workspace.storage)
        stages = [stage_status(session, workspace, name) for name in MODULES]
        steps = read_steps(session, workspace)
        films = film_stages(session, workspace)
        is_of_films = bool(films) and session.get(Setting, "classes_file") is None
        way = _way(session, workspace, films)
        following = None if not films else next_of_films(session, films, workspace.config)
        following = following or next_of_release(session, workspace)
        following = following or next_of_links(session, workspace.config)
        if following is None and is_of_films:
            following = _after_all(workspace)
        marked = count_marked(session, workspace)
        restoring = restoring_stages(session, workspace)
        if following is None and not films:
            fetching = [stage for stage in stages if stage.stage == "download"]
            following = next_of_restoring(session, [*fetching, *restoring])
        return Status(
            warnings=signs_of_loss(session, folders.result()),
            stages=stages,
            steps=steps,
            next=following or _next_of_clips(session, workspace, (stages, steps), marked),
            films=films,
            film_counts={step.name: step.count for step in way},
            film_way=way,
            restored=restored_files(session),
            restoring=restoring,
            is_of_films=is_of_films,
            counts=_counts(session),
            standings=_count_by(session, ClipPlace.standing),
            verdicts=_verdicts(session),
            splits=_count_by(session, CuratedClip.split),
            releases=list(session.scalars(select(Release.name).order_by(Release.name))),
            marked=marked,
            releases_by_kind=releases_by_kind(workspace),
            sites=site_lines(session, workspace),
            crowd=crowd_news(session, workspace.config),
        )


def _way(session: Session, workspace: Workspace, stages: Sequence[StageStatus]) -> "list[FilmStep]":
    if not stages:
        return []
    # What reads films and releases takes a fifth of a second to import.
    from pipelines.inspecting.films.actions import count_actions
    from pipelines.inspecting.films.released import newest_released
    from pipelines.inspecting.films.way import film_way

    min_score = workspace.config.detect.min_score
    actions, released = count_actions(session), newest_released(workspace)
    return film_way(session, stages, actions, released, min_score)


def _next_of_clips(
    session: Session,
    workspace: Workspace,
    found: tuple[Sequence[StageStatus], Sequence[Step]],
    marked: MarkedVideos | None,
) -> str:
    """Return what comes next where nothing waits of films; whole videos come after clips."""
    after_all = marked.next if marked is not None else None
    return next_step(session, *found, workspace.config, after_all=after_all)


def _after_all(workspace: Workspace) -> str:
    """Return what comes next where every film was dealt with, and all answers were given."""
    if any(workspace.root.glob(f"releases/*/{FILMS}")):
        return (
            "`kbuild train-baseline --model slowfast_tiny_det` learns from the release; "
            "`kbuild ava release` gives away what was answered since"
        )
    return "`kbuild ava collect` with more films (every film here was dealt with)"


def failures(
    workspace: Workspace,
    stages: Iterable[str] = ALL_MODULES,
    *,
    but: Collection[Reason] = (),
    most: int | None = None,
) -> Iterator[Failure]:
    """Yield the failed items under the current settings, in the order of the pipeline.

    Args:
        workspace: Where.
        stages: Of these.
        but: Not those that failed for these reasons.
        most: Not more than that of a stage; None yields all.

    """
    with reading(workspace.engine) as session:
        for name in stages:
            failed = select(Item).where(*_failed(workspace, name, but))
            for row in session.scalars(failed.order_by(Item.key).limit(most)):
                yield Failure(
                    stage=row.stage,
                    key=masked(row.key),
                    reason=row.reason.value if row.reason else "",
                    message=masked(row.message or ""),
                    attempts=row.attempts,
                    is_retryable=row.retryable,
                )


def count_failures(workspace: Workspace, *, but: Collection[Reason] = ()) -> int:
    """Return how many items have failed under the current settings."""
    with reading(workspace.engine) as session:
        return sum(
            session.scalar(select(func.count(Item.key)).where(*_failed(workspace, name, but))) or 0
            for name in ALL_MODULES
        )


def _failed(
    workspace: Workspace, stage: str, but: Collection[Reason]
) -> Iterator[ColumnElement[bool]]:
    yield Item.stage == stage
    yield Item.settings_hash == build_stage(stage, workspace).settings_hash
    yield Item.state == State.FAILED
    if but:
        yield or_(Item.reason.is_(None), Item.reason.not_in(but))


def _counts(session: Session) -> dict[str, int]:
    """Return how many rows there are of each kind: each by itself, as that reads indexes alone."""
    wanted = {
        kind: select(func.count()).select_from(table).where(*([] if which is None else [which]))
        for table, kinds in _COUNTED.items()
        for kind, which in kinds.items()
    }
    row = session.execute(select(*(query.scalar_subquery() for query in wanted.values()))).one()
    return dict(zip(wanted, row, strict=True))


def _verdicts(session: Session) -> dict[str, int]:
    if session.scalar(select(Vote.id).limit(1)) is None:
        return {}
    found = count_verdicts(session)
    return {verdict.value: found[verdict] for verdict in sorted(Verdict)}


def _count_by(session: Session, column: object) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).group_by(column).order_by(column))  # type: ignore[call-overload]
    return {value.value: count for value, count in rows}
