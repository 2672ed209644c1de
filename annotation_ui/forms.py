"""Reading an answer from a form."""

import math
from collections.abc import Mapping

from annotation_ui.answers import MAX_SECONDS, Reply
from kinetics_builder.database.tables import Answer
from kinetics_builder.text.foreign import one_line

CHOICES = {
    "yes-all": "Yes, all the time",
    "yes-partly": "Yes, a part of it",
    "no": "No",
    "unsure": "Unsure",
    "bad": "Bad clip",
}
"""What the buttons of the page send as `answer`, and what they say."""

MAX_BETTER_NAME = 100

_MOST_DIGITS = 4
_YES_NO = {"yes": True, "no": False}
_LASTS = {"yes-all": True, "yes-partly": False}


class BadAnswer(ValueError):
    """A field of an answer is missing or wrong; the text says which values there are."""


def read_reply(form: Mapping[str, str]) -> Reply:
    """Return the answer that a form holds.

    `answer` is one of `CHOICES`, or a plain `yes`: then `lasts_whole_clip` must say yes or no
    to how long. It is ignored otherwise, and so is `better_name` with a yes. Seconds that are
    no number of a day are dropped, not refused.

    Raises:
        BadAnswer: `answer`, `lasts_whole_clip` or `revision` is none of the values there are.

    """
    found = form.get("answer", "")
    if found in _LASTS:
        return Reply(Answer.YES, _LASTS[found], None, _seconds(form), _revision(form))
    if found not in list(Answer):
        raise BadAnswer(f"answer={found!r} is not one of {', '.join(Answer)}.")
    answer = Answer(found)
    if answer is Answer.YES:
        return Reply(answer, _lasts(form), None, _seconds(form), _revision(form))
    return Reply(answer, None, _better_name(form), _seconds(form), _revision(form))


def choice_of(answer: Answer, lasts_whole_clip: bool | None) -> str:
    """Return which of `CHOICES` an answer is."""
    if answer is Answer.YES:
        return "yes-all" if lasts_whole_clip else "yes-partly"
    return answer.value


def _lasts(form: Mapping[str, str]) -> bool:
    found = form.get("lasts_whole_clip", "")
    if found not in _YES_NO:
        raise BadAnswer(f"lasts_whole_clip={found!r} is not yes or no; a yes needs it.")
    return _YES_NO[found]


def _better_name(form: Mapping[str, str]) -> str | None:
    name = one_line(form.get("better_name")) or ""
    return name[:MAX_BETTER_NAME].strip() or None


def _revision(form: Mapping[str, str]) -> int:
    found = form.get("revision", "0")
    if not (found.isascii() and found.isdigit() and len(found) <= _MOST_DIGITS):
        raise BadAnswer(f"revision={found!r} is not a number from 0 to {10**_MOST_DIGITS - 1}.")
    return int(found)


def _seconds(form: Mapping[str, str]) -> float | None:
    try:
        seconds = float(form.get("seconds", ""))
    except ValueError:
        return None
    return round(seconds, 3) if math.isfinite(seconds) and 0 <= seconds <= MAX_SECONDS else None
