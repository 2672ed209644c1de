"""Verb `gold --kind questionnaire`: clips of which it is known where their tree leads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import note_act
from kinetics_builder.crowd.trees.written import read
from kinetics_builder.database.tables import Act, Answer, Clip, DecisionTree, Gold, Label
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.text import counting
from kinetics_builder.text.class_list.entries import NONE_OF_THESE
from pipelines.verifying.gold import clip_at, read_rows

COLUMNS = ["youtube_id", "time_start", "label"]


@dataclass(frozen=True)
class PathsGoldReport:
    """What `gold` added."""

    num_new: int
    num_known_before: int
    num_none: int
    """Of all there are now, those that lead to no class."""


def add_gold_paths(session: Session, path: Path) -> PathsGoldReport:
    """Add the gold questions of a CSV file with the columns `youtube_id,time_start,label`.

    The label is the class that the clip's tree leads to, or `none of these`. The clip is found as
    `add_gold` finds it. What is known already is left as it is.

    Raises:
        FormatError: A row names an unknown clip, a clip whose class lies in no tree, or a class
            that the tree does not lead to, or it contradicts what is known; with file and line.
            Nothing is added then.
        StageOrderError: No class lies in a tree.

    """
    rows: Any = session.execute(select(Label.name, Label.id, Label.tree_id))
    labels = {name: (number, tree_id) for name, number, tree_id in rows}
    trees = {row.id: row for row in session.scalars(select(DecisionTree))}
    if not any(tree_id for _, tree_id in labels.values()):
        raise StageOrderError("gold", needs="collect", what="classes in a tree of questions")
    known = _known(session)
    new: dict[tuple[int, int], int | None] = {}
    for line, row in read_rows(path, COLUMNS):
        try:
            question, element = _question(session, row, labels, trees)
            expected = known.get(question, new.get(question, element))
            if expected != element:
                raise ValueError("this clip is known with another class; mend the row")
        except ValueError as error:
            raise FormatError(f"{path}:{line}: {error}.") from error
        if question not in known:
            new[question] = element
    _write(session, new)
    found = _known(session).values()
    return PathsGoldReport(len(new), len(known), sum(element is None for element in found))


def _question(
    session: Session,
    row: dict[str, str],
    labels: dict[str, tuple[int, int | None]],
    trees: dict[int, DecisionTree],
) -> tuple[tuple[int, int], int | None]:
    """Return (clip id, tree id), and the class that the tree leads to."""
    label = row["label"]
    element, _ = labels.get(label, (None, None))
    clip_id = clip_at(session, row, element or 0)
    tree_id = session.scalar(
        select(Label.tree_id).join(Clip, Clip.label_id == Label.id).where(Clip.id == clip_id)
    )
    if tree_id is None:
        raise ValueError(
            "the class of this clip lies in no tree of questions. `kbuild classes tree` shows "
            "which do"
        )
    tree = read(trees[tree_id].told)
    reached = sorted(tree.elements(tree.first))
    if label not in (NONE_OF_THESE, *reached):
        raise ValueError(
            f"the tree {tree.name!r} does not lead to {label[:100]!r}. It leads to "
            f"{', '.join(reached[:5])} and others, or to {NONE_OF_THESE!r}"
        )
    return (clip_id, tree_id), None if label == NONE_OF_THESE else element


def _known(session: Session) -> dict[tuple[int, int], int | None]:
    query = select(Gold.clip_id, Gold.tree_id, Gold.element_id).where(Gold.tree_id.is_not(None))
    rows: Any = session.execute(query)
    return {(clip_id, tree_id): element for clip_id, tree_id, element in rows}


def _write(session: Session, new: dict[tuple[int, int], int | None]) -> None:
    if not new:
        return
    rows = [
        {
            "clip_id": clip_id,
            "tree_id": tree_id,
            "element_id": element,
            "expected": Answer.NO if element is None else Answer.YES,
        }
        for (clip_id, tree_id), element in new.items()
    ]
    session.execute(insert(Gold), rows)
    note_act(session, Act.GOLD, counting.counted(len(new), "question"))
