"""VGG Image Annotator 2: rectangles drawn on the frames of videos."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ijson

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.attributes import (
    Said,
    details_of,
    person_number,
    said_by,
)
from kinetics_builder.formats.boxes.frames import as_number
from kinetics_builder.formats.boxes.names import frame_of_file
from kinetics_builder.formats.boxes.pixels import of_rectangle
from kinetics_builder.formats.boxes.shapes import Shape, boxes_of
from kinetics_builder.formats.boxes.sizes import size_of
from kinetics_builder.formats.boxes.via.via2_writing import FILES, NAME, write
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.json_files import entries, reading
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind


def read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the rectangles of a project, or of annotations exported as JSON."""
    options.need_frame_size(NAME)
    rate = options.need_frames_per_second(NAME)
    is_empty = True
    for key, file in entries(path, FILES if _is_project(path) else ""):
        is_empty = False
        problems.item = key
        try:
            video_id, seconds = frame_of_file(str(file["filename"]), rate)
            regions = file["regions"]
            regions = list(regions.values()) if isinstance(regions, dict) else list(regions)
        except (KeyError, TypeError, ValueError) as error:
            problems.error(f"expected an image with a filename and regions: {error}")
            continue
        if not regions:
            yield Box(video_id, seconds)
        for region in regions:
            yield from _boxes(video_id, seconds, region, options, problems)
    if is_empty:
        raise FormatError(f"{path}: expected images in {FILES} or at the top, found none.")


def _is_project(path: Path) -> bool:
    with reading(path) as file:
        for _, event, value in ijson.parse(file, use_float=True):
            if event == "map_key":
                return str(value).startswith("_via_")
    return False


def _boxes(
    video_id: str, seconds: float, region: Any, options: Options, problems: Problems
) -> Iterator[Box]:
    try:
        drawn = region["shape_attributes"]
        if drawn["name"] != "rect":
            problems.warning(f"a {drawn['name']} was left out; rectangles alone are read")
            return
        sides = (as_number(drawn[name]) for name in ("x", "y", "width", "height"))
        size = size_of(video_id, None, options, problems, NAME)
        corners = of_rectangle(*sides).to_shares(size)
        said = _said(region.get("region_attributes") or {}, options, problems)
        person = person_number(said.person)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        problems.error(f"expected a rectangle with x, y, width and height: {error}")
        return
    shape = Shape(seconds, corners, person, said.actions, details_of(said))
    yield from boxes_of(video_id, shape, options, problems)


def _said(attributes: dict[str, Any], options: Options, problems: Problems) -> Said:
    found, groups = _flat(attributes)
    return said_by(found, options, problems, groups)


def _flat(attributes: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return a region's attributes with each ticked option as one of its own, and its group."""
    found: dict[str, str] = {}
    groups: dict[str, str] = {}
    for name, value in attributes.items():
        if isinstance(value, dict):
            found.update({option: str(bool(on)).lower() for option, on in value.items()})
            groups.update(dict.fromkeys(value, name))
        else:
            found[name] = "" if value is None else str(value)
    return found, groups


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.BOXES,
        what="VGG Image Annotator 2: a project, or its annotations exported as JSON",
        source="robots.ox.ac.uk/~vgg/software/via, data format 2.0.10",
        traps=(
            "Rectangles are in pixels, and the file knows neither the size of a frame nor its "
            "time: frames must be called VIDEO_NUMBER.jpg, counted from 1 as ffmpeg does. A file "
            "whose name or size differs from the project's is shown as missing."
        ),
        read=read,
        write=write,
    ),
)
