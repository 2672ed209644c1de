"""Tasks as the page and its script see them; a kind says what is shown of a question."""

from collections.abc import Collection
from typing import Any

from annotation_ui.desk import Desk, Question
from annotation_ui.kinds.kind import Described, Kind


def describe(kind: Kind, desk: Desk | None, holds: Collection[int] = ()) -> dict[str, Any]:
    """Return `next`, the question to ask now (None without one), those `following`, and the `way`.

    Of a question that the page `holds`, by its slot, nothing is told but its place.
    """
    if desk is None or not (remaining := desk.remaining()):
        return {"next": None, "following": [], "way": None}
    num_answered = desk.num_answered()
    total = num_answered + len(remaining)
    first, *following = [
        {**_describe_one(kind, desk, question, holds), "position": position, "total": total}
        for position, question in enumerate(remaining[: desk.num_sent_ahead + 1], num_answered + 1)
    ]
    return {"next": first, "following": following, "way": desk.way.value}


def _describe_one(kind: Kind, desk: Desk, question: Question, holds: Collection[int]) -> Described:
    address = desk.addresses.get(question.slot_id, question.slot_id)
    if address in holds:
        return {"slot": address, "is_held": True}
    return {**kind.describe(question), "slot": address}
