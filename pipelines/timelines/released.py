"""A release of segments that was given away: held against its promises, compared, and changed."""

import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Release
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.croissant.description import CROISSANT
from kinetics_builder.formats.datasheet.answers import ANSWERS, read_answers
from kinetics_builder.formats.release_files import SEGMENTS, SPLIT_LISTS
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.against import some_rows
from pipelines.kinetics.copies import copies
from pipelines.publishing.clips.gone import TAKEN_DOWN
from pipelines.publishing.folders.describing import write_descriptions
from pipelines.publishing.folders.facts import EDITS
from pipelines.publishing.folders.findings import Finding
from pipelines.publishing.folders.folder import SUMS
from pipelines.publishing.folders.handing_over import SIGNATURE
from pipelines.publishing.folders.kind import Examined, HeldAgainst, Place
from pipelines.publishing.folders.replacing import keep_rows, replacing, tell_rewritten
from pipelines.timelines.derived import derive
from pipelines.timelines.described import describe_segments
from pipelines.timelines.release import sum_up
from pipelines.timelines.tables import (
    LEFT_OUT,
    MARKS,
    QUESTIONS,
    SEGMENT_COLUMNS,
    VIDEO_COLUMNS,
    VIDEOS,
    Rows,
    rows_of,
)


def examine_segments(workspace: Workspace, folder: Path, against: HeldAgainst) -> Examined:
    """Return what of a release is not as it promises: its lists, and what its splits share.

    Raises:
        FormatError: A table lacks a column, or what it is held against cannot be read.

    """
    videos = _known(folder / VIDEOS, VIDEO_COLUMNS)
    segments = _known(folder / SEGMENTS, SEGMENT_COLUMNS)
    findings = [*_placed(videos, segments), *_derived(folder), *_torn(videos)]
    findings += _copies(workspace, videos)
    num_earlier, earlier = _earlier(workspace, folder, videos)
    num_older, older = _others(videos, against.datasets)
    counts = {"segment": len(segments), "video": len(videos)}
    return Examined(counts, num_earlier + num_older, [*findings, *earlier, *older])


def _known(path: Path, columns: Collection[str]) -> Rows:
    rows = rows_of(path)
    if rows and (missing := [name for name in columns if name not in rows[0]]):
        raise FormatError(
            f"{path}:1: expected the columns {', '.join(columns)}, found no {missing[0]}."
        )
    return rows


def _place(row: int, name: str = VIDEOS) -> str:
    return f"{name}:{row + 2}"


def _placed(videos: Rows, segments: Rows) -> Iterator[Finding]:
    """Yield segments of videos that the list of videos has not, or has elsewhere."""
    splits = {row["video"]: row["split"] for row in videos}
    for at, row in enumerate(segments):
        known = splits.get(row["video"])
        if known != row["split"]:
            told = f"by {VIDEOS} in {known}" if known else f"not in {VIDEOS}"
            problem = f"{row['video']} is in {row['split']}, {told}"
            yield Finding("list", _place(at, SEGMENTS), problem)


def _derived(folder: Path) -> Iterator[Finding]:
    """Yield the lists for others that do not say what the tables say."""
    with tempfile.TemporaryDirectory() as name:
        try:
            derive(folder, Path(name))
        except (ValueError, KeyError) as error:
            yield Finding("list", SEGMENTS, f"cannot be read: {error}")
            return
        for wanted in sorted(Path(name).iterdir()):
            path = folder / wanted.name
            if not path.is_file():
                yield Finding("list", path.name, "is missing")
            elif path.read_bytes() != wanted.read_bytes():
                line = _first_line(path, wanted)
                yield Finding("list", f"{path.name}:{line}", "is not what the tables say")


def _first_line(one: Path, other: Path) -> int:
    lines, wanted = (path.read_bytes().splitlines() for path in (one, other))
    pairs = zip(lines, wanted, strict=False)
    same = min(len(lines), len(wanted))
    return next((at for at, (a, b) in enumerate(pairs) if a != b), same) + 1


def _torn(videos: Rows) -> Iterator[Finding]:
    """Yield videos, equal files, uploaders and groups that are in two splits."""
    sorts = {"video": "video", "sha256": "copy", "uploader": "uploader", "group": "group"}
    for column, sort in sorts.items():
        first: dict[str, tuple[int, str]] = {}
        for at, row in enumerate(videos):
            if row[column]:
                known, split = first.setdefault(row[column], (at, row["split"]))
                if split != row["split"]:
                    other = f"{videos[known]['video']} in {split} in line {known + 2}"
                    problem = f"{row['video']} is in {row['split']}, of the same {sort} is {other}"
                    yield Finding(sort, _place(at), problem)


def _copies(workspace: Workspace, videos: Rows) -> Iterator[Finding]:
    """Yield videos in two splits that show the same, as far as this workspace has compared them."""
    found = {row["video"]: at for at, row in enumerate(videos)}
    with reading(workspace.engine) as session:
        links = list(copies(session, workspace.config.deduplicate))
    for link in links:
        one, other = found.get(link.one), found.get(link.other)
        if one is not None and other is not None:
            splits = videos[one]["split"], videos[other]["split"]
            if splits[0] != splits[1]:
                where = f"they are in {splits[0]} and {splits[1]}"
                yield Finding("copy", _place(other), f"{link.because}: {where}")


def _earlier(workspace: Workspace, folder: Path, videos: Rows) -> tuple[int, list[Finding]]:
    """Hold the videos against the splits of the other releases here, whatever their kinds."""
    with reading(workspace.engine) as session:
        names = session.scalars(select(Release.name).order_by(Release.name)).all()
    first: dict[str, tuple[str, str]] = {}
    number = 0
    for name in names:
        for list_, column in SPLIT_LISTS.items() if name != folder.name else ():
            for row in rows_of(workspace.releases / name / list_):
                number += 1
                first.setdefault(row[column], (row["split"], f"releases/{name}/{list_}"))
    found = []
    for at, row in enumerate(videos):
        split, where = first.get(row["video"], (row["split"], ""))
        if split != row["split"]:
            problem = f"{row['video']} is in {row['split']}, and in {split} in {where}"
            found.append(Finding("earlier", _place(at), problem))
    return number, found


def _others(videos: Rows, datasets: Iterable[Path]) -> tuple[int, list[Finding]]:
    """Find videos that other datasets hold too."""
    number, found = 0, list[Finding]()
    for path in datasets:
        older = some_rows(path, path.resolve().name)
        number += len(older)
        ids = {row["video_id"] for row in older}
        files = {row["sha256"] for row in older} - {""}
        found += [
            Finding("against", _place(at), f"{row['video']} is in {path}, too")
            for at, row in enumerate(videos)
            if row["video"] in ids or row["sha256"] in files
        ]
    return number, found


SORTS = ("added", "removed", "moved", "shifted", "relabelled")
"""Segments are shifted that have other times; videos are moved that are in another split."""


@dataclass(frozen=True, slots=True, order=True)
class SegmentDifference:
    """What became of one segment, or of one video."""

    sort: str
    video: str
    before: str
    """Its times and class, or its split; empty where it was not there."""
    after: str
    why: str

    @property
    def place(self) -> str:
        """Return what it is about."""
        return self.video


def diff_segments(one: Path, other: Path) -> list[SegmentDifference]:
    """Return what is otherwise in the second of two releases, sorted.

    Of a video, segments are the same where class and times are; else those of one class are
    taken for the same in their order, then those of equal times.
    """
    gone, new = _by_video(one / SEGMENTS), _by_video(other / SEGMENTS)
    before, after = _splits(one), _splits(other)
    taken = {row["video"]: f"{row['date']}: {row['reason']}" for row in rows_of(other / TAKEN_DOWN)}
    edits = _new_edits(one, other)
    found = []
    for video in before.keys() | after.keys():
        if before.get(video) != after.get(video):
            sort = "moved" if video in before and video in after else ""
            sort = sort or ("removed" if video in before else "added")
            why = f"taken down {taken[video]}" if video in taken else ""
            splits = before.get(video, ""), after.get(video, "")
            found.append(SegmentDifference(sort, video, *splits, why))
        if video in before and video in after:
            found += _of_video(video, gone.get(video, []), new.get(video, []), edits)
    return sorted(found)


_Segment = tuple[str, str, str]
"""Class, start and end."""


def _by_video(path: Path) -> Mapping[str, list[_Segment]]:
    found: dict[str, list[_Segment]] = {}
    for row in rows_of(path):
        found.setdefault(row["video"], []).append((row["label"], row["start"], row["end"]))
    return found


def _splits(folder: Path) -> Mapping[str, str]:
    return {row["video"]: row["split"] for row in rows_of(folder / VIDEOS)}


def _new_edits(one: Path, other: Path) -> str:
    known = {row["edit"] for row in rows_of(one / EDITS)}
    return "; ".join(row["edit"] for row in rows_of(other / EDITS) if row["edit"] not in known)


def _of_video(
    video: str, before: list[_Segment], after: list[_Segment], edits: str
) -> Iterator[SegmentDifference]:
    gone = [one for one in before if one not in after]
    new = [one for one in after if one not in before]
    for sort, key in (("shifted", slice(0, 1)), ("relabelled", slice(1, 3))):
        for was in list(gone):
            now = next((one for one in new if one[key] == was[key]), None)
            if now is not None:
                gone.remove(was)
                new.remove(now)
                why = edits if sort == "relabelled" else ""
                yield SegmentDifference(sort, video, _told(was), _told(now), why)
    for was in gone:
        yield SegmentDifference("removed", video, _told(was), "", edits)
    for now in new:
        yield SegmentDifference("added", video, "", _told(now), "")


def _told(segment: _Segment) -> str:
    return f"{segment[0]} {segment[1]}-{segment[2]}"


def places_of_segments(release: Path) -> Iterator[Place]:
    """Yield where each video stands, for whoever has something to say of it."""
    for row in rows_of(release / VIDEOS):
        cells = {"video": row["video"], "split": row["split"]}
        yield Place(row["video"], frozenset((row["video"],)), cells)


def rewrite_segments(workspace: Workspace, folder: Path, videos: Collection[str]) -> None:
    """Put a release of segments without some videos in the place of one.

    Its tables lose their rows, and all that is made of them is made anew; its README says so.
    Its signature goes: it was of other checksums.

    Raises:
        WorkspaceError: It is not as it was made, or another run is writing.

    """
    with replacing(workspace, folder) as built:
        for path in folder.iterdir():
            if path.is_file() and path.name not in (SUMS, SIGNATURE):
                shutil.copyfile(path, built / path.name)
        for path in built.glob("charades_*.csv"):
            path.unlink()
        for name in (SEGMENTS, VIDEOS, QUESTIONS, LEFT_OUT):
            keep_rows(built / name, lambda cells: cells[0] not in videos)
        keep_rows(built / MARKS, lambda cells: cells[1] not in videos)
        sums = derive(built, built)
        tell_rewritten(built, "Videos were")
        (built / CROISSANT).unlink(missing_ok=True)
        description = describe_segments(built, sums, workspace.config)
        write_descriptions(built, description, read_answers(workspace.root / ANSWERS))
        sum_up(built)
