"""OmniSource's lists as formats: pictures, clips and stretches of whole videos."""

from collections.abc import Iterable, Iterator
from math import ceil
from pathlib import Path, PurePosixPath

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.clips.saying import Language, name_of, sayable
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.names import ClipName, parse_clip_name
from kinetics_builder.formats.output import writing_folder
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import SPLITS, Clip, Kind
from kinetics_builder.formats.splits import given_split
from kinetics_builder.formats.training.omnisource.items import (
    KINDS,
    WebRow,
    read_items,
    write_items,
)
from kinetics_builder.formats.training.omnisource.lists import (
    PART_SECONDS,
    part_of,
    read_lists,
    write_lists,
)

_LISTS = Language(
    name="omnisource-lists",
    needs=("label", "file"),
    says=frozenset({"label", "file", "split"}),
    details=frozenset({"kind", "duration_seconds"}),
)
_PICTURES = {".jpg", ".jpeg", ".png", ".webp"}
_LANGUAGE = Language(
    name="omni-items",
    needs=("label", "file", "score"),
    says=frozenset({"label", "file", "score"}),
    details=frozenset({"kind", "url", "licence"}),
)


def read_web(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each row; `kind`, `url` and `licence` go to the details.

    A video's id is its file's name; of a clip the name says the stretch of its video, too.
    """
    split = given_split(options)
    for row in read_items(path, problems, options.encoding):
        named = _named(row.file) if row.kind == "clips" else None
        said = {"kind": row.kind, "url": row.source, "licence": row.licence}
        yield Clip(
            named.video_id if named else PurePosixPath(row.file).stem,
            float(named.start) if named else row.start_seconds,
            float(named.end) if named else row.end_seconds,
            row.label,
            split,
            row.file,
            row.score,
            {name: value for name, value in said.items() if value},
        )


def write_web(path: Path, records: Iterable[Clip], options: Options, problems: Problems) -> None:
    """Write a row for each clip that has a file, a label and a score; sorted.

    A clip that does not say its kind is a picture by its file's suffix, a stretch of a whole video
    where it has times that its file's name does not say, else a clip.
    """
    losses = Losses(problems, "omni-items")
    rows = []
    for clip in sayable(records, _LANGUAGE, options, problems):
        problems.item = name_of(clip)
        try:
            rows.append(_row(clip, losses))
        except ValueError as error:
            problems.error(str(error))
    write_items(path, rows)
    losses.tell()


def _row(clip: Clip, losses: Losses) -> WebRow:
    file, label, score = clip.file or "", clip.label or "", clip.score or 0.0
    kind = str(clip.details.get("kind") or _kind_of(clip))
    if kind not in KINDS:
        raise ValueError(f"expected a kind among {', '.join(KINDS)}, found {kind!r}")
    if not 0 <= score <= 1:
        raise ValueError(f"expected a score from 0 to 1, found {score:g}")
    times = clip.start_seconds, clip.end_seconds
    if kind == "videos" and None in times:
        raise ValueError("no start and end, which a whole video needs")
    named = _named(file) if kind == "clips" else None
    if kind != "videos":
        if None not in times and (named is None or times != (named.start, named.end)):
            losses.note("start and end", name_of(clip))
        times = None, None
    if clip.video_id != (named.video_id if named else PurePosixPath(file).stem):
        losses.note("video id", name_of(clip))
    source, licence = (str(clip.details.get(name, "")) for name in ("url", "licence"))
    return WebRow(kind, file, label, *times, source, score, licence)


def _kind_of(clip: Clip) -> str:
    if PurePosixPath(clip.file or "").suffix.lower() in _PICTURES:
        return "images"
    named = _named(clip.file or "")
    is_named = named is not None and (named.start, named.end) == clip[1:3]
    return "clips" if clip.start_seconds is None or is_named else "videos"


def _named(file: str) -> ClipName | None:
    return parse_clip_name(PurePosixPath(file).stem)


def read_parted(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each picture, clip and part of a video; `kind` goes to the details.

    A part begins ten seconds behind the one before; where the last one ends, no list says.
    """
    split = given_split(options)
    for kind, place, label, parts in read_lists(path, problems):
        clip = Clip(PurePosixPath(place).stem, None, None, label, split, place)
        for part in parts or (None,):
            start = None if part is None else part * PART_SECONDS
            end = None if start is None else start + PART_SECONDS
            yield clip._replace(start_seconds=start, end_seconds=end, details={"kind": kind})


def write_parted(path: Path, records: Iterable[Clip], options: Options, problems: Problems) -> None:
    """Write a folder of lists for training: pictures, clips, and parts of whole videos.

    A clip says its kind as in `write_web`. Those of other splits are left out, for the lists have
    none. Of a video whose length is not told (`duration_seconds`), the last part is the last one
    that shows anything.
    """
    losses = Losses(problems, _LISTS.name)
    rows, num_parts = [], dict[str, int]()
    for clip in sayable(records, _LISTS, options, problems):
        problems.item = name_of(clip)
        if clip.split not in (None, SPLITS[0]):
            losses.note_left_out("the lists are for training alone", name_of(clip), 1)
            continue
        try:
            row = _row(clip, losses)
            num_parts[row.file] = max(num_parts.get(row.file, 0), _num_parts(clip, row))
        except (ValueError, FormatError) as error:
            problems.error(str(error))
        else:
            rows.append(row)
    with writing_folder(path) as folder:
        problems.enter(path)
        names = options.labels.names.values() if options.labels else {row.label for row in rows}
        write_lists(folder, rows, list(names) if options.labels else sorted(names), num_parts)
        losses.tell()


def _num_parts(clip: Clip, row: WebRow) -> int:
    """Return how many parts a video has, as far as one of its stretches tells."""
    if row.kind != "videos":
        return 0
    told = clip.details.get("duration_seconds")
    seconds = float(told) if isinstance(told, (int, float)) else 0.0
    return max(ceil(seconds / PART_SECONDS), part_of(row) + 1)


FORMATS = (
    Format(
        name="omni-items",
        kind=Kind.CLIPS,
        what="items.csv of `kbuild omni write`: pictures, clips and stretches of whole videos",
        source="this project's own, for the mixture of arXiv:2003.13042",
        traps="Paths are relative to the workspace; every row needs a file and a teacher's score. "
        "It is sorted, so all of it is in memory.",
        read=read_web,
        write=write_web,
    ),
    Format(
        name="omnisource-lists",
        kind=Kind.CLIPS,
        what="images.txt, clips.txt and videos.txt that MMAction2 0.x trains OmniSource from",
        source="open-mmlab/mmaction2 v0.24.1 tools/data/omnisource, "
        "mmaction/datasets/rawvideo_dataset.py",
        traps="Classes are 0-based numbers of classes.txt. A video is a folder of parts of 10 s, "
        "of which those listed show it; the last part may be shorter, and the lists do not say so. "
        "`kbuild omni write` writes them from scores, `convert` from the training split of any "
        "clips; a stretch of a whole video has to be one of its parts.",
        read=read_parted,
        write=write_parted,
        is_folder=True,
    ),
)
