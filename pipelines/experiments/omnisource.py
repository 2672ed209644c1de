"""What data of many sorts from the web is worth, kept by a teacher's word (arXiv:2003.13042)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.manifest import ManifestRow
from pipelines.experiments.cells import Cell
from pipelines.experiments.directions import Claim
from pipelines.experiments.drawing import draw_against
from pipelines.experiments.experiment import Column, Experiment, Found, Picture
from pipelines.experiments.grounds import Ground, Length, setting_of
from pipelines.experiments.joint import TARGET, join
from pipelines.experiments.learning import Job
from pipelines.experiments.place import Place
from pipelines.experiments.results import Result
from pipelines.experiments.rows import Standing
from pipelines.experiments.running import Manner, run_cells
from pipelines.experiments.web_world import draw_web_world
from pipelines.experiments.worlds import SOURCE_LABELS, Say, World

if TYPE_CHECKING:
    from models.clips.choice import Choice
    from models.clips.release import Release
    from models.spec import NetworkSpec

NAME = "omnisource"
NETWORK = "i3d_tiny"
JOINT, SMALL = "joint", "small"
KINDS = ("clips", "images", "videos")
THRESHOLD = 0.5
"""Least probability of its label that a teacher gives an item that is kept."""
RATIOS = ((TARGET, 2.0), *((kind, 1.0) for kind in KINDS))
"""How often each source comes, as the paper's released configuration has it."""
MIXUP = 0.2
PAPER = "arXiv:2003.13042"
_LENGTHS = {JOINT: Length(num_steps=300), SMALL: Length(num_steps=100)}
_SMALL_COUNTS = {"train": 4, "test": 20}
ALONE, BOTH = "target alone", "with all, kept by the teacher"
_THEN = ", then a small set"


@dataclass(frozen=True)
class WebGround:
    """The joint release of one seed, and what is known of its web clips."""

    ground: Ground
    scores: Mapping[str, float] = field(default_factory=dict)
    """The teacher's probability of each one's label, by file; empty until it was asked."""
    is_right: Mapping[str, bool] = field(default_factory=dict)
    """Of drawn ones, whether they show it."""


def drawn_grounds(worlds: Path, seeds: Sequence[int], say: Say) -> list[WebGround]:
    """Draw a release, a web and a small set of other classes for each seed."""
    found = []
    for seed in seeds:
        web = draw_web_world(worlds, seed, say)
        small = World(folder=worlds, labels=SOURCE_LABELS, counts=_SMALL_COUNTS, seed=seed)
        releases = {JOINT: web.release, SMALL: small.draw(say)}
        ground = Ground(seed=seed, releases=releases, lengths=_LENGTHS)
        found.append(WebGround(ground, is_right=web.is_right))
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """Releases and a web that are there."""

    target: Path
    items: Path
    """What a teacher has looked at, with its scores."""
    media: Path
    small: Path | None = None
    num_epochs: float | None = None
    """Passes over the target."""


def given_grounds(given: Given, place: Place, seeds: Sequence[int]) -> list[WebGround]:
    """Return one joint release of a target and its web for all seeds; raises as `join` does."""
    joint = join(given.target, given.items, given.media, place.own / JOINT)
    releases = {JOINT: joint.release} | ({SMALL: given.small} if given.small else {})
    lengths = {JOINT: Length(num_epochs=given.num_epochs), SMALL: Length()}
    return [
        WebGround(Ground(seed=seed, releases=releases, lengths=lengths), joint.scores)
        for seed in seeds
    ]


def asked_teachers(
    grounds: Sequence[WebGround], network: str, place: Place, manner: Manner
) -> list[WebGround]:
    """Train a teacher on each target alone and ask it about the web's clips, where none was.

    Raises:
        ModelError: A teacher could not be trained.

    """
    cells = {one.ground.seed: _cell(one, network, ALONE) for one in grounds if not one.scores}
    ended = run_cells(list(cells.values()), place, manner, is_part=True) if cells else {}
    found = []
    for one in grounds:
        cell = cells.get(one.ground.seed)
        if cell is None:
            found.append(one)
            continue
        if (row := ended[cell.identity]).standing is Standing.FAILED:
            raise ModelError(f"The teacher could not be trained: {row.reason}")
        found.append(replace(one, scores=_said(Job(cell=cell, place=place))))
    return found


def _said(job: Job) -> dict[str, float]:
    """Return a teacher's probability of the label of each web clip; asked once."""
    path = job.folder / "web_scores.json"
    if not path.is_file():
        from models.checkpoints.files import write_json

        write_json(path, _ask(job))
    found: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _ask(job: Job) -> dict[str, float]:
    from models.checkpoints.store import load_network
    from models.clips.release import read_release
    from models.evaluation.opened import open_network
    from models.evaluation.predict import label_numbers

    data = read_release(job.cell.release)
    opened = open_network(load_network(job.folder), job.folder, data, job.runtime)
    said = opened.predictor().predict([row for row in data.split("train") if _kind(row.file)])
    truth = label_numbers(said.rows, data.labels)
    return {
        row.file: float(scores[number])
        for row, scores, number in zip(said.rows, said.scores_NK, truth, strict=True)
    }


def _joint(one: WebGround) -> "Release":
    from models.clips.release import read_release

    return read_release(one.ground.releases[JOINT])


def _kind(file: str) -> str:
    """Return the kind of a web clip; empty for the target's own."""
    folder = file.partition("/")[0]
    return folder if folder in KINDS else ""


@dataclass(frozen=True)
class _Mix:
    """What is learnt from beside the target."""

    kinds: tuple[str, ...] = ()
    is_filtered: bool = True
    mixup: float = 0.0

    def choice(self, one: WebGround, threshold: float) -> "Choice":
        """Return the clips, and how often those of each source come."""
        from models.clips.choice import Choice

        rows = _joint(one).split("train")
        kept = [
            row.file
            for row in rows
            if not _kind(row.file)
            or (
                _kind(row.file) in self.kinds
                and (not self.is_filtered or one.scores.get(row.file, 0.0) >= threshold)
            )
        ]
        ratios = tuple((name, share) for name, share in RATIOS if name in (TARGET, *self.kinds))
        return Choice(frozenset(kept), ratios if self.kinds else ())


_FEW = {
    ALONE: _Mix(),
    "with web clips, all of them": _Mix(("clips",), is_filtered=False),
    "with web clips, kept by the teacher": _Mix(("clips",)),
    "with web pictures, kept by the teacher": _Mix(("images",)),
    "with parts of long videos, kept by the teacher": _Mix(("videos",)),
    BOTH: _Mix(KINDS),
}
_MORE = {
    "with all, all of them": _Mix(KINDS, is_filtered=False),
    f"{BOTH}, mixup": _Mix(KINDS, mixup=MIXUP),
}
_GOING_ON = (ALONE, BOTH)
"""What learns a small set of other classes then."""


def omnisource(
    grounds: Sequence[WebGround], network: str, *, threshold: float, is_full: bool
) -> Experiment:
    """Return the experiment; of all that is learnt from, as many clips are learnt.

    Args:
        grounds: With the teacher's scores.
        network: Learns, whatever the teacher was.
        threshold: Least score of what is kept.
        is_full: Whether everything unfiltered, and mixup across sources, are there too.

    """
    mixes = _FEW | (_MORE if is_full else {})
    cells = [
        _cell(one, network, row, mix.choice(one, threshold), mix.mixup)
        for row, mix in mixes.items()
        for one in grounds
    ]
    if all(SMALL in one.ground.releases for one in grounds):
        starts = [cell for cell in cells if cell.row in _GOING_ON]
        by_seed = {one.ground.seed: one.ground for one in grounds}
        cells += [_going_on(cell, network, by_seed[cell.seed]) for cell in starts]
    plain, learnt = [one.ground for one in grounds], _Learnt(grounds[0])
    return Experiment(
        name=NAME,
        title="What data of many sorts is worth",
        lead="A network learns the target alone, and beside it clips, pictures and parts of long "
        "videos that were searched on the web: all of them, or what a teacher, which has learnt "
        "the target alone, believes to show their class.",
        setting=f"{setting_of(plain, [network])} Kept is what the teacher gives at least "
        f"{threshold:g}; a step takes target and web in the ratios "
        f"{':'.join(f'{share:g}' for _, share in RATIOS)}.",
        cells=tuple(cells),
        claims=tuple(_claims([cell.row for cell in cells])),
        columns=learnt.columns(),
        draw=learnt.draw,
    )


def _cell(
    one: WebGround,
    network: str,
    row: str,
    choice: "Choice | None" = None,
    mixup: float = 0.0,
) -> Cell:
    rows = _joint(one).split("train")
    num_own = sum(not _kind(row.file) for row in rows)
    recipe = one.ground.recipe(network, JOINT, num_own)
    return Cell(
        row=row,
        seed=one.ground.seed,
        spec=_spec(network),
        recipe=replace(recipe, mixup=mixup) if mixup else recipe,
        release=one.ground.releases[JOINT],
        choice=choice or _Mix().choice(one, 0.0),
    )


def _spec(network: str) -> "NetworkSpec":
    from models.description import find_spec

    return find_spec(network)


def _going_on(cell: Cell, network: str, ground: Ground) -> Cell:
    return Cell(
        row=f"{cell.row}{_THEN}",
        seed=cell.seed,
        spec=cell.spec,
        recipe=ground.recipe(network, SMALL),
        release=ground.releases[SMALL],
        start=cell,
    )


def _claims(rows: Sequence[str]) -> Iterator[Claim]:
    asked = (
        ("what the teacher keeps of clips teaches no less than all of them", *list(_FEW)[2:0:-1]),
        ("data of all sorts beside the target teach no less than it alone", BOTH, ALONE),
        ("and what was learnt so helps a small set no less", BOTH + _THEN, ALONE + _THEN),
    )
    for text, better, worse in asked:
        if better in rows and worse in rows:
            yield Claim(text=text, source=PAPER, better=better, worse=worse)


@dataclass(frozen=True)
class _Learnt:
    """What the rows have learnt from beside one another, in the first seed."""

    first: WebGround

    def rows(self, one: Result) -> list[ManifestRow]:
        """Return the clips of the joint release that a row has learnt from."""
        cell = next(cell for cell in one.cells if cell.seed == self.first.ground.seed)
        choice = (cell.start or cell).choice
        files = (choice and choice.files) or frozenset()
        release = _joint(self.first)
        return [row for row in release.rows if row.file in files]

    def megabytes(self, one: Result) -> float:
        """Return how large they are."""
        return sum(row.bytes for row in self.rows(one)) / 1e6

    def right(self, one: Result) -> str:
        """Return which share of those of the web is right, in per cent."""
        known = self.first.is_right
        told = [known[row.file] for row in self.rows(one) if row.file in known]
        return f"{100 * sum(told) / len(told):.0f}" if told else ""

    def columns(self) -> tuple[Column, ...]:
        """Return what the table says of it."""
        columns: list[Column] = [
            ("clips", lambda one, _: f"{len(self.rows(one)):,}"),
            ("MB", lambda one, _: f"{self.megabytes(one):.2f}"),
        ]
        if self.first.is_right:
            columns.append(("right of the web, %", lambda one, _: self.right(one)))
        return tuple(columns)

    def draw(self, found: Found) -> list[Picture]:
        """Draw accuracy on the target against bytes."""
        results = [one for one in found.table.results.values() if not one.row.endswith(_THEN)]
        png = draw_against(results, self.megabytes, "clips that are learnt from, MB")
        return [
            Picture("Top-1 on the target against bytes of data", png, "Top-1 against megabytes")
        ]
