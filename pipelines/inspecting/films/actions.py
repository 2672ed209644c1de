"""How each action of persons fared: proposed, accepted, rejected, and in which release."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.database.tables import (
    ActionCandidate,
    KeyFrame,
    PersonAction,
    PersonBox,
    Verdict,
)


@dataclass(slots=True)
class ActionCounts:
    """How often an action was proposed for a box that stands, and what became of that."""

    num_proposed: int = 0
    num_accepted: int = 0
    num_rejected: int = 0
    num_known: int = 0
    """Accepted, and proposed by nobody: asked about as gold, of which the answer is known."""

    @property
    def num_labels(self) -> int:
        """All that are accepted."""
        return self.num_accepted + self.num_known

    @property
    def num_open(self) -> int:
        """Proposed, and not decided yet."""
        return self.num_proposed - self.num_accepted - self.num_rejected


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """An action of the vocabulary, or one that it has no more."""

    id: int
    name: str
    type: str
    """pose, object or person; `unknown` for one that the vocabulary does not have."""
    counts: ActionCounts
    num_released: int
    """Labels of the newest release."""


def box_counts() -> ColumnElement[bool]:
    """Return the condition that a box stands, on a key frame that is asked about."""
    return and_(PersonBox.stands(), KeyFrame.is_withdrawn.is_(False))


def count_actions(session: Session) -> dict[int, ActionCounts]:
    """Return the counts of each action that anybody proposed, or was asked about."""
    found: dict[int, ActionCounts] = defaultdict(ActionCounts)
    rows: Any = session.execute(_PROPOSED)
    for action_id, verdict, number in rows:
        counts = found[action_id]
        counts.num_proposed += number
        counts.num_accepted += number if verdict is Verdict.ACCEPTED else 0
        counts.num_rejected += number if verdict is Verdict.REJECTED else 0
    known: Any = session.execute(_KNOWN)
    for action_id, number in known:
        found[action_id].num_known = number
    return dict(found)


def action_facts(
    counted: Mapping[int, ActionCounts], vocabulary: Vocabulary, released: Mapping[int, int]
) -> list[ActionFacts]:
    """Return the actions that anybody proposed or that are released, the most accepted first."""
    facts = []
    for number in {*counted, *released}:
        known = vocabulary.of_id(number) if number in vocabulary else None
        name, kind = (known.name, known.type.word) if known else (f"action {number}", "unknown")
        counts = counted.get(number, ActionCounts())
        facts.append(ActionFacts(number, name, kind, counts, released.get(number, 0)))
    return sorted(facts, key=lambda one: (-one.counts.num_labels, -one.num_released, one.id))


_SAME = and_(
    PersonAction.person_box_id == ActionCandidate.person_box_id,
    PersonAction.action_id == ActionCandidate.action_id,
)
_PROPOSED = (
    select(ActionCandidate.action_id, PersonAction.verdict, func.count())
    .select_from(ActionCandidate)
    .join(PersonBox, PersonBox.id == ActionCandidate.person_box_id)
    .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
    .outerjoin(PersonAction, _SAME)
    .where(box_counts())
    .group_by(ActionCandidate.action_id, PersonAction.verdict)
)
_KNOWN = (
    select(PersonAction.action_id, func.count())
    .select_from(PersonAction)
    .join(PersonBox, PersonBox.id == PersonAction.person_box_id)
    .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
    .outerjoin(ActionCandidate, _SAME)
    .where(
        box_counts(),
        PersonAction.verdict == Verdict.ACCEPTED,
        ActionCandidate.action_id.is_(None),
    )
    .group_by(PersonAction.action_id)
)
