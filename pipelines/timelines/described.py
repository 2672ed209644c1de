"""What the data of a release of segments says of it: datasheet, Croissant, Hugging Face's card."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kinetics_builder.config import Config
from kinetics_builder.formats.croissant.parts import Contents, columns, record_set, splits
from kinetics_builder.formats.release_files import SEGMENTS
from kinetics_builder.formats.splits import LONG
from kinetics_builder.text.counting import counted
from pipelines.publishing.folders.describing import (
    Description,
    places_in_words,
    provenance,
    sites_of,
)
from pipelines.timelines.derived import CHARADES
from pipelines.timelines.tables import VIDEOS, rows_of

_STEPS = "search, match, download, segments marked by people, clustered to agreement"
_SEGMENT = {"video": "str", "label": "str", "start": "float", "end": "float", "split": "str"}
_VIDEO = {
    **{"video": "str", "split": "str", "duration": "float", "width": "int", "height": "int"},
    **{"url": "str", "licence": "str", "uploader": "str", "group": "str", "sha256": "str"},
}


def describe_segments(folder: Path, sums: Mapping[str, Any], config: Config) -> Description:
    """Return it; addresses and licences are read from the folder's tables."""
    sites = sites_of(row["url"] for row in rows_of(folder / VIDEOS))
    title = f"When {counted(sums['num_classes'], 'action happens', 'actions happen')} in videos"
    return Description(
        title=title,
        tasks=["video-classification"],
        size=sums["num_videos"],
        splits={
            LONG[split]: CHARADES.format(split)
            for split, found in sums["splits"].items()
            if found["videos"]
        },
        told=_told(sums, sites, config),
        facts={
            "name": title,
            "description": f"{title}: {counted(sums['num_segments'], 'segment')} in "
            f"{counted(sums['num_videos'], 'whole video')}.",
            **provenance(sites, _collected(sites), _STEPS),
            "rai:dataAnnotationProtocol": [_annotated(sums, config)],
            "rai:annotationsPerItem": f"{sums['num_answers'] / max(1, sums['num_questions']):.2f}",
        },
        contents=_contents(),
    )


def _contents() -> Contents:
    return Contents(
        file_sets=[],
        record_sets=[
            splits(),
            _records("segments", "When an action happens in a video.", SEGMENTS, _SEGMENT),
            _records("videos", "The videos, whether anything happens in them.", VIDEOS, _VIDEO),
        ],
    )


def _records(name: str, what: str, file: str, kinds: Mapping[str, str]) -> dict[str, Any]:
    return record_set(name, what, columns(name, {"fileObject": {"@id": file}}, kinds))


def _told(sums: Mapping[str, Any], sites: Sequence[str], config: Config) -> dict[str, list[str]]:
    """Return what the data says, sentence by sentence, by the section of the datasheet."""
    held = ", ".join(
        f"{counted(found['segments'], 'segment')} in {counted(found['videos'], 'video')} of {split}"
        f" ({found['hours']:.2f} hours)"
        for split, found in sums["splits"].items()
    )
    licences = ", ".join(f"{num} {name}" for name, num in sums["licences"].items())
    return {
        "composition": [
            f"{counted(sums['num_classes'], 'class', 'classes')}: {held}.",
            f"No two splits share {' or '.join(('a video', *config.curate.keep_together))}.",
            f"Licences of the videos, as their sites state them: {licences}.",
        ],
        "collection": [_collected(sites), _annotated(sums, config)],
    }


def _collected(sites: Sequence[str]) -> str:
    places = places_in_words(sites)
    return f"Videos whose titles name a class were taken whole from these places: {places}."


def _annotated(sums: Mapping[str, Any], config: Config) -> str:
    return (
        f"{config.verify.segment_answers} people were asked of each video, class by class, to mark "
        "when it begins and ends, or that it never happens. "
        f"{counted(sums['num_workers'], 'person', 'people')} gave "
        f"{counted(sums['num_answers'], 'answer')} that count."
    )
