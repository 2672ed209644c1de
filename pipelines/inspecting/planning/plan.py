"""Verb `plan`: what a list of classes will take, told before anything is spent.

Fetches and writes nothing. Rates come from what the workspace has seen of its own classes, else
from stated assumptions; each figure is a range.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.database.engine import reading
from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import CONFIG_FILE, Workspace, new_config
from pipelines.collecting.classes import (
    entries_of,
    remembered_limit,
    remembered_source,
    with_licences,
)
from pipelines.collecting.finding import Finder, finder_of
from pipelines.inspecting.planning.assumed import assumed_rates
from pipelines.inspecting.planning.draws import fixed, shown
from pipelines.inspecting.planning.figure import Figure
from pipelines.inspecting.planning.forecast import Steps, forecast
from pipelines.inspecting.planning.history import ClassHistory, read_history, total
from pipelines.inspecting.planning.questions import Questions, questions_for
from pipelines.inspecting.planning.rates import RATES, Rates
from pipelines.inspecting.planning.seen import Seen, look
from pipelines.inspecting.planning.spending import Costs, Pay, spending
from pipelines.inspecting.yields import Yields, read_yields
from pipelines.sources.spec import DEFAULT, normalised_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a person says of a plan."""

    classes: Path | None = None
    """A list of classes; None: those of the workspace."""
    source: str | None = None
    """As `--source` has it; None: that of the last collect."""
    limit: int | None = None
    """Videos asked for each query; None leaves it to the last collect and the settings."""
    pay: Pay = field(default_factory=Pay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What there is, and what is to come."""

    source: str
    num_classes: int
    num_classes_seen: int
    """Those of the workspace that rates come from."""
    figures: tuple[Figure, ...]
    cuts: Yields | None = None
    """What each choice of `propose.cuts` yields of what was scored; None where no cut is known."""


def plan(folder: Path, told: Told) -> Plan:
    """Return what a collect, and the answers of people, will take.

    Args:
        folder: A workspace; where a list of classes is named, any folder.
        told: What a person says.

    Raises:
        WorkspaceError: It is no workspace, and no list of classes is named.
        ClassesError: There are no classes.
        SourceError: The source is none, or is missing or empty.

    """
    if told.classes is not None and not (folder / CONFIG_FILE).is_file():
        return _plan(None, None, told)
    workspace = Workspace.open(folder)
    if "://" not in workspace.database and not Path(workspace.database).exists():
        return _plan(workspace, None, told)
    with reading(workspace.engine) as session:
        return _plan(workspace, session, told)


def _plan(workspace: Workspace | None, session: Session | None, told: Told) -> Plan:
    config = _config(workspace, session)
    entries = tuple(_entries(session, told))
    plain = Finder(entries, config.match)
    finder = plain if workspace is None else finder_of(workspace, entries)
    asked = _questions(session, config, finder, told)
    seen, history, cuts = Seen(), [], None
    if workspace is not None and session is not None:
        seen = look(session, workspace)
        history = read_history(session, places_asked(session, config))
        cuts = read_yields(session, config)
    num_new = len({request.label for request in asked.open if request.label})
    rates = Rates(history, num_new or len(entries), assumed_rates(config))
    steps = forecast(asked, seen.waiting, rates, total(history), config)
    costs = Costs(asked, steps, rates, seen, total(history), config)
    return Plan(
        source=asked.spec,
        num_classes=len(entries),
        num_classes_seen=len(history),
        figures=tuple(sorted(_all(costs, told.pay), key=lambda one: PARTS.index(one.part))),
        cuts=cuts,
    )


def _config(workspace: Workspace | None, session: Session | None) -> Config:
    """Return the settings, with the licences that the last collect was given."""
    config = new_config() if workspace is None else workspace.config
    if session is None:
        return config
    return replace(config, download=with_licences(session, config.download))


def _all(costs: Costs, pay: Pay) -> Iterator[Figure]:
    yield from _figures(costs)
    yield from spending(costs, pay)


def _entries(session: Session | None, told: Told) -> Sequence[ClassEntry]:
    if told.classes is not None:
        return read_classes(told.classes)
    entries = () if session is None else entries_of(session)
    if not entries:
        raise ClassesError(
            "`kbuild plan` found no classes in the workspace. Write `kbuild plan --classes FILE`."
        )
    return entries


def _questions(session: Session | None, config: Config, finder: Finder, told: Told) -> Questions:
    spec, limit = told.source, told.limit
    if spec is None:
        spec = DEFAULT if session is None else remembered_source(session)
    if limit is None and session is not None:
        limit = remembered_limit(session)
    limit = limit or config.search.results_per_query
    return questions_for(session, config, finder, normalised_spec(spec), limit)


def places_asked(session: Session, config: Config) -> Mapping[str, float]:
    """Return how many videos the last collect asked for, by class."""
    limit = remembered_limit(session) or config.search.results_per_query
    spec = remembered_source(session)
    if spec.partition(":")[0] != "search":
        return {}
    finder = Finder(entries_of(session), config.match)
    return questions_for(session, config, finder, spec, limit).places_asked


PARTS = ("source", "time", "disk", "people")
_STEPS: Mapping[str, tuple[str, str, str]] = {
    "listed": ("source", "videos listed", "listed"),
    "candidates": ("source", "candidates", "candidates"),
    "videos": ("source", "videos to download", ""),
    "fetched": ("source", "videos that come", "fetched"),
    "clips": ("source", "clips proposed", "clips"),
    "kept": ("source", "clips to ask about", "kept"),
    "answers": ("people", "answers", "answers"),
    "gold": ("people", "answers to gold", ""),
    "accepted": ("people", "clips accepted", "accepted"),
}
"""By the names of `Steps`: part, name, and the column of `ClassHistory` that counts it so far."""

_WORDS = {
    "videos": "{} videos for each candidate",
    "gold": "{} for each other answer",
    **{name: rate.words for name, rate in RATES.items()},
}


def _figures(costs: Costs) -> Iterator[Figure]:
    asked, classes = costs.asked, costs.classes
    yield Figure(
        part="source",
        name="queries" if asked.is_search else "questions",
        so_far=asked.num_answered,
        to_come=shown(fixed(len(asked.open))),
        assumption=f"{asked.limit} videos asked for each" if asked.is_search else "one each",
        origin="counted",
    )
    for name, (part, shown_as, column) in _STEPS.items():
        step = costs.steps[name]
        rate = float(shown(step.rate.draws_N).likely)
        is_counted = step.rate.origin.startswith(("counted", "the titles", "labels"))
        yield Figure(
            part=part,
            name=shown_as,
            so_far=getattr(classes, column) if column else None,
            to_come=shown(step.draws_N),
            assumption="counted" if is_counted else _WORDS[name].format(f"{rate:.2g}"),
            origin=step.rate.origin,
        )


def steps_of(
    classes: Sequence[ClassHistory], asked: Questions, config: Config, num_new: int
) -> Steps:
    """Return what is to come of questions, by the history of other classes and nothing else."""
    rates = Rates(classes, num_new, assumed_rates(config))
    return forecast(asked, Seen().waiting, rates, total(classes), config)
