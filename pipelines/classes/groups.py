"""Groups of classes as rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import ClassGroup, LabelGroup
from kinetics_builder.text.class_list.entries import Group
from pipelines.classes.trees import questions_by_group


def import_groups(
    session: Session, found: Sequence[Group], of_labels: Mapping[int, Sequence[str]]
) -> None:
    """Make the groups those of a list, and put labels into them.

    Args:
        session: In which labels are written already.
        found: All groups, in the list's order.
        of_labels: The names of the groups of each label.

    """
    known = {group.name: group for group in session.scalars(select(ClassGroup))}
    groups = {one.name: known.get(one.name) or ClassGroup(name=one.name) for one in found}
    for place, one in enumerate(found):
        group = groups[one.name]
        group.place, group.question, group.description = place, one.question, one.description
        session.add(group)
    session.flush()
    numbers = {name: group.id for name, group in groups.items()}
    parents = {one.name: numbers[one.parent] if one.parent else None for one in found}
    for name, group in (known | groups).items():
        group.parent_id = parents.get(name)
    session.flush()
    within = ((label, enumerate(names)) for label, names in of_labels.items())
    _link(session, {(label, numbers[n]): place for label, ns in within for place, n in ns})
    gone = [group.id for name, group in known.items() if name not in groups]
    session.execute(delete(ClassGroup).where(ClassGroup.id.in_(gone)))


def _link(session: Session, wanted: Mapping[tuple[int, int], int]) -> None:
    """Make the rows of `label_group` those of (label, group) and place; equal ones stay."""
    rows = session.execute(select(LabelGroup.label_id, LabelGroup.group_id, LabelGroup.place))
    there = {(label, group): place for label, group, place in rows}
    for pair in [pair for pair, place in there.items() if wanted.get(pair) != place]:
        is_it = LabelGroup.label_id == pair[0], LabelGroup.group_id == pair[1]
        session.execute(delete(LabelGroup).where(*is_it))
    new = [
        {"label_id": pair[0], "group_id": pair[1], "place": place}
        for pair, place in wanted.items()
        if there.get(pair) != place
    ]
    if new:
        session.execute(insert(LabelGroup), new)


def groups_of(session: Session) -> tuple[tuple[Group, ...], Mapping[int, list[str]]]:
    """Return all groups in the list's order, and the names of those of each label."""
    rows = session.scalars(select(ClassGroup).order_by(ClassGroup.place)).all()
    names = {group.id: group.name for group in rows}
    questions = questions_by_group(session)
    groups = tuple(
        Group(
            name=group.name,
            parent=names[group.parent_id] if group.parent_id else None,
            question=group.question,
            description=group.description,
            questions=questions.get(group.name, ()),
        )
        for group in rows
    )
    of_labels: dict[int, list[str]] = defaultdict(list)
    links = select(LabelGroup.label_id, LabelGroup.group_id).order_by(LabelGroup.place)
    for label_id, group_id in session.execute(links):
        of_labels[label_id].append(names[group_id])
    return groups, of_labels
