"""Reading a version of a dataset: a file of its rows, a list of its classes, or a release."""

from pathlib import Path

from kinetics_builder.curation.history.versions import Version
from kinetics_builder.errors import ClassesError, FormatError
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.text.class_list.classes import read_classes
from pipelines.restoring.released import Released, find_released

_YAML = (".yaml", ".yml")


def read_version(path: Path) -> Version:
    """Return the classes of a file and, where it has rows, the videos of each.

    Args:
        path: A class list or a label map in any dialect, a file of clips that videos of the web
            are named in, or the folder of a release of kbuild.

    Raises:
        FormatError: It is nothing of these, or rows have no labels.

    """
    if path.is_dir():
        path = path / MANIFEST
    if not path.is_file():
        raise FormatError(
            f"{path} is not there. Name a list of classes, a label map, a file of clips such as "
            "train.csv, or the folder of a release."
        )
    if path.suffix.lower() in _YAML:
        return Version(path.name, _listed(path))
    try:
        labels = read_label_map(path)
    except FormatError as no_map:
        return _of_rows(path, str(no_map).removeprefix(f"{path}: "))
    return Version(path.name, frozenset(label.name for label in labels))


def _listed(path: Path) -> frozenset[str]:
    try:
        return frozenset(entry.name for entry in read_classes(path))
    except ClassesError as error:
        raise FormatError(str(error)) from error


def _of_rows(path: Path, no_map: str) -> Version:
    try:
        released = find_released(path)
    except FormatError as error:
        of_clips = str(error).removeprefix(f"{path}: ")
        raise FormatError(
            f"{path} is neither a list of classes nor a file of clips. Read as the one: {no_map} "
            f"As the other: {of_clips}"
        ) from error
    version = Version.of_rows(path.name, labelled(released))
    if not version.labels:
        raise FormatError(
            f"{path}: read as {released.format.name}, none of its rows has a label. Name a file "
            "that says what is done in each clip, as train.csv and validate.csv of Kinetics do."
        )
    return version


def labelled(released: Released) -> list[tuple[str, str]]:
    """Return (video, label) of the rows of a file that have a label."""
    rows = map(released.row_of, released.records(Problems(released.path)))
    return [(row.video_id or row.named, row.label) for row in rows if row.label]
