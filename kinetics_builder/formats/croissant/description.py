"""A release as Croissant: its files, the records in them, and what its makers say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from kinetics_builder.formats.croissant.context import CONFORMS_TO, CONTEXT
from kinetics_builder.formats.datasheet.answers import Answers
from kinetics_builder.formats.datasheet.questions import QUESTIONS
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.released_clips import TABLE, ReleasedClip

CROISSANT = "croissant.json"
_SPLIT = {"train": "cr:TrainingSplit", "validate": "cr:ValidationSplit", "test": "cr:TestSplit"}
_ENCODINGS = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/x-parquet",
    "txt": "text/plain",
}
_TYPES = {"str": "sc:Text", "int": "sc:Integer", "float": "sc:Float", "bool": "sc:Boolean"}


@dataclass(frozen=True, slots=True)
class DescribedFile:
    """A file of a release."""

    name: str
    bytes: int
    sha256: str


def describe(
    files: Iterable[DescribedFile], answers: Answers, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the description as JSON-LD.

    Args:
        files: The texts and tables; clips are described as a set.
        answers: What the makers say; what is open is left out.
        facts: Properties that the data gives, by name; `name` and `description` where nobody
            has answered those.

    """
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS_TO),
        **facts,
        **_answered(answers),
        "distribution": [*map(_file, files), _CLIPS],
        "recordSet": [_splits(), _clips(), _VIDEOS],
    }


def _answered(answers: Answers) -> dict[str, Any]:
    given: dict[str, Any] = {
        one.field: answers[one.name] for one in QUESTIONS if one.field and answers[one.name]
    }
    if "creator" in given:
        names = [name.strip() for name in given["creator"].splitlines() if name.strip()]
        given["creator"] = [{"@type": "sc:Person", "name": name} for name in names]
    if "rai:hasSyntheticData" in given:
        given["rai:hasSyntheticData"] = given["rai:hasSyntheticData"].lower().startswith("yes")
    return given


def _file(file: DescribedFile) -> dict[str, Any]:
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


_CLIPS = {
    "@type": "cr:FileSet",
    "@id": "clip-files",
    "name": "clip-files",
    "description": "The clips as files of their own.",
    # mlcroissant 1.1 knows video/mp4 but reads none: by the second it gives the bytes as they are.
    "encodingFormat": ["video/mp4", "text/plain"],
    "includes": "clips/*.mp4",
}


def _splits() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "What each split is.",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            _field("splits/name", "sc:Text"),
            _field("splits/url", "sc:URL"),
        ],
        "data": [
            {
                "splits/name": split,
                "splits/url": _SPLIT[split].replace("cr:", "http://mlcommons.org/croissant/"),
            }
            for split in SPLITS
        ],
    }


def _clips() -> dict[str, Any]:
    columns = [one.name for one in fields(ReleasedClip) if one.name != "fingerprint"]
    return {
        "@type": "cr:RecordSet",
        "@id": "clips",
        "name": "clips",
        "description": "One record a clip: where it is from, its class, what people said of it.",
        "key": {"@id": "clips/file"},
        "field": [_column(name) for name in columns],
    }


def _column(name: str) -> dict[str, Any]:
    kind = next(one.type for one in fields(ReleasedClip) if one.name == name)
    plain = str(getattr(kind, "__name__", kind)).partition(" ")[0]
    found = _field(f"clips/{name}", _TYPES[plain])
    found["source"] = {"fileObject": {"@id": TABLE}, "extract": {"column": name}}
    if name == "split":
        found["references"] = {"field": {"@id": "splits/name"}}
    return found


def _field(name: str, kind: str) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": name, "name": name.partition("/")[2], "dataType": kind}


def _of_files(name: str, kind: str, what: str) -> dict[str, Any]:
    source = {"fileSet": {"@id": "clip-files"}, "extract": {"fileProperty": what}}
    return {**_field(f"videos/{name}", kind), "source": source}


_VIDEOS = {
    "@type": "cr:RecordSet",
    "@id": "videos",
    "name": "videos",
    "description": "One record a clip's file, with its content.",
    "key": {"@id": "videos/path"},
    "field": [
        _of_files("path", "sc:Text", "fullpath"),
        _of_files("content", "sc:VideoObject", "content"),
    ],
}
