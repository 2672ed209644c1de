"""FiftyOne's video datasets: detections on the frames of videos, as ETA VideoLabels."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.actions import number_of
from kinetics_builder.formats.boxes.attributes import OTHERS
from kinetics_builder.formats.boxes.fiftyone.writing import FIELD, MANIFEST, NAME, write
from kinetics_builder.formats.boxes.frames import as_frame, as_number, seconds_of
from kinetics_builder.formats.boxes.names import video_of_file
from kinetics_builder.formats.boxes.pixels import Corners, checked
from kinetics_builder.formats.boxes.sizes import tell_size
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.json_files import entries, items, top_level
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind

_OTHERS = ("attrs", "events", "objects")
_RATE, _SIZE = "metadata.frame_rate", "metadata.frame_size"


def read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the detections of a dataset's folder, by video and frame."""
    manifest = path / MANIFEST
    if not manifest.is_file():
        raise FormatError(f"{path}: expected a folder with {MANIFEST}, found none.")
    number = -1
    for number, record in enumerate(items(manifest, "index.item")):
        problems.enter(manifest)
        problems.item = f"index {number}"
        try:
            video_id, labels = video_of_file(record["data"]), path / record["labels"]
        except (AttributeError, KeyError, TypeError):
            video_id = ""
        if not video_id:
            problems.error(f"expected data and labels, found {record!r}")
            continue
        if not _is_inside(labels, path):
            problems.error(f"expected a labels file in the folder, found {labels.name[:99]!r}")
            continue
        problems.enter(labels)
        yield from _video(video_id, labels, options, problems)
    if number < 0:
        raise FormatError(f"{manifest}: expected an index of videos, found none.")


def _is_inside(labels: Path, folder: Path) -> bool:
    """Tell whether there is such a file, and below the folder."""
    try:
        return folder.resolve() in labels.resolve().parents and labels.is_file()
    except (OSError, ValueError):
        return False


def _video(video_id: str, path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    told = top_level(path, _RATE, *_OTHERS)
    rate = _rate(told.pop(_RATE, None), options)
    _tell_size(video_id, path, options, problems)
    for name in told:
        problems.warning(f"the {name} of the whole video were left out; frames alone are read")
    for key, frame in entries(path, "frames"):
        problems.item = f"frame {key}"
        try:
            seconds = seconds_of(as_frame(key, first=1) - 1, rate)
            objects = list((frame.get("objects") or {}).get("objects") or [])
        except (AttributeError, TypeError, ValueError) as error:
            problems.error(f"expected a frame with objects: {error}")
            continue
        if not objects:
            yield Box(video_id, seconds)
        for one in objects:
            try:
                yield _box(video_id, seconds, one, options, problems)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                problems.error(f"expected an object with a bounding_box: {error}")


def _tell_size(video_id: str, path: Path, options: Options, problems: Problems) -> None:
    """Tell of the width and height that the metadata state; boxes are shares and need none."""
    if options.on_frame_size is None:
        return
    try:
        width, height = top_level(path, _SIZE)[_SIZE]
        size = as_frame(width, first=1), as_frame(height, first=1)
    except (KeyError, TypeError, ValueError):
        return
    problems.item = _SIZE
    tell_size(video_id, size, options, problems)


def _rate(of_file: object, options: Options) -> float:
    """Return the frame rate: the given one, else the file's."""
    if options.frames_per_second is None and isinstance(of_file, (int, float)) and of_file > 0:
        return float(of_file)
    return options.need_frames_per_second(NAME)


def _box(
    video_id: str, seconds: float, one: Mapping[str, Any], options: Options, problems: Problems
) -> Box:
    top, bottom = one["bounding_box"]["top_left"], one["bounding_box"]["bottom_right"]
    places = (as_number(place) for place in (top["x"], top["y"], bottom["x"], bottom["y"]))
    label, person, score = one.get("label"), one.get("index"), one.get("confidence")
    if not isinstance(label, str | None):
        raise ValueError(f"expected a text as label, found {label!r}")
    return Box(
        video_id,
        seconds,
        *checked(Corners(*places).rounded(), problems),
        action_id=None if label is None else number_of(label, options),
        person_id=None if person is None else as_frame(person, first=-(2**31)),
        score=None if score is None else as_number(score),
        label=label,
        details=_details(one),
    )


def _details(one: Mapping[str, Any]) -> dict[str, object]:
    details: dict[str, object] = {}
    if one.get("name", FIELD) != FIELD:
        details["name"] = one["name"]
    if one.get("tags"):
        details["tags"] = list(one["tags"])
    attributes = (one.get("attrs") or {}).get("attrs") or []
    if attributes:
        details[OTHERS] = {attribute["name"]: attribute["value"] for attribute in attributes}
    return details


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.BOXES,
        what="FiftyOne: a FiftyOneVideoLabelsDataset (ETA VideoLabels) with detections by frame",
        source="docs.voxel51.com; eta/core/video.py, eta/core/objects.py",
        traps=(
            "Frames count from 1. A detection has one label, so a person who does three things "
            "is three detections with the same index. The videos must be in data/: --media FOLDER "
            "brings them there."
        ),
        read=read,
        write=write,
        is_folder=True,
    ),
)
