"""What the data of a release of clips says of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kinetics_builder.config import Config
from kinetics_builder.formats.croissant.clips import clip_contents
from kinetics_builder.formats.parquet import column_table
from kinetics_builder.formats.released_clips import TABLE
from kinetics_builder.formats.splits import LONG
from kinetics_builder.text.counting import counted
from pipelines.publishing.folders.describing import (
    Description,
    places_in_words,
    provenance,
    sites_of,
)

_STEPS = "search, match, download, score, cut, deduplicate, verification by people, curation"


def describe_clips(folder: Path, statistics: Mapping[str, Any], config: Config) -> Description:
    """Return it; the addresses are read from the folder's table."""
    sites = sites_of(_heads_of_addresses(folder))
    title = f"A video dataset of {statistics['num_classes']} human actions"
    return Description(
        title=title,
        tasks=["video-classification"],
        size=statistics["num_clips"],
        splits={
            LONG[split]: f"{split}.csv"
            for split, found in statistics["splits"].items()
            if found["clips"]
        },
        told=_told(statistics, sites, config),
        facts={
            "name": title,
            "description": f"{title}: {counted(statistics['num_clips'], 'clip')}, each labelled by "
            "people with one action.",
            **provenance(sites, _collected(sites), _STEPS),
            "rai:dataAnnotationProtocol": [_annotated(statistics["answers"], config)],
            "rai:annotationsPerItem": _per_clip(statistics),
        },
        contents=clip_contents(),
    )


def _heads_of_addresses(folder: Path) -> list[str]:
    """Return addresses up to their path, each once."""
    from pyarrow import compute

    urls = column_table(folder / TABLE, ["url"])["url"]
    heads = compute.replace_substring_regex(urls, r"^([^/]*/[^/]*/[^/]*).*$", r"\1")
    found: list[str] = compute.unique(heads).to_pylist()
    return found


def _told(
    statistics: Mapping[str, Any], sites: Sequence[str], config: Config
) -> dict[str, list[str]]:
    """Return what the data says, sentence by sentence, by the section of the datasheet."""
    clips = counted(statistics["num_clips"], "clip")
    classes = counted(statistics["num_classes"], "class", "classes")
    splits = ", ".join(
        f"{found['clips']} in {split} ({found['hours']:.2f} hours)"
        for split, found in statistics["splits"].items()
    )
    licences = _numbered(statistics["licences"])
    answers = statistics["answers"]
    return {
        "composition": [
            f"{clips} of {counted(statistics['num_videos'], 'video')} in {classes}: {splits}.",
            f"Of the uploaders, {statistics['num_uploaders']} are known; no two splits share "
            f"{' or '.join(('a video', *config.curate.keep_together))}.",
            f"Licences of the videos, as their sites state them: {licences}.",
            f"Languages spoken in them, as their sites say: {_numbered(statistics['languages'])}; "
            f"countries of their uploaders: {_numbered(statistics['countries'])} (clips).",
        ],
        "collection": [_collected(sites), _annotated(answers, config)],
    }


def _numbered(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{num} {what}" for what, num in counts.items())


def _collected(sites: Sequence[str]) -> str:
    return (
        "Videos whose titles name a class were taken from these places, clips cut where the "
        f"action was thought to be: {places_in_words(sites)}."
    )


def _annotated(answers: Mapping[str, int], config: Config) -> str:
    said = ", ".join(f"{num} {answer}" for answer, num in answers.items())
    return (
        'People were asked "Can you see a human performing the action?" of each clip, at most '
        f"{config.verify.max_votes} of them; {config.verify.min_yes} had to say yes. They gave "
        f"{counted(sum(answers.values()), 'answer')}: {said}."
    )


def _per_clip(statistics: Mapping[str, Any]) -> str:
    return f"{sum(statistics['answers'].values()) / max(1, statistics['num_clips']):.2f}"
