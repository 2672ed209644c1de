"""Whether the lists of a release of films say the same, and no film is in two splits of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Release
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import SPLITS, Box
from kinetics_builder.formats.release_files import FILMS as LIST
from kinetics_builder.formats.release_files import SPLIT_LISTS
from kinetics_builder.formats.released_labels import TABLES_OF_LABELS, ReleasedLabel, read_labels
from kinetics_builder.formats.splits import SHORT
from kinetics_builder.workspace import Workspace
from pipelines.ava.released.folder import FilmsFolder
from pipelines.ava.releasing.layouts import PREDICTED
from pipelines.kinetics.against import some_rows
from pipelines.publishing.folders.findings import Finding
from pipelines.publishing.folders.folder import SUMS, listed_files
from pipelines.publishing.folders.kind import Examined, HeldAgainst
from pipelines.publishing.folders.split_lists import videos_in

_Moment = tuple[str, float]


def examine_films(workspace: Workspace, folder: Path, against: HeldAgainst) -> Examined:
    """Return what of the lists is not as it promises.

    Raises:
        FormatError: The list of films, or what it is held against, cannot be read.

    """
    release = FilmsFolder.of(folder)
    rows = _Rows(release)
    findings = [*rows.examine(), *_copies(release)]
    num_earlier, earlier = _earlier(workspace, release)
    num_older, older = _others(release, against.datasets)
    counts = {"label": rows.num_labels, "key frame": len(rows.stated), "film": len(release.films)}
    return Examined(counts, num_earlier + num_older, [*findings, *earlier, *older])


@dataclass
class _Rows:
    """Goes through the rows of a release, split by split."""

    release: FilmsFolder
    num_labels: int = 0
    stated: dict[_Moment, str] = field(default_factory=dict)
    """Key frames with a row, and where the first of them stands."""
    _first: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Where each film was first met: its split, and the place."""
    _wrong: set[tuple[str, str]] = field(default_factory=set)
    """Films and files of which was told already."""
    _bad: list[Finding] = field(default_factory=list)

    def examine(self) -> Iterator[Finding]:
        """Yield what is found."""
        splits = _splits_of(self.release)
        for split in self.release.splits():
            yield from self._of_split(split, splits)
        for split in SPLITS:
            yield from self._excluded(split, splits)
            yield from self._proposed(split, splits)
        yield from self._bad

    def _of_split(self, split: str, splits: Mapping[str, set[str]]) -> Iterator[Finding]:
        path = self.release.truth(split)
        table = _Table(self.release.folder / TABLES_OF_LABELS.format(SHORT[split]), path.name)
        for line, box in self.release.rows(split, Problems(path, on_error=self._note)):
            place = f"{path.name}:{line}"
            self.stated.setdefault((box.video_id, box.timestamp_seconds), place)
            self.num_labels += box.action_id is not None
            table.follow(box)
            yield from self._placed(box.video_id, split, place, splits)
        yield from table.found()

    def _placed(
        self, film: str, split: str, place: str, splits: Mapping[str, set[str]]
    ) -> Iterator[Finding]:
        """Tell once of a film that is in another split, too, or in none by the list of films."""
        name = place.partition(":")[0]
        if (film, name) in self._wrong:
            return
        known, where = self._first.setdefault(film, (split, place))
        if known != split:
            self._wrong.add((film, name))
            yield Finding("video", place, f"{film} is in {split}, and in {known} in {where}")
        elif split not in splits.get(film, ()):
            self._wrong.add((film, name))
            listed = " and ".join(sorted(splits.get(film, ()))) or "no split"
            yield Finding("list", place, f"{film} is in {split}, by {LIST} in {listed}")

    def _excluded(self, split: str, splits: Mapping[str, set[str]]) -> Iterator[Finding]:
        problems = Problems(self.release.folder, on_error=self._note)
        for line, film, seconds in self.release.excluded(split, problems):
            place = f"{problems.path.name}:{line}"
            yield from self._placed(film, split, place, splits)
            if (row := self.stated.get((film, seconds))) is not None:
                yield Finding("list", place, f"{film} at {seconds:g} s is excluded, and in {row}")

    def _proposed(self, split: str, splits: Mapping[str, set[str]]) -> Iterator[Finding]:
        path = self.release.folder / PREDICTED.format(SHORT[split])
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace") as file:
                for line, text in enumerate(file, 1):
                    film = text.partition(",")[0]
                    yield from self._placed(film, split, f"{path.name}:{line}", splits)

    def _note(self, problem: Problem) -> None:
        self._bad.append(Finding("list", f"{problem.path.name}:{problem.line}", problem.message))


def _splits_of(release: FilmsFolder) -> dict[str, set[str]]:
    """Return the split of each film by the list of films; of clips of a video perhaps several."""
    found: dict[str, set[str]] = {}
    for _, film in release.films:
        found.setdefault(film.video_id, set()).add(film.split)
    return found


class _Table:
    """A split's table, read beside AVA's file, whose rows it must have in their order."""

    def __init__(self, path: Path, name: str) -> None:
        """Open the table at `path`; `name` is that of AVA's file."""
        self._path, self._name = path, name
        self._labels = read_labels(path) if path.is_file() else None
        self._number = 0
        self._finding: Finding | None = None

    def follow(self, box: Box | None) -> None:
        """Hold the next row against one of AVA's file, None for its end; the first is told."""
        if self._labels is None or self._finding is not None:
            return
        self._number += 1
        label = next(self._labels, None)
        said = None if label is None else _row_of(label)
        wanted = None if box is None else tuple(box[:8])
        if said != wanted:
            problem = f"row {self._number} is {said}, {self._name} has {wanted}"
            self._finding = Finding("list", self._path.name, problem)

    def found(self) -> Iterator[Finding]:
        """Yield what was found, behind the last row."""
        if self._labels is None:
            yield Finding("file", self._path.name, "is missing")
        self.follow(None)
        if self._finding is not None:
            yield self._finding


def _row_of(label: ReleasedLabel) -> tuple[object, ...]:
    box = label.x1, label.y1, label.x2, label.y2
    return label.video_id, label.timestamp, *box, label.action_id, label.person_id


def _copies(release: FilmsFolder) -> Iterator[Finding]:
    """Yield films whose files are equal, and which are in two splits."""
    if not (release.folder / SUMS).is_file():
        return
    of_file = listed_files(release.folder)
    first: dict[str, tuple[int, str]] = {}
    for line, film in release.films:
        sha256 = of_file.get(film.file)
        if sha256 is None:
            continue
        known, split = first.setdefault(sha256, (line, film.split))
        if split != film.split:
            problem = (
                f"{film.file} is in {film.split}, and the same file in {split} in line {known}"
            )
            yield Finding("copy", f"{LIST}:{line}", problem)


def _places_of(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield each video of a release of whatever kind, with its split and where that stands."""
    if (folder / LIST).is_file():
        for line, film in FilmsFolder.of(folder).films:
            yield film.video_id, film.split, f"{LIST}:{line}"
        return
    for name in sorted(SPLIT_LISTS):
        if (folder / name).is_file():
            for video, split in zip(*videos_in(folder / name), strict=True):
                yield video, split, name


def _earlier(workspace: Workspace, release: FilmsFolder) -> tuple[int, list[Finding]]:
    """Hold the films against the splits of the other releases here."""
    with reading(workspace.engine) as session:
        names = session.scalars(select(Release.name).order_by(Release.name)).all()
    folders = [workspace.releases / name for name in names if name != release.folder.name]
    first: dict[str, tuple[str, str]] = {}
    number = 0
    for folder in folders:
        for video, split, place in _places_of(folder):
            number += 1
            first.setdefault(video, (split, f"releases/{folder.name}/{place}"))
    found = []
    for line, film in release.films:
        split, where = first.get(film.video_id, (film.split, ""))
        if split != film.split:
            problem = f"{film.video_id} is in {film.split}, and in {split} in {where}"
            found.append(Finding("earlier", f"{LIST}:{line}", problem))
    return number, found


def _others(release: FilmsFolder, datasets: Iterable[Path]) -> tuple[int, list[Finding]]:
    """Find films that other datasets hold too."""
    number, found = 0, list[Finding]()
    for path in datasets:
        ids = [row["video_id"] for row in some_rows(path, path.resolve().name)]
        number, known = number + len(ids), {*ids}
        found += [
            Finding("against", f"{LIST}:{line}", f"{film.video_id} is in {path}, too")
            for line, film in release.films
            if film.video_id in known
        ]
    return number, found
