"""Every format by its name."""

from difflib import get_close_matches
from importlib import import_module

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Format
from kinetics_builder.formats.records import Kind

MODULES = (
    "clips.kbuild.manifest",
    "clips.kbuild.predictions",
    "clips.kinetics.csv_files",
    "clips.kinetics.json_files",
    "clips.kinetics.resnets3d",
    "clips.kinetics.submission",
    "clips.activitynet.annotations",
    "clips.activitynet.results",
    "clips.charades.annotations",
    "clips.finegym.annotations",
    "clips.finegym.split_files",
    "clips.hacs.clips",
    "clips.hacs.segments",
    "clips.thumos.annotations",
    "clips.thumos.detection",
    "clips.moments",
    "clips.something",
    "clips.ucf101",
    "clips.hmdb51",
    "training.lists.formats",
    "training.class_folders",
    "training.videofolder.reading",
    "training.webdataset.reading",
    "training.fiftyone.reading",
    "training.datumaro",
    "training.omnisource.formats",
    "boxes.ava.csv_files",
    "boxes.ava.timestamps",
    "boxes.ava.proposals",
    "boxes.ava.tracks",
    "boxes.ava_folders.plain",
    "boxes.ava_folders.reading",
    "boxes.cvat.formats",
    "boxes.via.via2",
    "boxes.via.via3",
    "boxes.fiftyone.reading",
    "boxes.datumaro.reading",
    "boxes.coco.reading",
    "boxes.yolo.reading",
    "boxes.mot.reading",
    "clips.charades.scores",
    "labels.pbtxt",
    "labels.lists",
    "labels.numbered",
    "labels.csv_maps",
    "labels.json_maps",
    "labels.activitynet_taxonomy",
    "labels.finegym_categories",
)
"""Below `kinetics_builder.formats`; each module's `FORMATS` are listed in this order."""


ALIASES = {"cvat": "cvat-video"}
"""Names that say as much as a format's own."""


def all_formats() -> dict[str, Format]:
    """Return the formats by name, in the order of their modules."""
    formats: dict[str, Format] = {}
    for module in MODULES:
        for one in import_module(f"kinetics_builder.formats.{module}").FORMATS:
            assert one.name not in formats, one.name
            formats[one.name] = one
    return formats


def find_format(name: str, kind: Kind | None = None) -> Format:
    """Return the format of that name.

    Raises:
        FormatError: No format (of that kind) has the name; with names like it, else with all.

    """
    name = ALIASES.get(name, name)
    formats = {
        found: one for found, one in all_formats().items() if kind is None or one.kind is kind
    }
    if name not in formats:
        of_kind = f" of {kind.value}" if kind else ""
        near = [one for one in formats if name and (name in one or one in name)]
        near = near or get_close_matches(name, formats)
        there_are = f"There are: {', '.join(near or formats)}."
        all_of_them = " `kbuild formats` lists all." if near else ""
        raise FormatError(f"No format{of_kind} is called {name!r}. {there_are}{all_of_them}")
    return formats[name]
