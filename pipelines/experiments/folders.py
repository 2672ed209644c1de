"""UCF101 and HMDB51 as they are handed out, as releases: lists, and videos by classes."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from kinetics_builder.errors import ItemFailed, ModelError
from kinetics_builder.formats.clips.hmdb51 import read_hmdb51
from kinetics_builder.formats.clips.ucf101 import read_ucf101
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.video.cutting.clip_file import read_back
from pipelines.demo.workers import workers

LEFT_OUT = "left_out.csv"
_CLIPS = "clips"


def as_release(folder: Path, releases: Path, split_number: int = 1) -> Path:
    """Return `folder` if it is a release; else make one of it in `releases`, and return that.

    Lists and videos may lie anywhere below the folder: trainlist01.txt and testlist01.txt of
    UCF101, `<class>_test_split1.txt` of HMDB51, and files `<class>/<name>.avi`. Videos are not
    copied; those that are missing or cannot be read are left out, with the reason in
    `left_out.csv`. UCF101's groups (g01 to g25, each one video that was cut) are one video each.

    Raises:
        ModelError: It is none of these.
        FormatError: A list cannot be read.

    """
    if (folder / MANIFEST).is_file():
        return folder
    clips = list(_listed(folder, split_number))
    if not clips:
        raise ModelError(
            f"{folder} is no release, and holds no lists of UCF101 (trainlist0{split_number}.txt) "
            f"or HMDB51 (<class>_test_split{split_number}.txt). Give a folder that has either."
        )
    name = hashlib.sha256(f"{folder.resolve()}\n{split_number}".encode()).hexdigest()[:8]
    made = releases / f"{folder.resolve().name}-split{split_number}-{name}"
    if not (made / "classes.txt").is_file():
        _write(made, folder, clips)
    return made


def _listed(folder: Path, number: int) -> Iterator[Clip]:
    """Yield the clips of one of the three splits."""
    for split in ("train", "test"):
        for path in sorted(folder.rglob(f"{split}list{number:02}.txt")):
            yield from read_ucf101(path, Options(split=split), Problems(path))
    for path in sorted(folder.rglob(f"*_test_split{number}.txt")):
        yield from read_hmdb51(path, Options(), Problems(path))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A video of a list, and where it lies below the folder; None where it is not there."""

    label: str
    split: str
    name: str
    place: str | None

    @property
    def file(self) -> str:
        """Return it as lists name it."""
        return f"{self.label}/{self.name}"

    @property
    def video(self) -> str:
        """Return what is cut of one video: the file, or of UCF101 its group."""
        stem = Path(self.name).stem
        head, group, _ = stem.rpartition("_c")
        return head if group and head.rpartition("_g")[1] else stem


def _wanted(clip: Clip, split: str, places: Mapping[str, str]) -> _Wanted:
    label, name = clip.label or "", Path(clip.file or "").name
    return _Wanted(label, split, name, places.get(f"{label}/{name}"))


def _write(made: Path, folder: Path, clips: Sequence[Clip]) -> None:
    places = {
        f"{path.parent.name}/{path.name}": path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*.avi"))
    }
    wanted = [_wanted(clip, clip.split, places) for clip in clips if clip.split is not None]
    made.mkdir(parents=True, exist_ok=True)
    if not (made / _CLIPS).is_symlink():
        (made / _CLIPS).symlink_to(folder.resolve(), target_is_directory=True)
    with workers() as pool:
        read = list(pool.map(_row, wanted, repeat(folder), chunksize=16))
    rows = [one for one in read if isinstance(one, ManifestRow)]
    if not rows:
        raise ModelError(f"{folder}: none of the {len(wanted)} videos of its lists is there.")
    write_manifest(made / MANIFEST, rows)
    with writing_text(made / LEFT_OUT) as file:
        file.write(csv_line(["file", "reason"]))
        for one, why in zip(wanted, read, strict=True):
            if isinstance(why, str):
                file.write(csv_line([one.file, why]))
    labels = sorted({row.label for row in rows})
    (made / "classes.txt").write_text("".join(f"{label}\n" for label in labels))


def _row(wanted: _Wanted, folder: Path) -> ManifestRow | str:
    """Return the row of a video, or why there is none."""
    if wanted.place is None:
        return "the file is not there"
    path = folder / wanted.place
    try:
        held, data = read_back(path), path.read_bytes()
    except (ItemFailed, OSError) as error:
        return str(error)
    return ManifestRow(
        label=wanted.label,
        youtube_id=wanted.video,
        time_start=0,
        time_end=max(1, round(held.duration_seconds)),
        split=wanted.split,
        file=f"{_CLIPS}/{wanted.place}",
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        duration_seconds=held.duration_seconds,
        width=held.width,
        height=held.height,
        frames_per_second=held.frames_per_second,
        num_frames=held.num_frames,
        whole_clip=True,
        licence="",
    )
