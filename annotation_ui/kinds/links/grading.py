"""An answer about a gold stretch beside the truth, as its worker is shown it."""

from collections.abc import Iterable

from sqlalchemy import Connection

from annotation_ui.kinds.kind import Grade
from annotation_ui.kinds.links.questions import Question
from annotation_ui.kinds.links.replies import Reply
from annotation_ui.languages.words import ngettext
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.links.boxes import read_shown, read_truth
from kinetics_builder.crowd.links.tracks import Graded, Wrong, grade
from kinetics_builder.database.tables import Gold

NUM_PAIRS = 6
"""Wrong links that are shown; how many more there are is said."""


def grade_links(
    rows: Connection, gold: Gold, question: Question, reply: Reply, config: VerifyConfig
) -> Grade:
    """Return which pairs of boxes are not one person, and which are, though the answer differs."""
    origin_of = {box.origin_id: box.origin_id for box in question.boxes}
    origin_of |= {box.box_id: box.origin_id for box in question.boxes}
    said = [[origin_of[box] for box in track if box in origin_of] for track in reply.tracks]
    found = grade(said, read_truth(rows, [gold.id])[gold.id].tracks, _shown(rows, gold))
    box_of = {box.origin_id: box.box_id for box in question.boxes}
    pairs = [
        {"first": box_of[one], "second": box_of[other], "is_one": is_one}
        for one, other, is_one in _pairs(found.wrong)
    ]
    details = {"pairs": pairs[:NUM_PAIRS], "num_more": max(0, len(pairs) - NUM_PAIRS)}
    return Grade(found.is_right(config.link_agreement), _words(found), details)


def _shown(rows: Connection, gold: Gold) -> list[list[int]]:
    return read_shown(rows, [gold.id])[gold.id].tracks


def _pairs(wrong: Iterable[Wrong]) -> Iterable[tuple[int, int, bool]]:
    for one in wrong:
        if one.said is not None:
            yield one.said, one.box, False
        if one.true is not None:
            yield one.true, one.box, True


def _words(found: Graded) -> str:
    right, num = found.score
    words = ngettext(
        "%(right)s of %(num)s link is right",
        "%(right)s of %(num)s links are right",
        num,
        right=right,
    )
    if not found.num_left:
        return f"{words}."
    left = ngettext(
        "%(num)s that was shown wrong is so still",
        "%(num)s that were shown wrong are so still",
        found.num_left,
    )
    return f"{words}; {left}."
