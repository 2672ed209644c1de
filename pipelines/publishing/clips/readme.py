"""The README of a release: what it holds, how it was made. Without dates and machines."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any, NamedTuple

from kinetics_builder.config import Config
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.text.counting import counted
from kinetics_builder.video.finding.sampling import Draw
from pipelines.publishing.clips.contents import Page
from pipelines.publishing.clips.gone import told_of_gone
from pipelines.publishing.clips.sums import count_named
from pipelines.publishing.folders.markdown import table

_SECTIONS = {
    "search": ("results_per_query",),
    "match": ("min_score", "mode"),
    "download": ("max_duration_seconds", "max_megabytes", "max_height"),
    "score": ("scorer", "every_seconds"),
    "propose": ("clip_seconds", "num_peaks", "min_distance_seconds", "grid_seconds"),
    "cut": ("crf", "preset", "short_side", "keep_audio"),
    "deduplicate": ("max_per_video", "min_similarity"),
    "assign": ("slots_per_task", "gold_per_task"),
    "verify": ("max_votes", "min_yes", "gold_warn_below", "gold_min_answers"),
    "curate": (
        "num_validate",
        "num_test",
        "num_held_out",
        "max_held_out_share",
        "keep_together",
        "seed",
    ),
}
"""Settings that shape the data; how fast a machine made it is nobody's concern."""


class Placed(NamedTuple):
    """How clips lie to the cuts of their videos."""

    num_known: int
    """Clips in whose videos cuts were looked for."""
    num_across: int
    """Of them, those across a cut."""
    num_moved: int
    """Of them, those that were moved off one."""


@dataclass
class Counts:
    """What the README says about the clips; grows with labels, not with clips."""

    clips: Mapping[str, Counter[str]] = field(default_factory=dict)
    """By label, then split; somebody else counts them."""
    seconds: Mapping[str, float] = field(default_factory=lambda: defaultdict(float))
    """By split; the same."""
    licences: Counter[str] = field(default_factory=Counter)
    lengths: Counter[float] = field(default_factory=Counter)
    """Lengths of clips in tenths of a second."""
    num_whole: int = 0
    num_taken_down: int = 0
    """Accepted clips that are not part of it."""
    faces: Mapping[str, int] = field(default_factory=dict)
    """Clips in which faces were looked for, to be blurred, by what found them."""
    placed: Placed = field(default_factory=lambda: Placed(0, 0, 0))
    is_sharded: bool = False
    """Whether the clips are there as shards, too."""

    def add(self, page: Page) -> None:
        """Count some clips."""
        count_named(self.licences, page["licence"], "not stated")
        for seconds, number in Counter(page["duration_seconds"]).items():
            self.lengths[round(seconds, 1)] += number
        self.num_whole += sum(page["whole_clip"])


@dataclass(frozen=True)
class Votes:
    """Answers about the released clips."""

    by_answer: Mapping[str, int]
    num_set_aside: int
    num_workers: int


_SHARDS = """## Shards

`shards/` holds the same clips as tar files, as WebDataset reads them, split by split:
`webdataset.WebDataset("shards/train-000000.tar")`. Each sample is the clip (`mp4`), what
`clips.csv` says of it (`json`) and the number of its class in `shards/classes.txt`, from 0
(`cls`). `shards/trainshards.json` lists those of a split, with their checksums."""


def write_readme(counts: Counts, votes: Votes, edits: Sequence[str], config: Config) -> str:
    """Return the README as Markdown."""
    parts = [
        _head(counts),
        _lengths(counts),
        "## Licences of the videos\n\n" + table(("licence", "clips"), _licences(counts)),
        *([_SHARDS] if counts.is_sharded else []),
        *_cuts(counts.placed),
        *_faces(counts.faces),
        *_taken_down(counts),
        _votes(counts, votes),
        _how(edits),
        _settings(config),
        "## Classes\n\n" + table(("class", *SPLITS, "clips"), _classes(counts)),
    ]
    return "\n\n".join(parts) + "\n"


def _head(counts: Counts) -> str:
    per_split = {split: sum(c[split] for c in counts.clips.values()) for split in SPLITS}
    total = sum(per_split.values())
    rows = [
        (
            split,
            num,
            sum(c[split] > 0 for c in counts.clips.values()),
            _hours(counts.seconds[split]),
        )
        for split, num in per_split.items()
    ]
    rows.append(("all", total, len(counts.clips), _hours(sum(counts.seconds.values()))))
    return (
        f"# A video dataset of {len(counts.clips)} human actions\n\n"
        f"{total} clips, each showing a human performing one action, made with kinetics-builder "
        "in the way Kinetics was made (arXiv:1705.06950).\n\n"
        + table(("split", "clips", "classes", "hours"), rows)
        + "\n\n"
        + _FILES
    )


_FILES = """\
| file | what |
|---|---|
| `train.csv`, `validate.csv`, `test.csv` | `label,youtube_id,time_start,time_end,split`, as \
Kinetics writes it: whole seconds from the start of the video |
| `train.json`, ... | the same as Kinetics writes it in JSON: one clip of each video |
| `clips.csv` | the same clips with file, size, SHA-256, length, picture, whether the action lasts \
for the whole clip, and licence |
| `clips.parquet` | the same clips with all that is known of each: posterior, answers, agreement, \
address, licence, uploader and group as keyed hashes, fingerprint, codec, language and country |
| `votes.csv` | every answer about them, under pseudonyms |
| `terms.csv` | on which terms each comes, as far as its licence's name says it |
| `taxonomy.json`, `edits.csv`, `statistics.json` | the classes and their groups, the edits of \
them, sums |
| `datasheet.md`, `croissant.json` | what its makers and the data say of it, for people and for \
programs |
| `classes.txt` | the classes, one a line; a class's number is its line, from 0 |
| `clips/` | the clips as files of their own |
| `SHA256SUMS` | a checksum of every file: `sha256sum --check SHA256SUMS` |"""


def _lengths(counts: Counts) -> str:
    ordered = sorted(counts.lengths.elements())
    median = ordered[len(ordered) // 2]
    return (
        "## Length of the clips\n\n"
        f"From {ordered[0]:.1f} s to {ordered[-1]:.1f} s; half of them last {median:.1f} s or more."
    )


def _cuts(placed: Placed) -> list[str]:
    """Return a part about cuts, where anything is known of them."""
    if not placed.num_known:
        return []
    across = f"{placed.num_across} of them lie across one"
    if placed.num_across:
        across += " (`cuts.csv`: when a shot begins, in seconds from the start of the clip's file)"
    return [
        f"## Cuts\n\nCuts were looked for around {counted(placed.num_known, 'clip')}: {across}, "
        f"{placed.num_moved} were moved off one."
    ]


def _faces(faces: Mapping[str, int]) -> list[str]:
    """Return a part about faces, where any were looked for."""
    told = [
        f"Faces were looked for in {counted(number, 'clip')}, and blurred where {name} found them."
        for name, number in sorted(faces.items())
    ]
    return ["\n\n".join(["## Faces", *told])] if told else []


def _taken_down(counts: Counts) -> list[str]:
    told = told_of_gone(counts.num_taken_down, "clips")
    return ["## Taken down", *told] if told else []


def _licences(counts: Counts) -> list[tuple[Any, ...]]:
    return sorted(counts.licences.items(), key=lambda pair: (-pair[1], pair[0]))


def _votes(counts: Counts, votes: Votes) -> str:
    total = sum(votes.by_answer.values())
    num_clips = counts.licences.total()
    answers = ", ".join(f"{num} {answer}" for answer, num in votes.by_answer.items())
    return (
        "## Votes\n\n"
        f"{counted(votes.num_workers, 'person', 'people')} gave {counted(total, 'answer')} about "
        f"these clips ({answers}): "
        f"{total / num_clips:.2f} a clip. {votes.num_set_aside} more were set aside, of people "
        f"who did not know the answers to gold questions. In {counted(counts.num_whole, 'clip')} "
        "the action "
        "lasts for the whole clip."
    )


def _how(edits: Sequence[str]) -> str:
    steps = (
        "## How it was made\n\n"
        "1. Videos whose titles name a class were searched and downloaded.\n"
        "2. Frames were scored, and clips placed where the action is most likely.\n"
        "3. Clips were cut, and clips that show the same thing were reduced to one.\n"
        '4. People answered "Can you see a human performing the action?" for each clip.\n'
        "5. Classes were edited as listed below, and clips dealt out to the splits by video: "
        "no video is in two splits."
    )
    listed = "\n".join(f"- `{edit}`" for edit in edits) or "None."
    return f"{steps}\n\nEdits of the classes, in order:\n\n{listed}"


def _settings(config: Config) -> str:
    sections = asdict(config)
    names = [PurePath(folder).name for folder in config.score.scorers]
    sections["score"]["scorer"] = ", ".join(names)
    rows = [
        (f"`{section}.{name}`", sections[section][name])
        for section, names in _SECTIONS.items()
        for name in names
    ]
    if (draw := config.propose.draw) != Draw():
        rows += [("`propose.sampling`", draw.sampling), ("`propose.seed`", draw.seed)]
    return "## Settings\n\n" + table(("setting", "value"), rows)


def _classes(counts: Counts) -> list[tuple[Any, ...]]:
    return [
        (label, *(found[split] for split in SPLITS), found.total())
        for label, found in sorted(counts.clips.items())
    ]


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.2f}"
