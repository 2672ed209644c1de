"""WebDataset's shards: tar files in which each clip is `key.mp4`, `key.json` and `key.cls`."""

import hashlib
import io
import re
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, groupby
from pathlib import Path
from typing import Any

from kinetics_builder.formats.format import Options
from kinetics_builder.formats.json_files import json_text
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.media import stem_of, suffix_of
from kinetics_builder.formats.output import writing_folder, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.splits import SHORT
from kinetics_builder.formats.training.classes import number_of, write_classes
from kinetics_builder.formats.training.columns import Columns, is_possible, with_split
from kinetics_builder.formats.training.gathering import Wants, gather, title
from kinetics_builder.formats.training.webdataset.tar_files import HashedFile, add

NAME = "webdataset"
SHARD_BYTES = 10**9
"""A shard is closed before it becomes larger than this, unless one clip alone is."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 80
_COMMON = ".mp4"
_SEEN_BY_DATASETS = (".avi", ".mkv", ".mov", ".mp4", ".mpeg")


def write_webdataset(
    path: Path, records: Iterable[Clip], options: Options, problems: Problems
) -> None:
    """Write `train-000000.tar` and so on, an index of each split's shards, and `classes.txt`.

    Shards are closed by their size; with `options.num_shards` each split has so many, as even as
    can be. Samples stand in the order of their keys, which come from the names of the files; equal
    clips and files give equal bytes. The index `trainshards.json` is the one of `wids`, with
    sha256 beside its md5. A sample's JSON has the same keys and types everywhere; where others
    have a class, a clip without one is of class -1 with an empty text for its label, and where
    files have several suffixes, all stand as `.mp4`: so that all samples hold the same files. A
    clip without a split lies in train, where `datasets` looks, and is known by `has_split`.
    """
    columns, losses = Columns(), Losses(problems, NAME)
    suffixes: dict[str, str] = {}
    sizes = Counter[str | None]()

    def look(clip: Clip) -> bool:
        columns.look(clip)
        sizes[clip.split] += 1
        suffixes.setdefault(suffix_of(clip.file or "") or _COMMON, title(clip))
        for name in clip.details:
            if not is_possible(name):
                losses.note(name, clip.video_id)
        return True

    wants = Wants(format_name=NAME, media=True, look=look)
    in_splits = (with_split(clip, options, losses) for clip in records)
    with writing_folder(path) as folder:
        gathered = gather(in_splits, options, problems, wants, _order)
        problems.enter(path)
        columns.tell(problems)
        suffix = _common_suffix(suffixes, losses)
        contents = _Samples(columns, gathered.labels, options.media or Path(), suffix)
        for split, clips in groupby(gathered.clips, lambda clip: clip.split):
            deal = _by_size() if options.num_shards is None else _evenly(sizes[split], options)
            _write_split(folder, SHORT[split], contents.of(clips), deal)
        write_classes(folder, gathered.labels)
        losses.tell()


def _common_suffix(suffixes: dict[str, str], losses: Losses) -> str:
    """Return the suffix of all videos; `suffixes` has a clip for each that their files have."""
    if len(suffixes) > 1:
        for suffix in suffixes.keys() - {_COMMON}:
            message = f"{suffix} files stand as {_COMMON}: datasets reads one suffix in all samples"
            losses.note_oddity(message, suffixes[suffix])
        return _COMMON
    suffix = next(iter(suffixes), _COMMON)
    if suffix not in _SEEN_BY_DATASETS:
        message = f"datasets takes {suffix} files for bytes and not for videos"
        losses.note_oddity(message, suffixes[suffix])
    return suffix


def _order(clip: Clip) -> tuple[Any, ...]:
    file = clip.file or ""
    return key_of(file), file, clip.start_seconds or 0, clip.end_seconds or 0, clip.label or ""


def key_of(file: str) -> str:
    """Return the key of a file's sample: its name, as far as it is plain.

    Readers split keys at dots and tar files keep 100 bytes of plain letters, so other names
    lose letters and get a hash.

    >>> key_of("train/abc/SOX5yA1l24A_000007_000017.mp4"), key_of("é.mp4")
    ('SOX5yA1l24A_000007_000017', '_=4a99557e')
    """
    stem = stem_of(file)
    plain = _UNSAFE.sub("_", stem)[:_LONGEST]
    if plain == stem:
        return plain
    return f"{plain}={hashlib.sha256(stem.encode()).hexdigest()[:8]}"


Sample = list[tuple[str, bytes | Path]]


@dataclass(frozen=True, slots=True)
class _Samples:
    columns: Columns
    labels: LabelMap
    media: Path
    suffix: str

    def of(self, clips: Iterable[Clip]) -> Iterator[Sample]:
        """Yield the names and contents of each sample's files; no two have the same key."""
        for key, same in groupby(clips, lambda clip: key_of(clip.file or "")):
            for number, clip in enumerate(same, 1):
                yield self._sample(clip, key if number == 1 else f"{key}+{number}")

    def _sample(self, clip: Clip, key: str) -> Sample:
        source = self.media / (clip.file or "")
        row = {**self.columns.filled(clip), "file": clip.file}
        video = (key + self.suffix, source)
        if not self.columns.has_classes:
            return [video, _json(key, row)]
        number = number_of(clip, self.labels)
        row["label_index"] = -1 if number is None else number
        cls = (f"{key}.cls", str(row["label_index"]).encode())
        return [video, _json(key, row), cls]


def _json(key: str, row: dict[str, Any]) -> tuple[str, bytes]:
    return f"{key}.json", json_text(row).encode()


Deal = Callable[[Sample], int]
"""Says of one sample after another which shard it goes to."""


def _write_split(folder: Path, name: str, samples: Iterable[Sample], deal: Deal) -> None:
    shards = []
    for number, part in groupby(samples, deal):
        shard = f"{name}-{number:06d}.tar"
        shards.append({"url": shard, **_write_shard(folder / shard, part)})
    index = {"__kind__": "wids-shard-index-v1", "wids_version": 1, "name": name}
    with writing_text(folder / f"{name}shards.json") as file:
        file.write(json_text({**index, "shardlist": shards}) + "\n")


def _evenly(num_samples: int, options: Options) -> Deal:
    """Deal so many samples out to shards that differ by one sample at most."""
    num_shards, places = min(options.num_shards or 1, num_samples), count()
    return lambda _sample: next(places) * num_shards // num_samples


def _by_size() -> Deal:
    """Begin another shard before one becomes larger than `SHARD_BYTES`."""
    number, size = 0, 0

    def shard(sample: Sample) -> int:
        nonlocal number, size
        more = sum(map(_tar_bytes, sample))
        if size and size + more > SHARD_BYTES:
            number, size = number + 1, 0
        size += more
        return number

    return shard


def _tar_bytes(member: tuple[str, bytes | Path]) -> int:
    content = member[1]
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    return 512 + -(-size // 512) * 512


def _write_shard(path: Path, samples: Iterable[Sample]) -> dict[str, Any]:
    """Write one tar file; return what the index says of it."""
    num_samples = 0
    with path.open("wb") as file:
        hashed = HashedFile(file)
        with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.USTAR_FORMAT) as tar:
            for sample in samples:
                num_samples += 1
                for name, content in sample:
                    _add(tar, name, content)
    return {
        "nsamples": num_samples,
        "filesize": hashed.size,
        "md5sum": hashed.md5.hexdigest(),
        "sha256": hashed.sha256.hexdigest(),
    }


def _add(tar: tarfile.TarFile, name: str, content: bytes | Path) -> None:
    with ExitStack() as stack:
        if isinstance(content, Path):
            size = content.stat().st_size
            add(tar, name, size, stack.enter_context(content.open("rb")))
        else:
            add(tar, name, len(content), io.BytesIO(content))
