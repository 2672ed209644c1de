"""Tasks as the page and its script see them; a kind says what is shown of a question."""

from typing import Any

from annotation_ui.desk import Desk
from annotation_ui.kinds.kind import Kind


def describe(kind: Kind, desk: Desk | None) -> dict[str, Any]:
    """Return `next`, the question to ask now (None without one), and those `following` it."""
    if desk is None or not (remaining := desk.remaining()):
        return {"next": None, "following": []}
    num_answered = desk.num_answered()
    total = num_answered + len(remaining)
    first, *following = [
        {**kind.describe(question), "position": position, "total": total}
        for position, question in enumerate(remaining[: desk.num_following + 1], num_answered + 1)
    ]
    return {"next": first, "following": following}
