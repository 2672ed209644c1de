"""Tags and descriptions of videos, as sources list them: kept within bounds, and cut into pieces.

What a source calls tags may be a list, or one text in which they are parted in many ways.
"""

import re
from typing import NamedTuple

from kinetics_builder.text.foreign import one_line

MOST_TAGS = 50
LONGEST_TAG = 100
LONGEST_DESCRIPTION = 1000
"""Characters; what a video is about stands at the beginning."""

TITLE, TAGS, DESCRIPTION = FIELDS = ("title", "tags", "description")

_PARTED = ("|", ";", ",", "\n")
_HASHTAG = re.compile(r"#([^\s#]+)")
_ENDS = re.compile(r"[.!?\u3002\uff01\uff1f]+(?:\s|$)|\n|\s[|\u2022\u00b7\u2013\u2014-]\s")


class Texts(NamedTuple):
    """What a video says of itself."""

    title: str
    tags: tuple[str, ...] = ()
    description: str | None = None


def tags_of(value: object) -> tuple[str, ...]:
    """Return tags without #, each once, at most `MOST_TAGS`.

    A text is parted at the first of `| ; ,` and line ends that it has, else at its hashtags.

    >>> tags_of(["arm wrestling", "#ArmWrestling"]), tags_of('"a b"|"c"'), tags_of("#one #two")
    (('arm wrestling', 'ArmWrestling'), ('a b', 'c'), ('one', 'two'))
    """
    given = list(value) if isinstance(value, (list, tuple)) else _split(value)
    cleaned = (one_line(one, LONGEST_TAG) or "" for one in given)
    bare = (tag.strip(" \"'").removeprefix("#").strip() for tag in cleaned)
    return tuple(dict.fromkeys(tag for tag in bare if tag))[:MOST_TAGS]


def description_of(value: object) -> str | None:
    r"""Return the lines of a description, at most `LONGEST_DESCRIPTION` characters.

    >>> description_of("One.\r\n\r\n Two\x00 ")
    'One.\nTwo'
    """
    if not isinstance(value, str):
        return one_line(value, LONGEST_DESCRIPTION)
    begun = value[: 4 * LONGEST_DESCRIPTION]  # more than is kept, whatever is left out of it
    lines = (one_line(line, LONGEST_DESCRIPTION) for line in begun.splitlines())
    text = "\n".join(line for line in lines if line)
    if len(text) > LONGEST_DESCRIPTION:
        text = f"{text[: LONGEST_DESCRIPTION - 1]}\u2026"
    return text or None


def hashtags_in(text: str) -> tuple[str, ...]:
    """Return the hashtags of a text without #, each once.

    >>> hashtags_in("My #ArmWrestling! #a1")
    ('ArmWrestling', 'a1')
    """
    found = (tag.rstrip(".,;:!?)]") for tag in _HASHTAG.findall(text))
    return tuple(dict.fromkeys(tag for tag in found if tag))


def sentences_of(description: str) -> tuple[str, ...]:
    """Return the sentences and lines of a description without its hashtags, each once.

    >>> sentences_of("We wrestle. With arms! #strong")
    ('We wrestle', 'With arms')
    """
    parts = (part.strip() for part in _ENDS.split(_HASHTAG.sub(" ", description)))
    return tuple(dict.fromkeys(part for part in parts if part))


def _split(value: object) -> list[str]:
    text = (value if isinstance(value, str) else one_line(value) or "").strip()
    if text[:1] + text[-1:] == "[]":
        text = text[1:-1]
    for mark in _PARTED:
        if mark in text:
            return text.split(mark)
    return list(hashtags_in(text)) if "#" in text else [text]
