"""Which kind of task a request is about: the one it names, else the one that is waiting."""

from collections.abc import Sequence

from flask import abort, request
from sqlalchemy import exists, select

from annotation_ui.kinds.kind import Kind
from annotation_ui.kinds.registry import KINDS, kind_named
from annotation_ui.page import page
from annotation_ui.panels.visiting import current_visit
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.database.tables import Task
from kinetics_builder.ways import Way


def named_kind() -> str | None:
    """Return the kind that the request names, for addresses that go on from here."""
    return request.values.get("kind")


def meant_kind() -> Kind:
    """Return the kind that the request is about: named, or the only one waiting, or the first."""
    return chosen_kind() or kinds_of(_panel())[0]


def chosen_kind() -> Kind | None:
    """Return the kind that the request is about; None where there are several to choose from.

    404 where it names one that there is not, or that is not asked of the worker.
    """
    name = named_kind()
    if name is None:
        waiting = waiting_kinds()
        return (waiting or kinds_of(_panel()))[0] if len(waiting) < 2 else None
    kind = kind_named(name)
    if kind is None or kind not in kinds_of(_panel()):
        abort(404)
    return kind


def waiting_kinds(panel: PanelConfig | None = None) -> list[Kind]:
    """Return the kinds of which any task is not finished, and that the worker may be asked.

    Of those whom `panel` is just sending, what these may be.
    """
    with page().reading() as rows:
        found = rows.execute(_WAITING).one()
    waiting = {kind.name for kind, is_waiting in zip(KINDS, found, strict=True) if is_waiting}
    return [kind for kind in kinds_of(panel or _panel()) if kind.name in waiting]


def waiting_ways(kind: Kind) -> list[Way]:
    """Return in which ways the tasks of a kind are shown that are not finished.

    Where there are none: as `verify.way` says.
    """
    asked = select(Task.way).where(Task.kind == kind.name, ~Task.is_finished).distinct()
    with page().reading() as rows:
        found = set(rows.scalars(asked))
    return [way for way in Way if way in found] or [Way(page().config.verify.way)]


def kinds_of(panel: PanelConfig | None) -> Sequence[Kind]:
    """Return the kinds that people of a panel are asked; without one all."""
    named = panel.kinds if panel is not None else ()
    return [kind for kind in KINDS if kind.name in named] or KINDS


def _panel() -> PanelConfig | None:
    """Return the panel that has sent who is asking."""
    visit = current_visit()
    return None if visit is None else visit.panel


_WAITING = select(
    *(exists(Task.id).where(Task.kind == kind.name, ~Task.is_finished) for kind in KINDS)
)
