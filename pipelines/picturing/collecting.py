"""Images of the web -> folders of pictures, one a class, and who made each of them.

`DIR/<class>/ID.jpg` is what a scorer learns from. `DIR/found.jsonl` says what became of every
image that was tried, a line each, and is only added to; `DIR/attributions.csv` names the makers
and licences of those that were kept.
"""

import csv
import io
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.locks import held
from kinetics_builder.text.masking import masked
from pipelines.files import remove_parts
from pipelines.picturing.fetching import Fate, Fetched, fetch, look_alike, part_of
from pipelines.picturing.openverse import FoundImage
from pipelines.picturing.pacing import Pace
from pipelines.running.engines.pool import Outcome, Pool
from pipelines.sources.web.addresses import Allowed

FOUND, ATTRIBUTIONS = "found.jsonl", "attributions.csv"
_TOLD = (
    "label",
    "file",
    "title",
    "creator",
    "licence",
    "licence_version",
    "licence_address",
    "attribution",
    "page",
    "address",
)
_LOCK = ".lock"
_SLEEP_SECONDS = 0.2
"""Between two looks whether it is a site's turn."""
_AT_ONCE = 20
"""Images that are tried before it is written down what became of them."""
Progress = Callable[[str], None]
Refusal = Callable[[FoundImage], bool]
"""Says of an image whether it may not be used."""


@dataclass
class Gathering:
    """What was tried so far, in this run and before."""

    folder: Path
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """By label and id, what became of an image."""
    num_refused: int = 0
    """Of those that were found in this run."""
    num_withdrawn: int = 0
    """In this run."""
    _kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By file, those that are kept."""

    @classmethod
    def of(cls, folder: Path) -> "Gathering":
        """Take up what a folder says; half a line, which a killed run left, says nothing."""
        gathering = cls(folder)
        path = folder / FOUND
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            path.write_text(whole, encoding="utf-8")
        for number, line in enumerate(whole.splitlines(), start=1):
            gathering.take(_row(line, f"{path}:{number}"))
        return gathering

    def take(self, row: dict[str, Any]) -> None:
        """Remember what became of an image."""
        self.rows[row["label"], row["id"]] = row
        self._kept.pop(row["file"], None)
        if row["fate"] == Fate.KEPT:
            self._kept[row["file"]] = row

    def is_tried(self, label: str, image: FoundImage) -> bool:
        """Say whether an image need not be asked for again; one that is none may have moved."""
        row = self.rows.get((label, image.id))
        if row is None or row["fate"] == Fate.LATER:
            return False
        if row["fate"] == Fate.KEPT:
            return bool((self.folder / row["file"]).is_file())
        return bool(row.get("address") == image.address)

    def num_kept(self, label: str) -> int:
        """Return how many pictures a label has."""
        return sum(
            row["fate"] == Fate.KEPT and (self.folder / row["file"]).is_file()
            for (name, _), row in self.rows.items()
            if name == label
        )

    def note(self, label: str, image: FoundImage, fetched: Fetched) -> None:
        """Write down what became of an image; one that is there already in another file goes."""
        file = file_of(label, image)
        fate, reason = fetched.fate, fetched.reason
        if fate is Fate.KEPT:
            twin, part = self._twin(file, fetched), part_of(self.folder / file)
            if twin is None:
                part.replace(self.folder / file)
            else:
                part.unlink()
                fate, reason = Fate.DUPLICATE, f"of {twin}"
        row = {"label": label, "file": file, **asdict(image), **asdict(fetched)}
        row |= {"fate": fate, "reason": reason}
        del row["rest_seconds"]
        self.take(row)
        with (self.folder / FOUND).open("a", encoding="utf-8") as out:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")

    def files_of(self, is_meant: "Refusal") -> list[str]:
        """Return the files of some images, relative to the folder, there or not."""
        return [row["file"] for row in self.rows.values() if is_meant(_told(row))]

    def forget(self, is_gone: "Refusal") -> None:
        """Forget what `found.jsonl` and `attributions.csv` say of images that may not be used."""
        self._forget({key for key, row in self.rows.items() if is_gone(_told(row))})

    def withdraw(self, label: str, ids: Collection[str]) -> int:
        """Remove a label's pictures, and forget them; return how many were there."""
        keys = {(label, name) for name in ids} & self.rows.keys()
        kept = [self.rows[key] for key in keys if self.rows[key]["fate"] == Fate.KEPT]
        for row in kept:
            (self.folder / row["file"]).unlink(missing_ok=True)
        self._forget(keys)
        return len(kept)

    def _forget(self, keys: Collection[tuple[str, str]]) -> None:
        """Forget images, and that others are duplicates of them."""
        gone = {f"of {self.rows[key]['file']}" for key in keys}
        left = {
            key: row
            for key, row in self.rows.items()
            if key not in keys and not (row["fate"] == Fate.DUPLICATE and row["reason"] in gone)
        }
        if len(left) < len(self.rows):
            self.rows, self._kept = {}, {}
            for row in left.values():
                self.take(row)
            lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in left.values())
            self._write(FOUND, "".join(lines))
            self.write_attributions()

    def _twin(self, file: str, fetched: Fetched) -> str | None:
        """Return another file that shows the same picture."""
        for name, row in self._kept.items():
            is_same = row["sha256"] == fetched.sha256
            if name != file and (is_same or look_alike(row["likeness"], fetched.likeness)):
                return name
        return None

    def counts(self) -> dict[str, int]:
        """Return how many images came to each fate, over all runs."""
        return dict(sorted(Counter(str(row["fate"]) for row in self.rows.values()).items()))

    def write_attributions(self) -> None:
        """Name the makers of all that was kept, sorted."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_TOLD)
        kept = [row for row in self.rows.values() if row["fate"] == Fate.KEPT]
        for row in sorted(kept, key=lambda row: row["file"]):
            writer.writerow([masked(str(row[name])) for name in _TOLD])
        self._write(ATTRIBUTIONS, text.getvalue())

    def _write(self, name: str, text: str) -> None:
        part = self.folder / f".{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(self.folder / name)


@dataclass(frozen=True, slots=True)
class Rules:
    """How many pictures a label gets, who may be asked when, and which images are not used."""

    for_each: int
    allowed: Allowed
    pace: Pace
    is_refused: Refusal = lambda image: False
    withdrawn: Callable[[str, Collection[str]], Collection[str]] = lambda label, ids: ()
    """Says of a label and ids of its images which may not be used any more."""


@dataclass(frozen=True)
class ImagesReport:
    """What a run came to."""

    folder: Path
    kept: dict[str, int]
    """Pictures by label."""
    fates: dict[str, int]
    """Images tried, over all runs, by what became of them."""
    num_new: int
    num_refused: int = 0
    """Of those that were found now, on the takedown list."""
    num_withdrawn: int = 0
    """Pictures of before that were removed."""
    resting: tuple[str, ...] = ()
    """What is to be said of sites that asked to be left alone."""
    num_candidates: int = 0
    """Videos whose thumbnails were wanted."""
    num_unlisted: int = 0
    """Of these, those of which no thumbnail's address is known."""


def collect_images(
    found: Mapping[str, Iterator[FoundImage]],
    folder: Path,
    pool: Pool,
    rules: Rules,
    progress: Progress = lambda line: None,
) -> ImagesReport:
    """Bring each label to as many pictures as are asked for, as far as what is found gives them.

    What was tried before is not asked for again; a run that was killed goes on. Of a site that
    asks to be left alone nothing more is asked: the next run does.

    Raises:
        SourceError: The search does not answer. What was fetched is kept.
        WorkspaceError: What the folder says of an earlier run cannot be read.

    """
    with in_turn(folder, progress):
        return _collect(found, folder, pool, rules, progress)


@contextmanager
def in_turn(folder: Path, progress: Progress = lambda line: None) -> Iterator[None]:
    """Hold a folder of pictures, so that nobody else writes into it meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder / _LOCK, lambda who: progress(f"waiting for the pictures of {who}")):
        yield


def _collect(
    found: Mapping[str, Iterator[FoundImage]],
    folder: Path,
    pool: Pool,
    rules: Rules,
    progress: Progress,
) -> ImagesReport:
    gathering = Gathering.of(folder)
    before = {*gathering.rows}
    try:
        for label, images in found.items():
            (folder / label_folder(label)).mkdir(exist_ok=True)
            remove_parts(folder / label_folder(label))
            gathering.num_withdrawn += _withdraw(gathering, label, rules)
            _fill(gathering, label, images, pool, rules)
            progress(f"{label}: {gathering.num_kept(label)} of {rules.for_each} pictures")
    finally:
        rules.pace.give_back()
        gathering.write_attributions()
    return ImagesReport(
        folder,
        kept={label: gathering.num_kept(label) for label in found},
        fates=gathering.counts(),
        num_new=len(gathering.rows.keys() - before),
        num_refused=gathering.num_refused,
        num_withdrawn=gathering.num_withdrawn,
        resting=rules.pace.resting(),
    )


def _withdraw(gathering: Gathering, label: str, rules: Rules) -> int:
    ids = [name for of, name in gathering.rows if of == label]
    return gathering.withdraw(label, rules.withdrawn(label, ids))


def _fill(
    gathering: Gathering,
    label: str,
    images: Iterator[FoundImage],
    pool: Pool,
    rules: Rules,
) -> None:
    """Try images until a label has enough; what is written down stands in the search's order."""
    missing = rules.for_each - gathering.num_kept(label)
    while missing > 0:
        batch = _next_batch(gathering, label, _let_through(gathering, images, rules), missing)
        if not batch:
            return
        done: dict[str, Fetched] = {}
        try:
            done.update(_each_fetched(batch, gathering.folder, label, pool, rules))
        finally:
            for image in batch:
                if image.id in done:
                    gathering.note(label, image, done[image.id])
        missing = rules.for_each - gathering.num_kept(label)


def _each_fetched(
    batch: Sequence[FoundImage], folder: Path, label: str, pool: Pool, rules: Rules
) -> Iterator[tuple[str, Fetched]]:
    """Yield ids and what came, as the turns of their sites come; none of sites that rest."""
    waiting, by_id = list(batch), {image.id: image for image in batch}
    while waiting or pool.num_open():
        waiting = [image for image in waiting if _is_left(image, folder, label, pool, rules)]
        if pool.num_open():
            for outcome in pool.finished():
                fetched = _fetched(outcome)
                rules.pace.end(by_id[outcome.key], fetched)
                yield outcome.key, fetched
        elif waiting:
            time.sleep(_SLEEP_SECONDS)


def _is_left(image: FoundImage, folder: Path, label: str, pool: Pool, rules: Rules) -> bool:
    """Begin to fetch an image if it is its turn; say whether it is to wait for that."""
    if pool.num_open() >= pool.capacity:
        return True
    wait = rules.pace.begin(image)
    if wait is None:
        target = folder / file_of(label, image)
        pool.submit(image.id, partial(fetch, target=target, allowed=rules.allowed), image)
    return wait is not None and not wait.is_rest


def _fetched(outcome: Outcome) -> Fetched:
    failure = outcome.failure
    if failure is None:
        return outcome.result  # type: ignore[no-any-return]
    return Fetched(Fate.NO_PICTURE, str(failure))


def _let_through(
    gathering: Gathering, images: Iterator[FoundImage], rules: Rules
) -> Iterator[FoundImage]:
    for image in images:
        if rules.is_refused(image):
            gathering.num_refused += 1
        elif not rules.pace.rests(image):
            yield image


def _next_batch(
    gathering: Gathering, label: str, images: Iterator[FoundImage], count: int
) -> list[FoundImage]:
    """Return the next images that are to be tried, one a file."""
    batch: dict[str, FoundImage] = {}
    for image in images:
        if not gathering.is_tried(label, image):
            batch.setdefault(file_of(label, image), image)
        if len(batch) == min(count, _AT_ONCE):
            break
    return list(batch.values())


def label_folder(label: str) -> str:
    """Return the name of a label's folder: the label, where it can name a folder."""
    if label in ("", ".", "..") or "/" in label or "\0" in label:
        raise WorkspaceError(f"The class {label!r} can name no folder. Give it another name.")
    return label


def file_of(label: str, image: FoundImage) -> str:
    """Return an image's path below the folder; no part of it is what a stranger chose freely."""
    return f"{label_folder(label)}/{re.sub(r'[^A-Za-z0-9-]', '_', image.id)[:100]}.jpg"


def _told(row: Mapping[str, Any]) -> FoundImage:
    """Return an image as it was told of; what an older kbuild did not write is empty."""
    return FoundImage(**{field.name: str(row.get(field.name, "")) for field in fields(FoundImage)})


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row: dict[str, Any] = json.loads(line)
        missing = {"label", "id", "file", "fate", "sha256", "likeness"} - row.keys()
    except (ValueError, AttributeError) as error:
        raise WorkspaceError(f"{where}: {error}. Mend the line, or remove it.") from error
    if missing:
        raise WorkspaceError(f"{where}: {min(missing)!r} is missing. Mend the line, or remove it.")
    return row
