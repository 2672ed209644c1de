"""How a release is described for readers of other programs: datasheet, Croissant, Hugging Face."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from kinetics_builder.files import file_sha256
from kinetics_builder.formats.croissant.description import CROISSANT, describe
from kinetics_builder.formats.croissant.parts import Contents, DescribedFile
from kinetics_builder.formats.datasheet.answers import Answers
from kinetics_builder.formats.datasheet.sheet import SHEET, write_sheet
from pipelines.publishing.folders.errata import BESIDE, faults_told

_HUB_SIZES = (
    *((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K")),
    *((1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the data of a release says of it."""

    title: str
    """What it is called where nobody has named it."""
    tasks: Sequence[str]
    """As Hugging Face names them."""
    size: int
    """How many rows `splits` have together."""
    splits: Mapping[str, str]
    """The table of each split, by Hugging Face's name of the split."""
    told: Mapping[str, Sequence[str]]
    """Sentences, by the section of the datasheet."""
    facts: Mapping[str, Any]
    """Properties of Croissant."""
    contents: Contents


def hub_card(description: Description, answers: Answers) -> str:
    """Return the head of a README by which `datasets.load_dataset` finds the splits."""
    files = [{"split": name, "path": path} for name, path in description.splits.items()]
    card: dict[str, Any] = {
        "pretty_name": answers["about.name"] or description.title,
        "task_categories": list(description.tasks),
        "size_categories": [_size(description.size)],
        "configs": [{"config_name": "default", "data_files": files}],
    }
    if licence := answers["about.licence"]:
        card |= {"license": "other", "license_name": "see-link", "license_link": licence}
    return f"---\n{yaml.safe_dump(card, sort_keys=False, allow_unicode=True)}---\n\n"


def _size(number: int) -> str:
    return next((name for most, name in _HUB_SIZES if number < most), "n>10M")


def write_descriptions(folder: Path, description: Description, answers: Answers) -> dict[str, str]:
    """Write the datasheet, then the description of all files that are there.

    Returns the hashes of these files, by name.
    """
    (folder / SHEET).write_text(write_sheet(answers, description.told), "utf-8")
    there = (path for path in sorted(folder.iterdir()) if path.is_file())
    names = (path for path in there if path.name not in BESIDE)
    files = [DescribedFile(one.name, one.stat().st_size, file_sha256(one)) for one in names]
    found = describe(files, description.contents, answers, description.facts)
    if told := faults_told(folder):
        found["correction"] = told
    text = json.dumps(found, indent=1, ensure_ascii=False)
    (folder / CROISSANT).write_text(f"{text}\n", "utf-8")
    return {one.name: one.sha256 for one in files} | {CROISSANT: file_sha256(folder / CROISSANT)}


def sites_of(addresses: Iterable[str]) -> list[str]:
    """Return the sites of addresses, sorted; nothing of what came as a file.

    >>> sites_of(["https://a.org/1", "", "https://a.org/2"])
    ['a.org']
    """
    heads = {"/".join(url.split("/", 3)[:3]) for url in addresses}  # the same for many
    return sorted({urlsplit(head).hostname or "" for head in heads} - {""})


def provenance(sites: Sequence[str], collected: str, steps: str) -> dict[str, Any]:
    """Return the properties of Croissant that say where the data is from.

    Args:
        sites: As `sites_of` returns them.
        collected: How videos were taken.
        steps: What was done since, in words.

    """
    found: dict[str, Any] = {
        "rai:dataCollection": collected,
        "rai:dataCollectionType": ["Web Scraping"] if sites else ["Others"],
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": f"kinetics-builder: {steps}",
        },
    }
    if sites:
        derived = [{"@id": f"https://{site}/", "prov:label": site} for site in sites]
        found["prov:wasDerivedFrom"] = derived
    return found


def places_in_words(sites: Sequence[str]) -> str:
    """Return where videos are from."""
    return ", ".join(sites) or "files that lay on a disk"
