"""The README of a release of segments. Without dates and machines."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kinetics_builder.config import Config
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.text.counting import counted
from pipelines.publishing.clips.gone import TAKEN_DOWN
from pipelines.publishing.folders.markdown import table
from pipelines.timelines.tables import LEFT_OUT

_SETTINGS = {
    "verify": ("segment_answers", "segment_overlap", "gold_warn_below", "gold_min_answers"),
    "release": ("validate_share", "test_share", "seed"),
    "curate": ("keep_together",),
}


def write_readme(sums: Mapping[str, Any], num_taken_down: int, config: Config) -> str:
    """Return the README as Markdown."""
    parts = [
        _head(sums),
        _FILES,
        _measuring(sums),
        _made(sums, num_taken_down),
        _settings(config),
        "## Classes\n\n" + table(("class", *SPLITS, "segments"), _classes(sums)),
    ]
    return "\n\n".join(parts) + "\n"


def _head(sums: Mapping[str, Any]) -> str:
    rows = [(split, *found.values()) for split, found in sums["splits"].items()]
    return (
        f"# When {counted(sums['num_classes'], 'action happens', 'actions happen')} in whole "
        f"videos\n\n{counted(sums['num_segments'], 'segment')} in "
        f"{counted(sums['num_videos'], 'video')}, of which one may hold several actions, at the "
        "same time too. Made with kinetics-builder in the way ActivityNet and Charades were made: "
        "people marked when each action begins and ends. What is not marked does not happen.\n\n"
        + table(("split", "videos", "without any", "segments", "hours"), rows)
    )


_FILES = """\
| file | what |
|---|---|
| `activitynet.json` | all videos with their subset, length and segments, as ActivityNet has them |
| `charades_train.csv`, ... | the same as Charades has them: a row a video, \
`actions` is `class start end;...`; `subject` is the uploader, under a pseudonym |
| `classes.txt` | the classes with the numbers that stand in these |
| `segments.csv` | the segments, with how many of how many people marked each, how far two of \
their marks overlap, and how far starts and ends lie from its own |
| `marked_videos.csv` | the videos: address, licence and its terms, SHA-256 of the file that was \
shown, uploader and group (what no two splits share) as keyed hashes |
| `questions.csv` | which classes were looked for in which video, and how many could tell |
| `votes.csv` | every mark under pseudonyms; without times: the worker found nothing, or could \
not tell (`unsure`); `counts` is 0 where a worker did not know the answers to gold questions |
| `datasheet.md`, `croissant.json` | what its makers and the data say of it, for people and for \
programs |
| `taxonomy.json`, `edits.csv`, `statistics.json` | the classes and their groups, the edits of \
them, sums |
| `SHA256SUMS` | a checksum of every file: `sha256sum --check SHA256SUMS` |"""


def _measuring(sums: Mapping[str, Any]) -> str:
    return (
        "## Reading and measuring\n\n"
        "    kbuild measure activitynet --ground-truth activitynet.json --predictions FILE.json\n"
        "    kbuild measure charades --ground-truth charades_test.csv --predictions FILE.txt "
        "--label-map classes.txt\n"
        "    kbuild convert --from activitynet --to FORMAT activitynet.json OUT"
    )


def _made(sums: Mapping[str, Any], num_taken_down: int) -> str:
    lines = [
        "## How it was made",
        f"{counted(sums['num_workers'], 'person', 'people')} gave "
        f"{counted(sums['num_answers'], 'answer')} to "
        f"{counted(sums['num_questions'], 'question')}, each about one class in one whole video; "
        f"{counted(sums['num_set_aside'], 'answer')} of people who did not know the answers to "
        "gold questions do not count. Marks of one doing are joined, those that overlap most "
        "first; what half of those asked, and two at least, have marked is a segment, from the "
        "median of their starts to that of their ends.",
    ]
    if sums["overlap"] is not None:
        lines.append(
            f"Two marks of a segment overlap by {sums['overlap']:.2f} (intersection over union, "
            f"mean); starts lie {sums['start_spread']:.2f} s from it, ends "
            f"{sums['end_spread']:.2f} s (medians)."
        )
    if sums["said_by_owner"]:
        told = counted(sums["said_by_owner"], "segment is", "segments are")
        lines.append(f"{told} of videos that were known, and were shown to see who looks.")
    if sums["left_out"]:
        told = counted(sums["left_out"], "video is", "videos are")
        lines.append(f"{told} not part of it: `{LEFT_OUT}` says why.")
    if num_taken_down:
        told = counted(num_taken_down, "video was", "videos were")
        lines.append(f"{told} taken down: `{TAKEN_DOWN}`.")
    return "\n\n".join(lines)


def _settings(config: Config) -> str:
    sections = asdict(config)
    rows = [
        (f"`{section}.{name}`", sections[section][name])
        for section, names in _SETTINGS.items()
        for name in names
    ]
    return "## Settings\n\n" + table(("setting", "value"), rows)


def _classes(sums: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (label, *found.values(), sum(found.values())) for label, found in sums["classes"].items()
    ]
