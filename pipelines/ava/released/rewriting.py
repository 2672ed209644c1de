"""Releases of films without what was taken down, in place of those that were given away."""

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from kinetics_builder.database.bulk import batches
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.boxes.ava.row_texts import timestamp_text
from kinetics_builder.formats.boxes.ava_folders.places import UNCONFIRMED
from kinetics_builder.formats.croissant.description import CROISSANT
from kinetics_builder.formats.datasheet.answers import ANSWERS, read_answers
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.release_files import FILMS
from kinetics_builder.formats.released_labels import (
    KEY_FRAMES,
    TABLES_OF_LABELS,
    as_columns,
    read_labels,
    writing_labels,
)
from kinetics_builder.formats.splits import SHORT
from kinetics_builder.workspace import Workspace
from pipelines.ava.released.folder import FilmsFolder, ListedFilm
from pipelines.ava.released.tally import Tally, statistics_of, tally_of
from pipelines.ava.releasing.describing import describe_films
from pipelines.ava.releasing.given import QUESTIONS
from pipelines.ava.releasing.labels import FOLDER
from pipelines.ava.releasing.layouts import LEFT_OUT, LONG_TAIL, PREDICTED, PROPOSALS, README
from pipelines.ava.statistics.summary import ClassRow
from pipelines.publishing.folders.describing import write_descriptions
from pipelines.publishing.folders.errata import BESIDE
from pipelines.publishing.folders.facts import STATISTICS, write_json
from pipelines.publishing.folders.folder import SUMS
from pipelines.publishing.folders.handing_over import SIGNATURE
from pipelines.publishing.folders.replacing import keep_rows, replacing, tell_rewritten

_AT_ONCE = 10_000
_IF_ANY = (*((one.file, 0) for one in QUESTIONS), (UNCONFIRMED, 1))
"""Lists that are there if they have a row, and in which column of a row the film stands."""
Stays = Callable[[str, float], bool]


def rewrite_films(workspace: Workspace, folder: Path, videos: Collection[str]) -> None:
    """Put a release of films without some films in the place of one.

    Its lists, tables, sums, descriptions and checksums are made anew of what is left; its README
    says that it was, and loses the lines that name these films. Its signature goes: it was of
    other checksums.

    Raises:
        WorkspaceError: It is not as it was made, or another run is writing.

    """
    release = FilmsFolder.of(folder)
    taken = [one for one in release.films if one.name in videos]
    with replacing(workspace, folder) as built:
        _copy(release, built, taken)
        _keep_lists(release, built, _staying(release, taken))
        _describe(workspace, built, taken)
        _write_sums(built)


def _staying(release: FilmsFolder, taken: Sequence[ListedFilm]) -> Stays:
    """Return what says of a moment of the rows whether it is of a film that is left."""
    by_id: dict[str, list[ListedFilm]] = defaultdict(list)
    for one in taken:
        by_id[one.film.video_id].append(one)
    is_clip = release.layout.is_of_clips

    def stays(video_id: str, seconds: float) -> bool:
        films = by_id.get(video_id, ())
        return not any(one.has(video_id, seconds, is_clip=is_clip) for one in films)

    return stays


def _copy(release: FilmsFolder, built: Path, taken: Sequence[ListedFilm]) -> None:
    """Copy the texts and tables, and link the films that are left."""
    gone = {one.film.file for one in taken}
    for path in release.folder.iterdir():
        if path.is_file() and path.name not in (SUMS, SIGNATURE):
            shutil.copyfile(path, built / path.name)
    for one in release.films:
        source = release.folder / one.film.file
        if source.is_file() and one.film.file not in gone:
            (built / one.film.file).parent.mkdir(exist_ok=True)
            os.link(source, built / one.film.file)
    keep_rows(built / FILMS, lambda cells: cells[1] not in gone)


def _keep_lists(release: FilmsFolder, built: Path, stays: Stays) -> None:
    def at(place: int) -> Callable[[Sequence[str]], bool]:
        return lambda cells: stays(cells[place], float(cells[place + 1]))

    keep_rows(built / KEY_FRAMES, at(0))
    keep_rows(built / LEFT_OUT, at(1))
    for name, place in _IF_ANY:
        if not keep_rows(built / name, at(place)):
            (built / name).unlink(missing_ok=True)
    for split in release.splits():
        _keep_split(release, built, SHORT[split], stays)
    if release.layout.included is not None:
        left = FilmsFolder.of(built)
        rows = (
            box for one in left.splits() for _, box in left.rows(one, Problems(left.truth(one)))
        )
        moments = sorted({box.timestamp_seconds for box in rows})
        text = "".join(f"{timestamp_text(one)}\n" for one in moments)
        (built / release.layout.included).write_text(text, "utf-8")


def _keep_split(release: FilmsFolder, built: Path, word: str, stays: Stays) -> None:
    """Leave of a split what is left; nothing at all where no film of it is."""
    layout = release.layout
    lists = [layout.truth, PREDICTED, *([layout.excluded] if layout.excluded else [])]
    left = [
        keep_rows(
            built / one.format(word),
            lambda cells: stays(cells[0], float(cells[1])),
            has_header=False,
        )
        for one in lists
    ]
    proposals, table = built / PROPOSALS.format(word), built / TABLES_OF_LABELS.format(word)
    _keep_proposals(proposals, stays)
    _keep_labels(table, stays)
    if not left[0]:
        for path in (proposals, table, *(built / one.format(word) for one in lists)):
            path.unlink(missing_ok=True)


def _keep_proposals(path: Path, stays: Stays) -> None:
    if path.is_file():
        form = find_format("ava-proposals")
        assert form.read is not None and form.write is not None
        found = list(form.read(path, Options(), Problems(path)))
        left = (box for box in found if isinstance(box, Box) and stays(*box[:2]))
        form.write(path, left, Options(), Problems(path))


def _keep_labels(path: Path, stays: Stays) -> None:
    left = (one for one in list(read_labels(path)) if stays(one.video_id, one.timestamp))
    with writing_labels(path) as add:
        for some in batches(left, _AT_ONCE):
            add(as_columns(some))


def _describe(workspace: Workspace, built: Path, taken: Iterable[ListedFilm]) -> None:
    from pipelines.ava.statistics.pictures import long_tail  # Here alone: it is long to import.

    release = FilmsFolder.of(built)
    tally = tally_of(built, release.films)
    statistics = statistics_of(tally)
    write_json(built / STATISTICS, statistics)
    (built / LONG_TAIL).write_bytes(long_tail(_class_rows(tally)))
    _forget_names(built / README, {one.name for one in taken})
    tell_rewritten(built, "Films were")
    (built / CROISSANT).unlink(missing_ok=True)
    answers = read_answers(workspace.root / ANSWERS)
    has_films = (built / FOLDER).is_dir()
    description = describe_films(release, statistics, workspace.config, has_films=has_films)
    write_descriptions(built, description, answers)


def _forget_names(readme: Path, names: Collection[str]) -> None:
    """Take the lines out of a README that name films."""
    lines = readme.read_text("utf-8").splitlines(keepends=True)
    left = (line for line in lines if not any(name in line for name in names))
    readme.write_text("".join(left), "utf-8")


def _class_rows(tally: Tally) -> list[ClassRow]:
    total = max(1, tally.total("num_labels"))
    return [
        ClassRow(
            id=number,
            name=tally.actions[number][0],
            type=tally.actions[number][1],
            rows=tally.labels[number].total(),
            share=tally.labels[number].total() / total,
        )
        for number in tally.most_frequent()
    ]


def _write_sums(built: Path) -> None:
    files = sorted(path for path in built.rglob("*") if path.is_file())
    sums = {str(path.relative_to(built)): file_sha256(path) for path in files}
    for name in BESIDE:
        sums.pop(name, None)
    lines = (f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items()))
    (built / SUMS).write_text("".join(lines), "utf-8")
