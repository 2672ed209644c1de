"""What is asked by a tree about a clip, and of how many workers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, false, func, or_, select

from annotation_ui import desk
from annotation_ui.desk import Subject
from kinetics_builder.crowd.clips.gating import is_closed
from kinetics_builder.crowd.trees.settling import settle
from kinetics_builder.crowd.trees.written import read
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    Decision,
    DecisionTree,
    Label,
    TaskSlot,
    TreeDecision,
    Verdict,
)
from kinetics_builder.text.class_list.trees import Tree


@dataclass(frozen=True, slots=True)
class Question:
    """One slot of a task with all that the page shows of it."""

    slot_id: int
    clip_id: int
    tree_id: int
    is_gold: bool
    told: str
    """The tree, as `decision_tree.told` has it."""
    is_settled: bool = False
    """Whether no answer is asked for: the owner has decided the clip, or its class is closed or
    full."""
    is_decided: bool = False
    """Whether the answers before have decided it."""

    @property
    def subject(self) -> Subject:
        """Return what the question is about."""
        return self.clip_id, self.tree_id

    @property
    def tree(self) -> Tree:
        """Return the tree."""
        return read(self.told)


class Desk(desk.Desk):
    """A task of such questions: a clip is asked about until its tree is walked to an end."""

    __slots__ = ()

    def num_needed(self, question: Any) -> int:
        """Return the least number of answers that can still decide the question it stands at."""
        if question.is_settled:
            return 0
        paths = list(self.votes.get(question.subject, {}).values())
        if self.config.policy != "posterior":
            return settle(question.tree, paths, self.config.of_paths).num_needed
        if not paths:
            return self.config.path_agreeing
        # How far each is believed is known to whoever decides: one answer more is asked for.
        return 0 if question.is_decided else 1


QUESTIONS: Any = (
    select(
        TaskSlot.task_id,
        TaskSlot.id,
        TaskSlot.clip_id,
        TaskSlot.tree_id,
        TaskSlot.gold_id.is_not(None),
        DecisionTree.told,
        or_(func.coalesce(Decision.is_ruled, false()), is_closed(Clip.label_id), Label.is_full),
        func.coalesce(TreeDecision.verdict != Verdict.OPEN, false()),
    )
    .join(DecisionTree, DecisionTree.id == TaskSlot.tree_id)
    .join(Clip, Clip.id == TaskSlot.clip_id)
    .join(Label, Label.id == Clip.label_id)
    .join(ClipFile, ClipFile.clip_id == Clip.id)
    .outerjoin(Decision, Decision.clip_id == Clip.id)
    .outerjoin(
        TreeDecision,
        and_(TreeDecision.clip_id == Clip.id, TreeDecision.tree_id == TaskSlot.tree_id),
    )
    .where(
        ~DecisionTree.is_retired,
        or_(TaskSlot.gold_id.is_not(None), Clip.is_withdrawn.is_(False)),
    )
)
