"""The list of classes as the recorded edits leave it."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from kinetics_builder.crowd.class_edits import recorded_edits
from kinetics_builder.curation.names_after import names_after
from kinetics_builder.text.class_list.entries import (
    NONE_OF_THESE,
    ClassEntry,
    ClassList,
    TreeQuestion,
)
from pipelines.classes.kept import class_list_of
from pipelines.publishing.curating.edits import classes_asked, edited_classes


def edited_class_list(session: Session) -> ClassList:
    """Return the classes, by name, and the groups after all edits that stand.

    What a filter leaves out depends on clips and stands in the list. A class that an edit made
    has the groups of those that it was made of, and no words of its own. Questions of groups lead
    to classes by their names then, and to none of them where the class was dropped.
    """
    there, asked = class_list_of(session), classes_asked(session)
    after = edited_classes(session)
    entries = {entry.name: entry for entry in there.classes}
    renamed = names_after(entries, recorded_edits(session))
    names = sorted(name for name in after.labels if name in entries or name not in asked.labels)
    return ClassList(
        tuple(
            replace(entries.get(name, ClassEntry(name=name)), groups=after.groups[name])
            for name in names
        ),
        tuple(
            replace(
                group,
                parent=after.parents[group.name],
                questions=tuple(_edited(one, renamed) for one in group.questions),
            )
            for group in there.groups
        ),
    )


def _edited(question: TreeQuestion, names: Mapping[str, str | None]) -> TreeQuestion:
    yes, no = (names.get(goal, goal) or NONE_OF_THESE for goal in (question.yes, question.no))
    return replace(question, yes=yes, no=no)
