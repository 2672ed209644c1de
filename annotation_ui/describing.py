"""Questions as the page and its script see them: nothing of a clip's video, place or truth."""

from typing import Any

from annotation_ui.desk import Desk, Question
from annotation_ui.earlier import Earlier
from annotation_ui.forms import choice_of

NUM_FOLLOWING = 3
"""Questions sent ahead, so that their clips are there when they are shown."""

Described = dict[str, Any]


def describe(desk: Desk | None) -> dict[str, Any]:
    """Return `next`, the question to ask now (None without one), and those `following` it."""
    if desk is None or not (remaining := desk.remaining()):
        return {"next": None, "following": []}
    num_answered = desk.num_answered()
    total = num_answered + len(remaining)
    first, *following = [
        {**_question(question), "position": position, "total": total}
        for position, question in enumerate(remaining[: NUM_FOLLOWING + 1], num_answered + 1)
    ]
    return {"next": first, "following": following}


def describe_earlier(earlier: Earlier) -> Described:
    """Return a question that was answered, and what was said: one of `CHOICES`."""
    return {
        **_question(earlier),
        "choice": choice_of(earlier.answer, earlier.lasts_whole_clip),
        "better_name": earlier.better_name,
        "revision": earlier.revision,
    }


def _question(question: Question | Earlier) -> Described:
    return {
        "slot": question.slot_id,
        "clip": question.clip_id,
        "label": question.label,
        "description": question.description,
        "example": question.example,
    }
