"""Parts of a description: files, sets of files, and records with their fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from kinetics_builder.formats.records import SPLITS

_SPLIT = {"train": "cr:TrainingSplit", "validate": "cr:ValidationSplit", "test": "cr:TestSplit"}
_ENCODINGS = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/x-parquet",
    "png": "image/png",
    "txt": "text/plain",
}
TABLES = _ENCODINGS["parquet"]
VIDEOS = ["video/mp4", "text/plain"]
"""mlcroissant 1.1 knows video/mp4 but reads none: by the second it gives the bytes as they are."""
_TYPES = {"str": "sc:Text", "int": "sc:Integer", "float": "sc:Float", "bool": "sc:Boolean"}

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a release holds beside files that are described one by one."""

    file_sets: Sequence[Part]
    record_sets: Sequence[Part]


@dataclass(frozen=True, slots=True)
class DescribedFile:
    """A file of a release."""

    name: str
    bytes: int
    sha256: str


def file_object(file: DescribedFile) -> Part:
    """Return a file."""
    ending = file.name.rpartition(".")[2]
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.name,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": _ENCODINGS.get(ending, "text/plain"),
        "sha256": file.sha256,
    }


def file_set(name: str, description: str, encoding: str | list[str], includes: str) -> Part:
    """Return all files whose paths fit a pattern."""
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "description": description,
        "encodingFormat": encoding,
        "includes": includes,
    }


def record_set(name: str, description: str, found: Iterable[Part], key: str = "") -> Part:
    """Return records; `key` names the field that tells them apart, if one does."""
    known = {"key": {"@id": f"{name}/{key}"}} if key else {}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        **known,
        "field": list(found),
    }


def columns_of(table: type[Any], leaving: Iterable[str] = ()) -> dict[str, str]:
    """Return the type of each field of a dataclass whose objects are rows, by name."""
    left = set(leaving)
    return {
        one.name: str(getattr(one.type, "__name__", one.type)).partition(" ")[0]
        for one in fields(table)
        if one.name not in left
    }


def columns(records: str, source: Mapping[str, Any], kinds: Mapping[str, str]) -> list[Part]:
    """Return the fields of records that are the columns of a file, or of a set of files."""
    return [_column(records, source, name, kind) for name, kind in kinds.items()]


def _column(records: str, source: Mapping[str, Any], name: str, kind: str) -> Part:
    found = _field(f"{records}/{name}", _TYPES[kind])
    found["source"] = {**source, "extract": {"column": name}}
    if name == "split":
        found["references"] = {"field": {"@id": "splits/name"}}
    return found


def _field(name: str, kind: str) -> Part:
    return {"@type": "cr:Field", "@id": name, "name": name.partition("/")[2], "dataType": kind}


def contents_of(records: str, description: str, files: str) -> Part:
    """Return records of a set of videos: each file's path, and what is in it."""

    def of_files(name: str, kind: str, what: str) -> Part:
        source = {"fileSet": {"@id": files}, "extract": {"fileProperty": what}}
        return {**_field(f"{records}/{name}", kind), "source": source}

    path = of_files("path", "sc:Text", "fullpath")
    content = of_files("content", "sc:VideoObject", "content")
    return record_set(records, description, [path, content], "path")


def splits() -> Part:
    """Return what each split is."""
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "What each split is.",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [_field("splits/name", "sc:Text"), _field("splits/url", "sc:URL")],
        "data": [
            {
                "splits/name": split,
                "splits/url": _SPLIT[split].replace("cr:", "http://mlcommons.org/croissant/"),
            }
            for split in SPLITS
        ],
    }
