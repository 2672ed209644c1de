"""Reading Hugging Face's video folders."""

from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip, Kind
from kinetics_builder.formats.splits import by_split
from kinetics_builder.formats.training.columns import clip_of
from kinetics_builder.formats.training.videofolder.metadata import LINES, NAMES, read_rows
from kinetics_builder.formats.training.videofolder.writing import NAME, write_videofolder


def read_videofolder(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each row of each `metadata.jsonl`, `.csv` or `.parquet`.

    Files are relative to `path`. Columns that we do not know are details. What the columns do
    not say of the video and the stretch, the file's name tells.
    """
    root = path if path.is_dir() else path.parent
    for split, file in _metadata(path, options):
        problems.enter(file)
        folder = file.parent.relative_to(root)
        for row in read_rows(file, problems):
            try:
                clip = clip_of(row, (folder / row.pop("file_name")).as_posix(), split)
            except ValueError as error:
                problems.error(f"{error}, in {row}")
            else:
                yield clip


def _metadata(path: Path, options: Options) -> list[tuple[str | None, Path]]:
    files = sorted(one for name in NAMES for one in path.rglob(name)) if path.is_dir() else [path]
    if not files:
        raise FormatError(f"{path}: expected {LINES} in this folder or in its splits.")
    return by_split(((file.parent.name, file) for file in files), options)


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.CLIPS,
        what="Hugging Face's video folder: train, validation and test, each with metadata.jsonl",
        source="huggingface.co/docs/datasets/video_load, packaged_modules/videofolder",
        traps="All splits need the same columns and types, so what is missing is empty, and "
        "numbers that some clips lack are text (`numbers_as_text` names them; in Parquet they are "
        "null). Clips without a split lie in train (`has_split`). Texts like 2020-01-31 become "
        "times in JSON Lines: a folder with such is written with metadata.parquet. "
        "load_dataset makes a copy of the table, not of the files, and decodes with "
        "torchcodec unless Video(decode=False).",
        read=read_videofolder,
        write=write_videofolder,
        is_folder=True,
    ),
)
