"""Datumaro's own format: an image for each key frame, with a box for each person and action."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.actions import number_of
from kinetics_builder.formats.boxes.attributes import OTHERS, PERSON_ID
from kinetics_builder.formats.boxes.datumaro.writing import NAME, SCORE, write
from kinetics_builder.formats.boxes.frames import as_frame, as_number
from kinetics_builder.formats.boxes.pixels import checked, of_rectangle
from kinetics_builder.formats.boxes.sizes import Size, size_of
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.json_files import items, top_level
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind

_ENTRIES = "categories.label.labels"


def read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the boxes of a dataset's folder, or of one file of its annotations."""
    files = sorted((path / "annotations").glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise FormatError(f"{path}: expected annotations/SUBSET.json in this folder, found none.")
    for file in files:
        problems.enter(file)
        yield from _subset(file, options, problems)


def _subset(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    labels = top_level(path, _ENTRIES).get(_ENTRIES)
    if not isinstance(labels, list):
        raise FormatError(f"{path}: expected {_ENTRIES}, found none: not a Datumaro file.")
    names = [label.get("name") if isinstance(label, dict) else None for label in labels]
    for item in items(path, "items.item"):
        try:
            problems.item = str(item["id"])
            video_id, seconds = _moment(item)
            drawn = list(item.get("annotations") or [])
            size = (1, 1)
            if drawn:
                size = size_of(video_id, _stated(item), options, problems, NAME)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            problems.error(f"expected an item of a video at a time: {error}")
            continue
        if not drawn:
            yield Box(video_id, seconds)
        for one in drawn:
            yield from _box(Box(video_id, seconds), one, (size, names), options, problems)


def _moment(item: Mapping[str, Any]) -> tuple[str, float]:
    """Return the video and the time: what the item says, else its id, VIDEO/SECONDS."""
    told = item.get("attr") or {}
    video_id, _, text = str(item["id"]).rpartition("/")
    seconds = as_number(told.get("timestamp_seconds", text))
    video_id = str(told.get("video_id", video_id))
    if not video_id or seconds < 0:
        raise ValueError(f"found the id {item['id']!r}, expected VIDEO/SECONDS")
    return video_id, seconds


def _stated(item: Mapping[str, Any]) -> Size | None:
    size = (item.get("image") or {}).get("size")
    if size is None:
        return None
    height, width = size
    return as_frame(width, first=1), as_frame(height, first=1)


def _box(
    frame: Box,
    one: Any,
    known: tuple[tuple[int, int], list[Any]],
    options: Options,
    problems: Problems,
) -> Iterator[Box]:
    size, names = known
    try:
        if one["type"] != "bbox":
            problems.warning(f"a {one['type']} was left out; bbox alone is read")
            return
        x, y, width, height = (as_number(side) for side in one["bbox"])
        corners = checked(of_rectangle(x, y, width, height).to_shares(size), problems)
        number = one.get("label_id")
        label = None if number is None else names[as_frame(number)]
        if not isinstance(label, str | None):
            raise ValueError(f"expected a text as label, found {label!r}")
        yield frame._replace(
            **corners._asdict(),
            action_id=None if label is None else number_of(label, options),
            label=label,
            **_said(one),
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        problems.error(f"expected a bbox of x, y, width and height, and a known label_id: {error}")


def _said(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return the person, the score and the details of an annotation."""
    attributes = dict(one.get("attributes") or {})
    person = attributes.pop(PERSON_ID, one.get("object_id", -1))
    score = attributes.pop(SCORE, None)
    found: dict[str, Any] = {"details": {OTHERS: attributes}} if attributes else {}
    if person not in (-1, None, ""):
        found["person_id"] = as_frame(person, first=-(2**31))
    if score is not None:
        found["score"] = as_number(score)
    return found


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.BOXES,
        what="Datumaro: annotations/SUBSET.json with a bbox for each person and action",
        source="Datumaro 1.x, plugins/data_formats/datumaro",
        traps=(
            "Boxes are x, y, width, height in pixels, and sizes are height before width. "
            "Datumaro itself writes 0.01 pixel. A box has one label, so a person who does three "
            "things is three boxes of one group; images are called VIDEO/SECONDS.jpg."
        ),
        read=read,
        write=write,
        is_folder=True,
    ),
)
