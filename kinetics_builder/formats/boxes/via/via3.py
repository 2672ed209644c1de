"""VGG Video Annotator 3: rectangles drawn at moments of videos, or on frames."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.attributes import details_of, person_number, said_by
from kinetics_builder.formats.boxes.frames import as_number
from kinetics_builder.formats.boxes.names import frame_of_file, video_of_file
from kinetics_builder.formats.boxes.pixels import Corners, of_rectangle
from kinetics_builder.formats.boxes.shapes import Shape, boxes_of
from kinetics_builder.formats.boxes.sizes import size_of
from kinetics_builder.formats.boxes.via.via3_writing import ATTRIBUTE_TYPES, NAME, RECTANGLE, write
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.json_files import entries, top_level
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind

_EXTREME_RECTANGLE = 8
_IMAGE = 2


def read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the rectangles of a project."""
    options.need_frame_size(NAME)
    project = top_level(path, "attribute", "file", "view")
    if missing := {"attribute", "file", "view"} - project.keys():
        raise FormatError(
            f"{path}: expected a project with attribute, file, view and metadata; "
            f"{', '.join(sorted(missing))} is missing."
        )
    losses = Losses(problems, "reading boxes alone")
    for key, drawn in entries(path, "metadata"):
        problems.item = key
        if not isinstance(drawn, dict) or not drawn.get("xy"):
            losses.note("segments in time", key)
            continue
        try:
            video_id, seconds = _moment(drawn, project, options)
            shape = _shape(seconds, drawn, project["attribute"], options, problems)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            problems.error(f"expected a rectangle at a moment of a file: {error}")
        else:
            size_of(video_id, None, options, problems, NAME)
            yield from boxes_of(video_id, shape, options, problems)
    losses.tell()


def _moment(
    drawn: Mapping[str, Any], project: Mapping[str, Any], options: Options
) -> tuple[str, float]:
    """Return the video and the time of a rectangle; those of an image are in its name."""
    file = project["file"][str(project["view"][str(drawn["vid"])]["fid_list"][0])]
    if file.get("type") == _IMAGE:
        return frame_of_file(file["fname"], options.need_frames_per_second(NAME))
    times = drawn["z"]
    if len(times) != 1 or as_number(times[0]) < 0:
        raise ValueError(f"expected one time of 0 or more seconds in z, found {times}")
    return video_of_file(file["fname"]), as_number(times[0])


def _shape(
    seconds: float,
    drawn: Mapping[str, Any],
    declared: Mapping[str, Any],
    options: Options,
    problems: Problems,
) -> Shape:
    found, groups = _flat(drawn.get("av") or {}, declared)
    said = said_by(found, options, problems, groups)
    return Shape(
        seconds,
        _corners(drawn["xy"]).to_shares(options.need_frame_size(NAME)),
        person_number(said.person),
        said.actions,
        details_of(said),
    )


def _corners(told: list[float]) -> Corners:
    kind, places = told[0], [as_number(place) for place in told[1:]]
    if kind == RECTANGLE and len(places) == 4:
        return of_rectangle(*places)
    if kind == _EXTREME_RECTANGLE and len(places) == 8:
        xs, ys = places[::2], places[1::2]
        return Corners(min(xs), min(ys), max(xs), max(ys))
    raise ValueError(f"found the shape {told}, expected [{RECTANGLE}, x, y, width, height]")


def _flat(
    values: Mapping[str, str], declared: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return attributes by name, each ticked option as one of its own, and its group."""
    found: dict[str, str] = {}
    groups: dict[str, str] = {}
    for number, value in values.items():
        attribute = declared[number]
        options = attribute.get("options") or {}
        if attribute["type"] == ATTRIBUTE_TYPES["checkbox"]:
            ticked = [option for option in str(value).split(",") if option]
            names = [options.get(option, option) for option in ticked]
            found.update(dict.fromkeys(names, "true"))
            groups.update(dict.fromkeys(names, attribute["aname"]))
        else:
            found[attribute["aname"]] = str(options.get(value, value))
    return found, groups


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.BOXES,
        what="VGG Video Annotator 3: the project of videos or frames, saved as JSON",
        source="gitlab.com/vgg/via, via-3.x.y: _via_metadata.js, _via_attribute.js",
        traps=(
            "Rectangles are in pixels of the video, whose size the project does not hold; what "
            "is ticked is a list of option numbers, whose names are in `attribute`. Segments in "
            "time are no boxes and are not read."
        ),
        read=read,
        write=write,
    ),
)
