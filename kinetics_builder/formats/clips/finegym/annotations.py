"""FineGym's annotation file: events of gymnastics, and the sub-actions inside them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kinetics_builder.formats.checks import is_finite
from kinetics_builder.formats.clips.finegym.annotations_write import write_annotation
from kinetics_builder.formats.clips.finegym.names import EVENTS
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.json_files import check_shape, entries
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip, Kind

Intervals = tuple[tuple[float, float], ...]

_EVENT_KEYS = {"event", "segments", "timestamps"}
_ACTION_KEYS = {"stages", "timestamps"}


def read_annotation(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield each event, labelled VT, FX, BB or UB, and behind it its sub-actions, unlabelled.

    All times count from the start of the video. The file's own stand in the details:
    `event_id`, `event`, `timestamps` and `is_segmented` of an event; `event_id` (the parent's),
    `action_id`, `stages` and `timestamps` (from the start of the event) of a sub-action.

    Raises:
        FormatError: The file is no JSON object.

    """
    check_shape(path, "", dict)
    seen: set[str] = set()
    for video_id, events in entries(path, ""):
        problems.item = video_id
        if video_id in seen:
            problems.warning("stands twice in the file, where readers keep the last alone")
        seen.add(video_id)
        if isinstance(events, dict):
            yield from _video(video_id, events, problems)
        else:
            problems.error(f"expected an object of events, found {events!r}")


def _video(video_id: str, events: Mapping[str, Any], problems: Problems) -> Iterator[Clip]:
    for event_id, value in events.items():
        problems.item = f"{video_id} {event_id}"
        try:
            clip, segments = _event(video_id, event_id, value)
        except ValueError as error:
            problems.error(f"{error}; the event is left out with its sub-actions")
            continue
        _tell_unknown(value.keys() - _EVENT_KEYS, problems)
        yield clip
        for action_id, segment in segments.items():
            problems.item = f"{video_id} {event_id} {action_id}"
            try:
                action = _action(clip, action_id, segment)
            except ValueError as error:
                problems.error(str(error))
                continue
            _tell_unknown(segment.keys() - _ACTION_KEYS, problems)
            yield action


def _tell_unknown(keys: set[str], problems: Problems) -> None:
    if keys:
        problems.warning(f"keys that FineGym does not have are left out: {', '.join(sorted(keys))}")


def _event(video_id: str, event_id: str, value: Any) -> tuple[Clip, Mapping[str, Any]]:
    """Return an event and its segments; ValueError for what is not one."""
    if not isinstance(value, dict) or "timestamps" not in value:
        raise ValueError(f"expected an object with event, segments and timestamps, found {value!r}")
    number, segments = value.get("event"), value.get("segments")
    if type(number) is not int:
        raise ValueError(f"expected the event's number, found {number!r}")
    if segments is not None and not isinstance(segments, dict):
        raise ValueError(f"expected segments that are an object or null, found {segments!r}")
    times = _intervals(value["timestamps"])
    details = {
        "event_id": event_id,
        "event": number,
        "timestamps": times,
        "is_segmented": segments is not None,
    }
    start, end = float(times[0][0]), float(times[-1][1])
    return Clip(video_id, start, end, EVENTS.get(number), details=details), segments or {}


def _action(event: Clip, action_id: str, value: Any) -> Clip:
    """Return a sub-action of `event`; ValueError for what is not one."""
    if not isinstance(value, dict) or "timestamps" not in value:
        raise ValueError(f"expected an object with stages and timestamps, found {value!r}")
    times, stages = _intervals(value["timestamps"]), value.get("stages")
    if stages != len(times):
        raise ValueError(
            f"expected as many timestamps as stages, found {len(times)} and {stages!r}"
        )
    details = {
        "event_id": event.details["event_id"],
        "action_id": action_id,
        "stages": stages,
        "timestamps": times,
    }
    begun = event.start_seconds or 0.0
    start, end = round(begun + times[0][0], 3), round(begun + times[-1][1], 3)
    return Clip(event.video_id, start, end, details=details)


def _intervals(value: Any) -> Intervals:
    """Return the stretches of `timestamps`; ValueError unless they run forward."""
    flat = [number for pair in value for number in pair] if _is_pairs(value) else []
    if not flat or min(flat) < 0 or any(end <= start for start, end in value):
        raise ValueError(f"expected timestamps [[start, end], ...] that run on, found {value!r}")
    return tuple((start, end) for start, end in value)


def _is_pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(type(number) in (int, float) and is_finite(number) for number in pair)
        for pair in value
    )


FORMATS: tuple[Format, ...] = (
    Format(
        name="finegym",
        kind=Kind.CLIPS,
        what="FineGym annotations, finegym_annotation_info_v1.1.json: events and sub-actions",
        source="sdolivia.github.io/FineGym, temporal annotation v1.0 and v1.1 (arXiv:2004.06704)",
        traps="Sub-actions count from the start of their event: here they come in seconds of the "
        "video, rounded to the millisecond, with the file's own times in the details. The file "
        "names no element; those classes stand in the split files. Events overlap their own "
        "sub-actions, and a vault has three stages.",
        read=read_annotation,
        write=write_annotation,
    ),
)
