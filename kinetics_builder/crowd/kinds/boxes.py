"""Who is to be seen at a key frame: answers are boxes, and boxes are judged by overlap."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from statistics import fmean
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, select, true
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.agreeing import Measure, pairs_of, read_answers
from kinetics_builder.crowd.boxes.decisions import KIND, decide_frames, read_drawn, remake_frames
from kinetics_builder.crowd.boxes.policy import Drawn, changes_of, grade
from kinetics_builder.crowd.kinds.kind import Kind, is_frame_wanted
from kinetics_builder.crowd.standing import Fault, Given, Known
from kinetics_builder.database.tables import BoxAnswer, DrawnBox, Gold, GoldBox, PersonBox


class BoxesKind(Kind):
    """AVA's boxes of persons."""

    name = KIND
    answers = BoxAnswer
    subject = BoxAnswer.SUBJECT
    parts = (DrawnBox,)
    faults = (Fault.BOXES, Fault.BOXES)

    def is_gold(self) -> ColumnElement[bool]:
        """Return the condition that a row of `gold` is a key frame whose boxes are known."""
        return and_(super().is_gold(), Gold.person_box_id.is_(None))

    def can_be_asked(self) -> ColumnElement[bool]:
        """Return the condition that the key frame of a row of `gold` is still wanted."""
        return is_frame_wanted()

    def is_first_sort(self) -> ColumnElement[bool]:
        """Return the condition that holds for all gold: it is of one sort."""
        return true()

    def least_people(self, config: VerifyConfig) -> int:
        """Return how many people must answer before anything is accepted."""
        return config.boxes_to_decide

    def givens(
        self, connection: Connection, rows: Iterable[Any], config: VerifyConfig
    ) -> list[Given]:
        """Return what these answers say about their workers.

        All gold is of one sort: it is right if every true box is met, and none is too many.
        """
        listed = list(rows)
        drawn = read_drawn(connection, [row.id for row in listed])
        shown = _read_shown(connection, {row.thing for row in listed})
        golds = {row.gold_id for row in listed if row.gold_id is not None}
        truth = read_truth(connection, golds)
        return [
            Given(
                row.id,
                _word(drawn.get(row.id, []), shown.get(row.thing, [])),
                None
                if row.gold_id is None
                else Known(
                    is_first_sort=True,
                    is_right=grade(
                        drawn.get(row.id, []), truth.get(row.gold_id, []), config.box_overlap
                    ).is_right,
                ),
                row.answered_at,
                row.taken_at,
            )
            for row in listed
        ]

    def agreement(
        self, session: Session, config: VerifyConfig, actions: Vocabulary
    ) -> list[Measure]:
        """Return how far boxes agree, over all pairs of answers to a key frame.

        The share of boxes that the other drew too (their overlap is `box_overlap` at least), and
        the mean overlap of those. There is no correction for chance: nobody draws from a list.
        """
        answers = read_answers(self, session)
        drawn = read_drawn(session.connection(), [r.id for rows in answers.values() for r in rows])
        num_boxes, overlaps = 0, []
        for rows in answers.values():
            for one, other in pairs_of([drawn.get(row.id, []) for row in rows]):
                num_boxes += len(one) + len(other)
                pairs = grade(one, other, config.box_overlap).pairs
                overlaps += [pair.overlap for pair in pairs if pair.is_met]
        shared = 2 * len(overlaps) / num_boxes if num_boxes else None
        return [
            Measure("boxes that others drew too", shared, len(answers)),
            Measure("mean overlap of those", fmean(overlaps) if overlaps else None, len(answers)),
        ]

    def decide(self, session: Session, things: Collection[int], config: VerifyConfig) -> None:
        """Decide these key frames."""
        decide_frames(session, things, config)

    def remake(self, session: Session, config: VerifyConfig) -> None:
        """Decide all key frames anew."""
        remake_frames(session, config)


def add_boxes(connection: Connection, answer_id: int, boxes: Iterable[Drawn]) -> None:
    """Write the boxes of a new answer."""
    rows = [
        {
            "answer_id": answer_id,
            "number": number,
            **dict(zip(("x1", "y1", "x2", "y2"), box[:4], strict=True)),
            "began_as_id": box.began_as,
        }
        for number, box in enumerate(boxes)
    ]
    if rows:
        connection.execute(insert(DrawnBox), rows)


def _word(drawn: list[Drawn], shown: list[Drawn]) -> str | None:
    """Return what an answer that takes no work says; of boxes that were changed no two are one."""
    if not drawn:
        return "nobody"
    return "as shown" if changes_of(drawn, shown).is_none else None


def _read_shown(connection: Connection, frame_ids: Collection[int]) -> dict[int, list[Drawn]]:
    found: dict[int, list[Drawn]] = defaultdict(list)
    for frame_id, *box in connection.execute(_SHOWN, {"frames": sorted(frame_ids)}):
        found[frame_id].append(Drawn._make(box))
    return dict(found)


def read_truth(connection: Connection, gold_ids: Collection[int]) -> dict[int, list[Drawn]]:
    """Return the true boxes of these gold questions; those where nobody is are left out."""
    found: dict[int, list[Drawn]] = defaultdict(list)
    if gold_ids:
        for gold_id, *box in connection.execute(_TRUTH, {"golds": sorted(gold_ids)}):
            found[gold_id].append(Drawn._make((*box, None)))
    return dict(found)


_SHOWN = select(
    PersonBox.key_frame_id, PersonBox.x1, PersonBox.y1, PersonBox.x2, PersonBox.y2, PersonBox.id
).where(
    PersonBox.key_frame_id.in_(bindparam("frames", expanding=True)),
    PersonBox.detected_box_id.is_not(None),
    ~PersonBox.is_withdrawn,
)
_TRUTH = select(GoldBox.gold_id, GoldBox.x1, GoldBox.y1, GoldBox.x2, GoldBox.y2).where(
    GoldBox.gold_id.in_(bindparam("golds", expanding=True))
)
BOXES = BoxesKind()
