"""Parts of split classes as labels: they say what their class says, until they are edited."""

from collections.abc import Mapping

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.class_edits import recorded_edits
from kinetics_builder.curation.edits import Edit, Merge, Rename
from kinetics_builder.curation.log import live_edits
from kinetics_builder.database.tables import ClassGroup, ClassVersion, Label, LabelGroup
from pipelines.publishing.curating.edits import edited_classes


def write_part_labels(session: Session, targets: Mapping[str, str]) -> dict[str, int]:
    """Make the parts of the splits that stand labels, and retire those of others.

    Args:
        session: A writing session.
        targets: Each part with the class that was split.

    Returns:
        The label of each part.

    """
    known = {label.name: label for label in session.scalars(select(Label))}
    for label in known.values():
        if label.part_of_id is not None:
            label.is_retired = label.name not in targets
    edits = recorded_edits(session)
    for part, source in targets.items():
        origin = _origin(source, known, edits)
        if part not in known:
            known[part] = Label(name=part)
            session.add(known[part])
        if known[part].is_retired or known[part].id is None:
            known[part].part_of_id, known[part].is_retired = origin.id, False
    session.flush()
    _inherit(session, [known[part] for part in targets if known[part].part_of_id is not None])
    return {part: known[part].id for part in targets}


def _origin(name: str, labels: Mapping[str, Label], edits: list[Edit]) -> Label:
    """Return the label of a class, or of the first that edits made it of."""
    while name not in labels:
        for _, edit in live_edits(edits):
            match edit:
                case Merge((first, *_), target) | Rename(first, target) if target == name:
                    name = first
                    break
        else:
            raise AssertionError(f"nothing became {name!r}")
    return labels[name]


def _inherit(session: Session, parts: list[Label]) -> None:
    after = edited_classes(session)
    groups = {group.name: group.id for group in session.scalars(select(ClassGroup))}
    for part in parts:
        origin = session.get_one(Label, part.part_of_id)
        is_edited = exists(ClassVersion.id).where(ClassVersion.label_id == part.id)
        if not session.scalar(select(is_edited)):
            part.description, part.example, part.way = (
                origin.description,
                origin.example,
                origin.way,
            )
        names = after.groups.get(part.name, after.groups.get(origin.name, ()))
        _group(session, part.id, [groups[name] for name in names])


def _group(session: Session, label_id: int, group_ids: list[int]) -> None:
    """Put a label into these groups and no others."""
    there = select(LabelGroup.group_id).where(LabelGroup.label_id == label_id)
    if list(session.scalars(there.order_by(LabelGroup.place))) == group_ids:
        return
    session.execute(delete(LabelGroup).where(LabelGroup.label_id == label_id))
    if group_ids:
        rows = [
            {"label_id": label_id, "group_id": number, "place": place}
            for place, number in enumerate(group_ids)
        ]
        session.execute(insert(LabelGroup), rows)
