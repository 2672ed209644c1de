"""Whether the files that records speak of are there."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kinetics_builder.formats.boxes.names import file_of_video
from kinetics_builder.formats.format import Format
from kinetics_builder.formats.media import VIDEO_SUFFIXES, possible_files, without_suffix
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Clip


def looking_for_files(
    records: Iterable[Any], one: Format, path: Path, media: Path | None, problems: Problems
) -> Iterator[Any]:
    """Yield all records; tell of each whose file is not below `media`, each file once.

    A clip's file is looked for where its record or its name says, with any video's suffix; of
    boxes, the video or the folder of its frames. Files inside a shard are there with it.
    """
    if media is None:
        yield from records
        return
    seen: set[str] = set()
    for record in records:
        if (missing := _missing(record, one, path, media, seen)) is not None:
            problems.error(f"the file is missing; expected {missing} in {media}")
        yield record


def _missing(record: Any, one: Format, path: Path, media: Path, seen: set[str]) -> str | None:
    """Return what is looked for and not there; None if it is, or is not looked for again."""
    if isinstance(record, Clip):
        possible = list(dict.fromkeys(possible_files(record)))
    elif isinstance(record, Box) and record.video_id:
        possible = [file_of_video(record.video_id, ".mp4")]
    else:
        return None
    if possible[0] in seen:
        return None
    seen.add(possible[0])
    # Formats of folders name their files from there: paths in shards are no files.
    roots = [media, path] if one.is_folder and path.is_dir() else [media]
    if any(_is_there(root / file) for root in roots for file in possible):
        return None
    return None if _is_in_shard(possible[0]) else " or ".join(possible)


def _is_there(path: Path) -> bool:
    if path.exists():
        return True
    bare = path.with_name(without_suffix(path.name))
    return bare.is_dir() or any(
        bare.with_name(f"{bare.name}{suffix}").is_file() for suffix in sorted(VIDEO_SUFFIXES)
    )


def _is_in_shard(file: str) -> bool:
    return any(part.endswith((".tar", ".tgz", ".tar.gz")) for part in file.split("/")[:-1])
