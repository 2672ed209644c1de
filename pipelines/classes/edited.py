"""The list of classes as the recorded edits leave it."""

from dataclasses import replace

from sqlalchemy.orm import Session

from kinetics_builder.text.class_list.entries import ClassEntry, ClassList
from pipelines.classes.kept import class_list_of
from pipelines.publishing.edits import classes_asked, edited_classes


def edited_class_list(session: Session) -> ClassList:
    """Return the classes, by name, and the groups after all edits that stand.

    What a filter leaves out depends on clips and stands in the list. A class that an edit made
    has the groups of those that it was made of, and no words of its own.
    """
    there, asked = class_list_of(session), classes_asked(session)
    after = edited_classes(session)
    entries = {entry.name: entry for entry in there.classes}
    names = sorted(name for name in after.labels if name in entries or name not in asked.labels)
    return ClassList(
        tuple(
            replace(entries.get(name, ClassEntry(name=name)), groups=after.groups[name])
            for name in names
        ),
        tuple(replace(group, parent=after.parents[group.name]) for group in there.groups),
    )
