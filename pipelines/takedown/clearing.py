"""Taking what is on the takedown list off the disk, and telling what is there still."""

import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePath

from kinetics_builder.formats.cells import cells, table
from kinetics_builder.formats.output import csv_line
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.release_files import FILMS, MANIFEST, SEGMENTS
from kinetics_builder.workspace import Workspace, is_of_films
from pipelines.files import remove_parts
from pipelines.inspecting.report import REPORT, is_report
from pipelines.omni.asking import forget_pictures
from pipelines.picturing.asking import IMAGES, is_refused
from pipelines.picturing.collecting import Gathering, in_turn
from pipelines.picturing.openverse import FoundImage
from pipelines.publishing.clips.lists import HELD_OUT
from pipelines.restoring.folder import MISSING, STRETCHES
from pipelines.takedown.marking import Takedowns
from pipelines.takedown.places import OF_RELEASES, files_of, folders_in_work
from pipelines.timelines.tables import VIDEOS
from pipelines.training import VOTED

_LISTS = (MANIFEST, FILMS, SEGMENTS, VIDEOS, STRETCHES)
"""Files of a release that name its videos."""


def clear(
    workspace: Workspace, files: Iterable[str], videos: Collection[str], takedowns: Takedowns
) -> int:
    """Remove the files of videos, and what was made of them; return how many were theirs.

    Args:
        workspace: Where.
        files: Those that rows named, relative to the workspace.
        videos: Ids: what is found by their names goes too.
        takedowns: The list: pictures of the web that it names go as well.

    """
    storage = workspace.storage
    theirs = {*files, *files_of(storage, videos)}
    # What is made of many videos comes first: a run that is killed here finds the files again.
    num_images = _remove_images(workspace, videos, takedowns)
    if (theirs or num_images) and is_report(workspace.root / REPORT):
        (workspace.root / REPORT).unlink(missing_ok=True)
    _forget_caches(workspace.root / "runs" / "frames", videos)
    _forget_listed(workspace.root / VOTED, videos)
    _forget_held_out(workspace.root / HELD_OUT, videos)
    num_removed = num_images + sum(map(storage.remove, sorted(theirs)))
    for folder in folders_in_work(storage, videos):
        shutil.rmtree(folder, ignore_errors=True)
    for stills in (storage.folder("stills") / video_id for video_id in videos):
        if stills.is_dir() and not any(stills.iterdir()):
            stills.rmdir()
    return num_removed


def _remove_images(workspace: Workspace, videos: Collection[str], takedowns: Takedowns) -> int:
    """Remove pictures of the web that are on the list, with their rows; return how many."""

    def is_gone(image: FoundImage) -> bool:
        return image.id in videos or is_refused(image, takedowns)

    num_removed = 0
    for name in IMAGES:
        if (workspace.root / name).is_dir():
            with in_turn(workspace.root / name):
                for place in filter(Path.is_dir, (workspace.root / name).iterdir()):
                    remove_parts(place)
                gathering = Gathering.of(workspace.root / name)
                files = [f"{name}/{file}" for file in gathering.files_of(is_gone)]
                num_removed += sum(map(workspace.storage.remove, files))
                forget_pictures(workspace, files)
                gathering.forget(is_gone)
    return num_removed


def _forget_listed(folder: Path, videos: Collection[str]) -> None:
    """Forget the frames of videos of which a scorer was to learn."""
    from models.image_scoring.listed import LIST, read_list, write_list

    if (folder / LIST).is_file():
        rows = read_list(folder / LIST)
        if any(row.video_id in videos for row in rows):
            write_list(folder / LIST, [row for row in rows if row.video_id not in videos])


def _forget_held_out(folder: Path, videos: Collection[str]) -> None:
    """Take the rows of videos out of what releases held out."""
    for path in sorted(folder.glob("*.csv")):
        header, found = table(path, ("youtube_id",), Problems(path))
        at, rows = header.index("youtube_id"), list(found)
        left = [row for row in rows if row[at] not in videos]
        if len(left) < len(rows):
            partial = path.with_name(f".{path.name}.part")
            partial.write_text("".join(map(csv_line, [header, *left])), "utf-8")
            partial.replace(path)


def _forget_caches(folder: Path, videos: Collection[str]) -> None:
    from models.clips.cache import forget_caches

    forget_caches(folder, lambda name: _is_of(name, videos))


def releases_with(folder: Path, videos: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the releases that hold or name videos still, and the commands that make others."""
    for release in sorted(folder.glob("[!.]*")):
        if release.is_dir() and any(_is_of(name, videos) for name in _names_in(release)):
            yield release.name, _remake(release)


def _names_in(release: Path) -> Iterator[str]:
    yield from (path.name for path in release.rglob("*"))
    for name in _LISTS:
        if (release / name).is_file():
            rows = cells(release / name, Problems(release / name), may_be_empty=True)
            yield from (cell for row in rows for cell in row)


def _is_of(name: str, videos: Collection[str]) -> bool:
    path = PurePath(name)
    return any(video_of(path) in videos for video_of in OF_RELEASES)


def _remake(release: Path) -> str:
    if (release / MISSING).is_file():
        return "`kbuild restore` of the file that it was made of"
    if (release / SEGMENTS).is_file():
        return "`kbuild release --kind segments`"
    if is_of_films(release):
        return "`kbuild ava release`"
    return "`kbuild curate` and `kbuild release`"
