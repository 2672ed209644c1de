"""Decision trees of the classes file as rows."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.trees.walked import TREE_TASKS
from kinetics_builder.crowd.trees.written import questions_in, read, written
from kinetics_builder.database.tables import DecisionTree, Label
from kinetics_builder.text.class_list.entries import ClassEntry, ClassList, Group, TreeQuestion
from kinetics_builder.text.class_list.trees import classes_of, trees_of


def import_trees(session: Session, entries: Sequence[ClassEntry], groups: Sequence[Group]) -> None:
    """Make the trees those of a list, and name to each label the one that it lies in.

    A tree that is not in the list is retired, never deleted: answers are kept by it.
    """
    found = ClassList(tuple(entries), tuple(groups))
    known = {tree.name: tree for tree in session.scalars(select(DecisionTree))}
    of_classes: dict[str, DecisionTree] = {}
    for tree in trees_of(found):
        row = known.pop(tree.name, None) or DecisionTree(name=tree.name)
        row.told, row.is_retired = written(tree), False
        session.add(row)
        of_classes |= dict.fromkeys(classes_of(found, tree), row)
    for row in known.values():
        row.is_retired = True
    session.flush()
    for label in session.scalars(select(Label)):
        tree_of_it = None if label.is_retired else of_classes.get(label.name)
        label.tree_id = tree_of_it.id if tree_of_it else None
    session.flush()
    if of_classes or known:
        TREE_TASKS.note_all(session.connection())


def questions_by_group(session: Session) -> Mapping[str, tuple[TreeQuestion, ...]]:
    """Return the questions of each group that has some."""
    trees = session.scalars(
        select(DecisionTree.told).where(~DecisionTree.is_retired).order_by(DecisionTree.name)
    )
    return {group: asked for told in trees for group, asked in questions_in(read(told)).items()}
