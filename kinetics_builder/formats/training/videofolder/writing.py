"""Writing Hugging Face's video folders: files, and their table in each split."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from kinetics_builder.formats.format import Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_folder
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.splits import LONG
from kinetics_builder.formats.training.classes import write_classes
from kinetics_builder.formats.training.columns import Columns, is_possible, with_split
from kinetics_builder.formats.training.gathering import Wants, gather, place_clip
from kinetics_builder.formats.training.videofolder.metadata import write_rows

NAME = "huggingface-videofolder"


def write_videofolder(
    path: Path, records: Iterable[Clip], options: Options, problems: Problems
) -> None:
    """Write a folder for each split with its files and `metadata.jsonl`, and `classes.txt`.

    Files are hard links where the disk allows it, else copies; the originals stay. A clip
    without a split lies in train, as `datasets` would have it, and is known by `has_split`.
    Where JSON Lines could be read as something else, the table is `metadata.parquet`.
    """
    columns, losses = Columns(), Losses(problems, NAME)

    def look(clip: Clip) -> bool:
        columns.look(clip)
        for name in clip.details:
            if not is_possible(name):
                losses.note(name, clip.video_id)
        return True

    wants = Wants(format_name=NAME, media=True, look=look)
    in_splits = (with_split(clip, options, losses) for clip in records)
    with writing_folder(path) as root:
        gathered = gather(in_splits, options, problems, wants)
        problems.enter(path)
        columns.tell(problems)
        as_table = bool(columns.time_like())
        for split, clips in groupby(gathered.clips, lambda clip: clip.split):
            folder = root / LONG[split]
            row_of = columns.typed if as_table else columns.filled
            rows = _rows(clips, folder, row_of, options, problems)
            write_rows(folder, columns, rows, as_table=as_table)
        write_classes(root, gathered.labels)
        losses.tell()


def _rows(
    clips: Iterable[Clip],
    folder: Path,
    row_of: Callable[[Clip], dict[str, Any]],
    options: Options,
    problems: Problems,
) -> Iterator[dict[str, Any]]:
    """Yield the row of each clip, once its file is in the folder."""
    for clip in clips:
        problems.item = clip.file
        placed = place_clip(clip, folder / Path(clip.file or "").name, options, problems)
        yield {"file_name": placed.name, **row_of(clip)}
