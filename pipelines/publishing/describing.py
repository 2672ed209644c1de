"""How a release is described for readers of other programs: datasheet, Croissant, Hugging Face."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from kinetics_builder.config import Config
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.croissant.description import CROISSANT, DescribedFile, describe
from kinetics_builder.formats.datasheet.answers import Answers
from kinetics_builder.formats.datasheet.sheet import SHEET, write_sheet
from kinetics_builder.formats.released_clips import TABLE, released_pages
from kinetics_builder.text.counting import counted

_HUB_SPLITS = {"train": "train", "validate": "validation", "test": "test"}
_HUB_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
_HUB_SIZES_ABOVE = ((1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"))


def hub_card(statistics: Mapping[str, Any], answers: Answers) -> str:
    """Return the head of a README by which `datasets.load_dataset` finds the splits."""
    splits = statistics["splits"]
    files = [
        {"split": name, "path": f"{split}.csv"}
        for split, name in _HUB_SPLITS.items()
        if splits[split]["clips"]
    ]
    card: dict[str, Any] = {
        "pretty_name": answers["about.name"] or title_of(statistics),
        "task_categories": ["video-classification"],
        "size_categories": [_size(statistics["num_clips"])],
        "configs": [{"config_name": "default", "data_files": files}],
    }
    if licence := answers["about.licence"]:
        card |= {"license": "other", "license_name": "see-link", "license_link": licence}
    return f"---\n{yaml.safe_dump(card, sort_keys=False, allow_unicode=True)}---\n\n"


def _size(number: int) -> str:
    for most, name in (*_HUB_SIZES, *_HUB_SIZES_ABOVE):
        if number < most:
            return name
    return "n>10M"


def title_of(statistics: Mapping[str, Any]) -> str:
    """Return what a dataset is called that nobody has named."""
    return f"A video dataset of {statistics['num_classes']} human actions"


def write_descriptions(
    folder: Path, statistics: Mapping[str, Any], answers: Answers, config: Config
) -> dict[str, str]:
    """Write the datasheet, then the description of all files that are there.

    Returns the hashes of these files, by name.
    """
    sites = _sites(folder)
    sheet = write_sheet(answers, _told(statistics, sites, config))
    (folder / SHEET).write_text(sheet, "utf-8")
    names = (path for path in sorted(folder.iterdir()) if path.is_file())
    files = [DescribedFile(one.name, one.stat().st_size, file_sha256(one)) for one in names]
    found = describe(files, answers, _properties(statistics, sites, config))
    text = json.dumps(found, indent=1, ensure_ascii=False)
    (folder / CROISSANT).write_text(f"{text}\n", "utf-8")
    return {one.name: one.sha256 for one in files} | {CROISSANT: file_sha256(folder / CROISSANT)}


def _sites(folder: Path) -> list[str]:
    """Return the sites that videos are from, sorted; without those that came as files."""
    heads = {
        "/".join(url.split("/", 3)[:3])  # the same for many
        for page in released_pages(folder / TABLE, ["url"])
        for url in page["url"]
    }
    return sorted({urlsplit(head).hostname or "" for head in heads} - {""})


def _told(
    statistics: Mapping[str, Any], sites: Iterable[str], config: Config
) -> dict[str, list[str]]:
    """Return what the data says, sentence by sentence, by the section of the datasheet."""
    clips = counted(statistics["num_clips"], "clip")
    classes = counted(statistics["num_classes"], "class", "classes")
    splits = ", ".join(
        f"{found['clips']} in {split} ({found['hours']:.2f} hours)"
        for split, found in statistics["splits"].items()
    )
    licences = ", ".join(f"{num} {kind}" for kind, num in statistics["licences"].items())
    answers = statistics["answers"]
    return {
        "composition": [
            f"{clips} of {counted(statistics['num_videos'], 'video')} in {classes}: {splits}.",
            f"Of the uploaders, {statistics['num_uploaders']} are known; no two splits share "
            f"{' or '.join(('a video', *config.curate.keep_together))}.",
            f"Licences of the videos, as their sites state them: {licences}.",
        ],
        "collection": [_collected(sites), _annotated(answers, config)],
    }


def _collected(sites: Iterable[str]) -> str:
    places = ", ".join(sites) or "files that lay on a disk"
    return (
        "Videos whose titles name a class were taken from these places, clips cut where the "
        f"action was thought to be: {places}."
    )


def _annotated(answers: Mapping[str, int], config: Config) -> str:
    said = ", ".join(f"{num} {answer}" for answer, num in answers.items())
    return (
        'People were asked "Can you see a human performing the action?" of each clip, at most '
        f"{config.verify.max_votes} of them; {config.verify.min_yes} had to say yes. They gave "
        f"{counted(sum(answers.values()), 'answer')}: {said}."
    )


def _properties(statistics: Mapping[str, Any], sites: list[str], config: Config) -> dict[str, Any]:
    """Return the properties of Croissant that the data gives."""
    title = title_of(statistics)
    found: dict[str, Any] = {
        "name": title,
        "description": f"{title}: {counted(statistics['num_clips'], 'clip')}, each labelled by "
        "people with one action.",
        "rai:dataCollection": _collected(sites),
        "rai:dataCollectionType": ["Web Scraping"] if sites else ["Others"],
        "rai:dataAnnotationProtocol": [_annotated(statistics["answers"], config)],
        "rai:annotationsPerItem": _per_clip(statistics),
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": "kinetics-builder: search, match, download, score, cut, deduplicate, "
            "verification by people, curation",
        },
    }
    if sites:
        derived = [{"@id": f"https://{site}/", "prov:label": site} for site in sites]
        found["prov:wasDerivedFrom"] = derived
    return found


def _per_clip(statistics: Mapping[str, Any]) -> str:
    return f"{sum(statistics['answers'].values()) / max(1, statistics['num_clips']):.2f}"
