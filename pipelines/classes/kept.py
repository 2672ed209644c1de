"""The list of classes as a workspace keeps it."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Label
from kinetics_builder.text.class_list.entries import ClassList
from pipelines.classes.groups import groups_of
from pipelines.collecting.classes import entry_of, is_searched, terms_of


def class_list_of(session: Session) -> ClassList:
    """Return classes, by name, and groups, without retired classes and parts of split ones."""
    groups, of_labels = groups_of(session)
    terms = terms_of(session)
    labels = session.scalars(select(Label).where(is_searched()).order_by(Label.name))
    classes = tuple(
        replace(
            entry_of(label.name, terms[label.id]),
            key=label.key,
            groups=tuple(of_labels.get(label.id, ())),
            description=label.description,
            example=label.example,
            way=label.way,
        )
        for label in labels
    )
    return ClassList(classes, groups)
