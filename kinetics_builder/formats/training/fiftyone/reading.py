"""FiftyOne's temporal detections: `data/` with the files and `labels.json` with stretches."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.json_files import entries, top_level
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.media import VIDEO_SUFFIXES, told_by_name
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip, Kind
from kinetics_builder.formats.splits import by_split
from kinetics_builder.formats.training.classes import named
from kinetics_builder.formats.training.columns import stretch_of
from kinetics_builder.formats.training.fiftyone.writing import LABELS, NAME, write_temporal

_SUFFIXES = sorted(VIDEO_SUFFIXES, key=lambda suffix: (suffix != ".mp4", suffix))


def read_temporal(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each stretch in each `labels.json`; one without a label for a file of none.

    Stretches count from the start of the file. Where the file's name tells that it was cut from
    a video, the clip's count from the start of that. Frames need the rate of the options.
    """
    files = sorted(path.rglob(LABELS)) if path.is_dir() else [path]
    if not files:
        raise FormatError(f"{path}: expected {LABELS} in this folder or in its splits.")
    root = path if path.is_dir() else path.parent
    for split, file in by_split(((file.parent.name, file) for file in files), options):
        problems.enter(file)
        names = top_level(file, "classes").get("classes")
        if not isinstance(names, (list, type(None))):
            raise FormatError(f"{file}: expected a list of names as classes, found {names!r}.")
        labels = LabelMap.of_names(map(str, names)) if names else options.labels
        for name, found in entries(file, "labels"):
            problems.item = name
            told = _file(file.parent, name, problems).relative_to(root).as_posix()
            if not isinstance(found, list) and found is not None:
                problems.error(f"expected a list of labels, found {found!r}")
                continue
            for one in found or [None]:
                try:
                    yield _clip(told, one, options, labels)._replace(split=split)
                except ValueError as error:
                    problems.error(f"{error}, in {one}")


def _file(folder: Path, name: str, problems: Problems) -> Path:
    for suffix in _SUFFIXES:
        if (found := folder / "data" / f"{name}{suffix}").is_file():
            return found
    problems.warning("no video of this name in data")
    return folder / "data" / name


def _clip(file: str, one: Any, options: Options, labels: LabelMap | None) -> Clip:
    told = told_by_name(file)
    if one is None:
        return Clip(*told, None, None, file)
    if not isinstance(one, dict) or not isinstance(one.get("label"), (int, str)):
        raise ValueError("expected label and timestamps")
    label, details = _label(one["label"], labels)
    start, end = _stretch(one, told[1] or 0.0, options)
    attributes = one.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise ValueError("expected attributes as a JSON object")
    details = {**details, **attributes}
    return Clip(told[0], start, end, label, None, file, one.get("confidence"), details or NOTHING)


def _label(said: int | str, labels: LabelMap | None) -> tuple[str | None, Any]:
    return named(said, labels) if isinstance(said, int) else (said, NOTHING)


def _stretch(one: dict[str, Any], offset: float, options: Options) -> tuple[float, float]:
    pair = one.get("timestamps", one.get("support"))
    if not isinstance(pair, list) or len(pair) != 2:
        raise ValueError("expected timestamps or support, a list of two numbers")
    if "timestamps" in one:
        start, end = stretch_of(*pair)
    else:
        rate = options.need_frames_per_second(NAME)
        start, end = stretch_of((pair[0] - 1) / rate, pair[1] / rate)
    if start is None or end is None:
        raise ValueError("expected two numbers")
    return (round(offset + start, 6), round(offset + end, 6)) if offset else (start, end)


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.CLIPS,
        what="FiftyOneTemporalDetectionDataset for stretches: data/ and labels.json in each split",
        source="docs.voxel51.com user_guide/import_datasets, fiftyone/utils/data/importers.py",
        traps="Timestamps count from the start of the file, so a clip cut from a video starts at "
        "0; files go by their names without suffix; one import reads one split's folder.",
        read=read_temporal,
        write=write_temporal,
        is_folder=True,
    ),
)
