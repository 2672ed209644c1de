"""Which kind of task a request is about: the one it names, else the one that is waiting."""

from flask import abort, request
from sqlalchemy import exists, select

from annotation_ui.kinds.kind import Kind
from annotation_ui.kinds.registry import KINDS, kind_named
from annotation_ui.page import page
from kinetics_builder.database.tables import Task


def named_kind() -> str | None:
    """Return the kind that the request names, for addresses that go on from here."""
    return request.values.get("kind")


def meant_kind() -> Kind:
    """Return the kind that the request is about: named, or the only one waiting, or the first."""
    return chosen_kind() or KINDS[0]


def chosen_kind() -> Kind | None:
    """Return the kind that the request is about; None where there are several to choose from.

    404 where it names one that there is not.
    """
    name = named_kind()
    if name is None:
        waiting = waiting_kinds()
        return (waiting or KINDS)[0] if len(waiting) < 2 else None
    kind = kind_named(name)
    if kind is None:
        abort(404)
    return kind


def waiting_kinds() -> list[Kind]:
    """Return the kinds of which any task is not finished."""
    with page().reading() as rows:
        found = rows.execute(_WAITING).one()
    return [kind for kind, is_waiting in zip(KINDS, found, strict=True) if is_waiting]


_WAITING = select(
    *(exists(Task.id).where(Task.kind == kind.name, ~Task.is_finished) for kind in KINDS)
)
