"""Names and numbers of actions, and the order of AVA's rows."""

import re
from collections.abc import Iterable, Iterator

from kinetics_builder.formats.boxes.ava.csv_rows import FIRST_ACTION, NO_ACTION
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box

_BETWEEN = re.compile(r"[,;|\n](?![^(]*\))")
"""What parts actions in one text; `ride (e.g., a bike, a car, a horse)` is one."""


def has_box(box: Box) -> bool:
    """Tell whether the record is a box and not a key frame without one."""
    return box.x1 is not None


def item_of(box: Box) -> str:
    """Return how problems call a record: its video and time.

    >>> item_of(Box("1j20qq1JyX4", 902.0))
    '1j20qq1JyX4 at 902 s'
    """
    return f"{box.video_id} at {box.timestamp_seconds:g} s"


def ava_order(box: Box) -> tuple[object, ...]:
    """Return what AVA's own files are sorted by: they compare the digits, so 17 is before 6."""
    corners = (box.x1, box.y1, box.x2, box.y2) if has_box(box) else ()
    action = "" if box.action_id is None else str(box.action_id)
    person = -1 if box.person_id is None else box.person_id
    return (box.video_id, box.timestamp_seconds, corners, action, box.label or "", person)


def number_of(name: str, options: Options) -> int | None:
    """Return the number the label map gives a name; None without a map.

    Raises:
        ValueError: A map without that name.

    """
    return None if options.labels is None else options.labels.id_of(name)


def parts_of(text: str) -> tuple[str, ...]:
    """Return what stands between a text's commas, semicolons, bars and line ends; itself if none.

    >>> parts_of("bend, ride (e.g., a bike)"), parts_of(",")
    (('bend', 'ride (e.g., a bike)'), (',',))
    """
    found = (part.strip() for part in _BETWEEN.split(text))
    return tuple(dict.fromkeys(part for part in found if part)) or (text,)


def actions_in(text: str, options: Options, problems: Problems) -> tuple[str, ...]:
    """Return the actions that a text names, of a tool whose attributes have one value each.

    With a label map, a text that is a class of it is that class, even with commas in its name;
    another is parted where all of its parts are classes. Without a map it is one action, and
    told of if it looks like several.

    Raises:
        ValueError: Some parts are classes of the label map, and others are not.

    """
    parts = parts_of(text)
    if options.labels is None:
        if len(parts) > 1:
            problems.warning(
                f"took {text!r} for one action: if these are {len(parts)}, give --label-map FILE "
                "with their names"
            )
        return (text,)
    unknown = [part for part in parts if part not in options.labels.ids]
    if text in options.labels.ids or len(unknown) == len(parts):
        return (text,)
    if unknown:
        raise ValueError(
            f"expected actions of the label map, found {text!r}, which holds "
            f"{', '.join(map(repr, unknown))} besides"
        )
    return parts


def action_of(box: Box, format_name: str, options: Options) -> int | None:
    """Return the number of a box's action for a layout of AVA's; None if it has no action.

    Raises:
        ConfigError: An action by name, and no label map.
        ValueError: An unknown name, or a number below AVA's first.

    """
    number = box.action_id
    if number is None and box.label is not None:
        number = options.need_labels(format_name).id_of(box.label)
    if number is not None and number < FIRST_ACTION:
        raise ValueError(f"expected an action from {FIRST_ACTION} on, found {number}: {NO_ACTION}")
    return number


def note_losses(box: Box, losses: Losses, *, said: Iterable[str] = (), has_score: bool) -> None:
    """Take down a box's score, unless the format `has_score`, and details not in `said`."""
    if box.score is not None and not has_score:
        losses.note("score", item_of(box))
    if box.details:
        for name in box.details.keys() - set(said):
            losses.note(name, item_of(box))


def noting_losses(
    boxes: Iterable[Box], losses: Losses, *, said: Iterable[str] = (), has_score: bool
) -> Iterator[Box]:
    """Yield the boxes; `note_losses` of each."""
    for box in boxes:
        note_losses(box, losses, said=said, has_score=has_score)
        yield box


def boxes_alone(boxes: Iterable[Box], losses: Losses) -> Iterator[Box]:
    """Yield the boxes; leave out and take down key frames without one."""
    for box in boxes:
        if has_box(box):
            yield box
        else:
            losses.note_left_out("a key frame without a box has no place there", item_of(box), 1)
