"""Reading WebDataset's shards as clips, without unpacking them."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.media import VIDEO_SUFFIXES, told_by_name, with_title
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip, Kind
from kinetics_builder.formats.splits import ORDER, split_of_file
from kinetics_builder.formats.training.classes import Numbers, read_classes
from kinetics_builder.formats.training.columns import clip_of, json_object
from kinetics_builder.formats.training.webdataset.tar_files import members
from kinetics_builder.formats.training.webdataset.writing import NAME, write_webdataset

Members = dict[str, bytes | None]


def read_webdataset(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each sample of a shard, or of all shards in a folder.

    Our own shards give back the clips as they were written. In others the name tells the
    video and the stretch, and `cls` (a number or a name), `txt` or the `label` of `json` the
    class; `file` is then the shard and the name in it.
    """
    folder = path if path.is_dir() else path.parent
    numbers = Numbers(read_classes(folder, options, problems), NAME)
    shards = (
        [file for file in sorted(path.iterdir()) if _is_shard(file)] if path.is_dir() else [path]
    )
    if not shards:
        raise FormatError(f"{path}: expected shards like train-000000.tar in this folder.")
    for shard in sorted(shards, key=lambda file: ORDER[split_of_file(file, Options())]):
        problems.enter(shard)
        for key, sample in _samples(shard):
            problems.item = key
            try:
                yield _clip(shard, key, sample, options, numbers)
            except ValueError as error:
                problems.error(str(error))
    problems.enter(path)
    numbers.tell(problems)


def _is_shard(path: Path) -> bool:
    return path.name.endswith((".tar", ".tar.gz", ".tgz"))


def _samples(shard: Path) -> Iterator[tuple[str, Members]]:
    """Yield each key with its files by their suffixes; a key ends at the first dot of the name."""
    for key, files in groupby(members(shard), lambda member: _split_name(member[0])[0]):
        if not key.rpartition("/")[2].startswith("__"):
            yield key, {_split_name(name)[1]: content for name, content in files}


def _split_name(name: str) -> tuple[str, str]:
    folder, slash, last = name.rpartition("/")
    stem, dot, suffixes = last.partition(".")
    return folder + slash + stem, (dot + suffixes).lower()


def _last(suffixes: str) -> str:
    """Return the last of a file's suffixes: behind the key others may stand (`a.v2.mp4`)."""
    return suffixes[suffixes.rfind(".") :]


def _content(sample: Members, suffix: str) -> bytes | None:
    """Return what the file of a sample holds that ends so: `a.cls`, else `a.v2.cls`."""
    others = (content for name, content in sample.items() if _last(name) == suffix)
    return sample[suffix] if suffix in sample else next(others, None)


def _clip(shard: Path, key: str, sample: Members, options: Options, numbers: Numbers) -> Clip:
    media = [suffix for suffix in sample if _last(suffix) in VIDEO_SUFFIXES]
    if len(media) != 1:
        raise ValueError(f"expected one video beside {', '.join(sorted(sample))}")
    split = split_of_file(shard, options)
    described = json_object((_content(sample, ".json") or b"{}").decode())
    if "video_id" in described and "file" in described:
        return _own(described, split)
    label, details = _class(sample, described, numbers)
    file = f"{shard.name}/{key}{media[0]}"
    return with_title(Clip(*told_by_name(file), label, split, file, None, details))


def _own(row: dict[str, Any], split: str | None) -> Clip:
    """Return the clip as we wrote it."""
    file, number = row.pop("file"), row.pop("label_index", -1)
    if not row.get("label") and number >= 0:
        row["label_index"] = number
    return clip_of(row, str(file), split)


def _class(sample: Members, described: dict[str, Any], numbers: Numbers) -> tuple[str | None, Any]:
    said = (_content(sample, ".cls") or _content(sample, ".txt") or b"").decode().strip()
    if said == "-1":
        return None, NOTHING
    if said.isascii() and said.isdigit():
        return numbers.named(int(said))
    label = said or described.get("label")
    if isinstance(label, int):
        return numbers.named(label)
    return (None if label is None else str(label)), NOTHING


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.CLIPS,
        what="WebDataset shards: train-000000.tar of key.mp4, key.json, key.cls, with an index",
        source="github.com/webdataset/webdataset; wids/wids_specs.py for the index",
        traps="A key ends at the first dot and all files of a sample stand together; cls is the "
        "0-based number of classes.txt, -1 for none. Hugging Face's datasets learns suffixes and "
        "types from five samples and wants them in all: files of several suffixes stand as .mp4, "
        "what is missing is empty, and numbers that some clips lack are text (`numbers_as_text` "
        "names them): JSON has no NaN. Clips without a split lie in train (`has_split`). wids is "
        "in webdataset before 1.0 alone.",
        read=read_webdataset,
        write=write_webdataset,
        is_folder=True,
    ),
)
