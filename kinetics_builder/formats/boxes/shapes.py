"""A box with all its actions: what annotation tools draw, where AVA has a row for each action."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.boxes.actions import actions_in, item_of, number_of
from kinetics_builder.formats.boxes.attributes import PERSON_ID
from kinetics_builder.formats.boxes.names import check_video
from kinetics_builder.formats.boxes.pixels import Corners, check_place, checked
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Box


class Shape(NamedTuple):
    """A box of a person at a time, in shares of the frame, and the names of their actions."""

    seconds: float
    corners: Corners
    person_id: int | None
    actions: tuple[str, ...]
    details: Mapping[str, object] = NOTHING


def shapes_of(boxes: Iterable[Box], problems: Problems) -> list[Shape]:
    """Return the boxes of one video with their actions, by time; equal times as they came.

    Tells of rows that stand twice, and leaves out key frames without a box.
    """
    found: dict[tuple[float, int | None, Corners], Shape] = {}
    for box in boxes:
        corners = corners_of(box)
        if corners is None:
            continue
        key = (box.timestamp_seconds, box.person_id, corners)
        actions = () if box.label is None else (box.label,)
        shape = found.setdefault(key, Shape(*key[:1], corners, box.person_id, (), box.details))
        if box.label in shape.actions:
            problems.item = item_of(box)
            problems.lose(f"the action {box.label!r} stands twice at a box, and is written once")
        else:
            found[key] = shape._replace(actions=shape.actions + actions)
    return sorted(found.values(), key=lambda shape: shape.seconds)


def drawable(
    records: Iterable[Box], format_name: str, options: Options, problems: Problems
) -> Iterator[Box]:
    """Yield the records that a tool can show, with the names of their actions; tell of others.

    Raises:
        ConfigError: There is an action by number, and no label map.

    """
    for box in records:
        try:
            check_video(box.video_id)
            corners = corners_of(box)
            if corners is not None:
                check_place(corners)
            found = _named(box, format_name, options)
            if found.label == PERSON_ID:
                raise ValueError(f"tools call a person's number {PERSON_ID}, so no action can be")
        except ValueError as error:
            problems.item = item_of(box)
            problems.error(str(error))
        else:
            yield found


def _named(box: Box, format_name: str, options: Options) -> Box:
    if box.label is not None or box.action_id is None:
        return box
    if options.labels is None:
        raise ConfigError(
            f"{format_name} has actions by name, and the records have numbers: "
            "give --label-map FILE."
        )
    return box._replace(label=options.labels.name_of(box.action_id))


def corners_of(box: Box) -> Corners | None:
    """Return the corners of a record; None for a key frame without a box."""
    if box.x1 is None or box.y1 is None or box.x2 is None or box.y2 is None:
        return None
    return Corners(box.x1, box.y1, box.x2, box.y2)


def boxes_of(video_id: str, shape: Shape, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield a record for each action of a shape, or one without; tell of what does not fit.

    An action's text may be several, as people write where a tool has place for one alone.
    """
    problems.item = f"{video_id} at {shape.seconds:g} s"
    try:
        if not video_id:
            raise ValueError("expected the name of a video, found an empty one")
        corners = checked(shape.corners, problems)
    except ValueError as error:
        problems.error(str(error))
        return
    bare = Box(video_id, shape.seconds, *corners, person_id=shape.person_id, details=shape.details)
    if not shape.actions:
        yield bare
    seen: set[str] = set()
    for text in shape.actions:
        try:
            names = [name for name in actions_in(text, options, problems) if name not in seen]
            boxes = [bare._replace(action_id=number_of(n, options), label=n) for n in names]
        except ValueError as error:
            problems.error(str(error))
        else:
            seen.update(names)
            yield from boxes


def all_actions(actions: Iterable[str], options: Options) -> list[str]:
    """Return the label map's names in its order, then those of `actions` it does not have."""
    known = [label.name for label in options.labels] if options.labels else []
    return [*known, *sorted(set(actions) - set(known))]
