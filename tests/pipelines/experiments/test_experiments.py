"""The frame of experiments: cells, rows, intervals, directions; no network is trained."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kinetics_builder.errors import FormatError, ModelError
from kinetics_builder.formats.manifest import write_manifest
from kinetics_builder.formats.training.omnisource.items import WebRow, write_items
from models.clips.release import read_release, readable
from models.recipes.registry import default_recipe
from models.zoo import network_spec
from pipelines.demo.drawn import actions, draw_release
from pipelines.experiments import drawing, learning, omnisource, running
from pipelines.experiments.answers import Answers, answers_of_sum
from pipelines.experiments.cells import Cell, Pairs, with_starts
from pipelines.experiments.checking import check_cells
from pipelines.experiments.data_size import chosen, data_size, halves
from pipelines.experiments.directions import Claim, directions_of
from pipelines.experiments.drawing import Line, draw_lines
from pipelines.experiments.estimates import Sample, difference, estimate
from pipelines.experiments.experiment import Experiment, Found, lines_of
from pipelines.experiments.folders import as_release
from pipelines.experiments.grounds import Ground, Length
from pipelines.experiments.joint import join
from pipelines.experiments.learning import OUTCOME, Job, work
from pipelines.experiments.page import csv_of, write_files
from pipelines.experiments.place import Place
from pipelines.experiments.results import Result, Table
from pipelines.experiments.rows import CellRow, Standing, read_rows, write_rows
from pipelines.experiments.run import run_experiment
from pipelines.experiments.running import Manner, run_cells
from pipelines.experiments.slowfast_ablation import slowfast_ablation
from pipelines.experiments.transfer import SOURCE, TARGET, WAYS, given_grounds, transfer
from pipelines.running.engines.inline import InlinePool
from pipelines.running.reports import SilentReporter

LABELS = ("sitting down", "standing up")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of three clips to learn from and one to be measured on."""
    folder = tmp_path_factory.mktemp("drawn") / "release"
    return draw_release(folder, LABELS, actions(LABELS, {"train": 3, "test": 1}, 5), 1)


def cell(release: Path, row: str = "one", seed: int = 0, **changes: object) -> Cell:
    spec, recipe = network_spec("i3d_tiny"), default_recipe("i3d_tiny")
    made = Cell(row=row, seed=seed, spec=spec, recipe=replace(recipe, seed=seed), release=release)
    return replace(made, **changes)  # type: ignore[arg-type]


class Ended:
    """A process that has ended."""

    def __init__(self, exitcode: int) -> None:
        self.exitcode = exitcode
        self.sentinel, writer = os.pipe()
        os.close(writer)

    def join(self, timeout: float | None = None) -> None:
        """Have ended already."""

    def terminate(self) -> None:
        """Have ended already."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Job]]:
    """Let cells end at once: row "dies" with its process, row "fails" with a reason."""
    begun: list[Job] = []

    def end(job: Job) -> Ended:
        begun.append(job)
        job.scores.parent.mkdir(parents=True, exist_ok=True)
        job.scores.write_bytes(b"")
        reason = "the loss is nan" if job.cell.row == "fails" else ""
        told = json.dumps({"reason": reason, "seconds": 2.0})
        (job.folder / OUTCOME).write_text(told, encoding="utf-8")
        return Ended(-9 if job.cell.row == "dies" else 0)

    monkeypatch.setattr(running, "begun", end)
    monkeypatch.setattr(running, "compute_in_one_thread", lambda: None)
    yield begun


def test_a_start_comes_once_and_before_what_starts_from_it(release: Path) -> None:
    start = cell(release, "start", seed=3)
    ordered = with_starts((cell(release, "a", start=start), cell(release, "b", 1, start=start)))
    assert [one.row for one in ordered] == ["start", "a", "b"]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1, "recipe": replace(default_recipe("i3d_tiny"), seed=1)},
        {"recipe": replace(default_recipe("i3d_tiny"), num_steps=7)},
        {"spec": network_spec("slowfast_tiny")},
        {"pairs": (LABELS,)},
    ],
    ids=["a seed", "a recipe", "a network", "what it is asked"],
)
def test_another_setting_is_another_cell_but_its_name_is_not(
    release: Path, change: dict[str, object]
) -> None:
    plain = cell(release)
    assert cell(release, **change).identity != plain.identity
    assert cell(release, row="called otherwise").identity == plain.identity


@pytest.mark.parametrize(
    ("split", "pairs", "told"),
    [
        ("test", (("sitting down", "standing"),), "pair's label 'standing' is not in classes.txt"),
        ("train", (), "has no clip of the split 'test'"),
    ],
)
def test_what_could_not_be_measured_is_told_before_anything_is_learnt(
    release: Path, tmp_path: Path, split: str, pairs: Pairs, told: str
) -> None:
    rows = [
        replace(row, split=split if row.split == "test" else row.split)
        for row in read_release(release).rows
    ]
    write_manifest(tmp_path / "clips.csv", rows)
    (tmp_path / "classes.txt").write_bytes((release / "classes.txt").read_bytes())
    with pytest.raises(ModelError, match=told):
        check_cells([cell(release, start=cell(tmp_path, pairs=pairs))])


def test_what_is_done_is_not_done_again_and_what_failed_is_a_row(
    release: Path, tmp_path: Path, asked: list[Job]
) -> None:
    place, said = Place(tmp_path, "test"), list[str]()
    failing, dying = cell(release, "fails", 1), cell(release, "dies", 2)
    cells = [cell(release), failing, dying, cell(release, "after", 3, start=failing)]
    rows = run_cells(cells, place, Manner(num_workers=2, say=said.append))
    assert [(rows[one.identity].standing, rows[one.identity].reason) for one in cells] == [
        (Standing.DONE, ""),
        (Standing.FAILED, "the loss is nan"),
        (Standing.FAILED, "its process died (exit code -9)"),
        (Standing.FAILED, "what it starts from failed: fails, seed 1"),
    ]
    assert len(asked) == 3 and said[-1].startswith("[4/4] ")
    assert read_rows(place.rows) == rows

    assert run_cells(cells, place, Manner()) == rows and len(asked) == 3
    run_cells(cells, place, Manner(retry_failed=True))
    assert [job.cell.row for job in asked[3:]] == ["fails", "dies"]


def test_a_cell_whose_files_are_gone_is_worked_on_again(
    release: Path, tmp_path: Path, asked: list[Job]
) -> None:
    place = Place(tmp_path, "test")
    for _ in range(2):
        run_cells([cell(release)], place, Manner())
        asked[0].scores.unlink(missing_ok=True)
    assert len(asked) == 2


def test_part_of_an_experiment_leaves_the_others_rows(
    release: Path, tmp_path: Path, asked: list[Job]
) -> None:
    place, both = Place(tmp_path, "test"), [cell(release), cell(release, "two", 1)]
    run_cells(both, place, Manner())
    run_cells(both[:1], place, Manner(), is_part=True)
    assert len(read_rows(place.rows)) == 2
    run_cells(both[:1], place, Manner())
    assert len(read_rows(place.rows)) == 1


def test_a_bad_row_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    write_rows(path, [CellRow("a", "1", Standing.DONE, "", 1.0)])
    path.write_text(path.read_text() + "b,2,ended,,1.0\n")
    with pytest.raises(FormatError, match=r"cells\.csv:3: 'ended' is not a valid Standing"):
        read_rows(path)


def sample(*values: float) -> Sample:
    return Sample(np.array(values), tuple(f"v{n}" for n in range(len(values))))


def test_an_interval_is_of_videos_and_with_seeds_of_both() -> None:
    one = estimate([sample(*[1.0, 0.0] * 50)])
    assert one.mean == 0.5 and 0.38 < one.low < 0.43 and 0.57 < one.high < 0.62
    two = estimate([sample(*[1.0] * 100), sample(*[0.0] * 100)])
    assert (two.mean, two.low, two.high, two.num_seeds) == (0.5, 0.0, 1.0, 2)
    same_video = Sample(np.array([1.0, 1.0, 0.0, 0.0]), ("a", "a", "b", "b"))
    assert (estimate([same_video]).low, estimate([same_video]).high) == (0.0, 1.0)


def test_a_difference_is_surer_than_what_it_is_of() -> None:
    better, worse = sample(*[1.0, 0.0, 1.0] * 40), sample(*[1.0, 0.0, 0.0] * 40)
    apart = estimate([difference(better, worse)])
    assert apart.low > 0.2 and apart.mean == pytest.approx(1 / 3)


def table(**hits: str) -> Table:
    """Return rows by what was said of ten clips: "1" is right."""
    files = tuple(f"clips/{n}.mp4" for n in range(10))
    truth = tuple("sitting" if n < 5 else "waving" for n in range(10))

    def answers(said: str) -> Answers:
        told = tuple(label if hit == "1" else "" for hit, label in zip(said, truth, strict=True))
        return Answers(files, files, truth, told)

    cells = (cell(Path()),)
    return Table({row: Result(row, {0: answers(said)}, cells) for row, said in hits.items()})


@pytest.mark.few("all above", "never below", "of some labels alone")
@pytest.mark.parametrize(
    ("better", "worse", "change", "verdict", "is_sure"),
    [
        ("1111111111", "0000000000", {}, "holds", True),
        ("1111100000", "1111100000", {}, "holds", True),
        ("1110000000", "1100000000", {}, "holds", True),
        ("1101000000", "0010111000", {}, "does not hold", False),
        ("1111111111", "1110000000", {"least": 0.8}, "does not hold", False),
        ("1111111100", "1111111111", {"least": -0.3}, "holds", False),
        ("0000011111", "1111100000", {"labels": frozenset({"waving"})}, "holds", True),
        ("1111111111", "0000000000", {"is_cheaper": True}, "does not hold", True),
    ],
    ids=[
        "all above",
        "equal is enough",
        "never below",
        "a little below",
        "above, but not as far as was asked",
        "below, within what it may cost",
        "of some labels alone",
        "above, but it costs as much",
    ],
)
def test_a_direction(
    better: str, worse: str, change: dict[str, object], verdict: str, is_sure: bool
) -> None:
    claim = Claim(text="more", source="a paper", better="ours", worse="theirs")
    claim = replace(claim, **change)  # type: ignore[arg-type]
    [found] = directions_of([claim], table(ours=better, theirs=worse))
    assert (found.verdict, found.is_sure) == (verdict, is_sure), found.line
    assert found.line.startswith(verdict) and "more: " in found.line


def test_what_failed_is_not_measured_and_says_why() -> None:
    both = table(ours="1111111111")
    failed = Result("theirs", {}, (cell(Path()),), ("the disk is full",))
    claim = Claim(text="more", source="a paper", better="ours", worse="theirs")
    [found] = directions_of([claim], Table({**both.results, "theirs": failed}))
    assert (found.verdict, found.figures) == ("not measured", "the disk is full")
    neither = Table({"ours": replace(failed, row="ours"), "theirs": failed})
    assert directions_of([claim], neither)[0].figures == "the disk is full", "said once"


def test_a_page_holds_all_inside_and_a_table_lies_beside(tmp_path: Path) -> None:
    rows = table(ours="1111111111", theirs="0000000000")
    claim = Claim(text="more <than> less", source="a paper", better="ours", worse="theirs")
    made = Experiment(
        name="test", title="A test", lead="What?", setting="Ten clips.", cells=(), claims=(claim,)
    )
    failed = CellRow("third, seed 0", "3", Standing.FAILED, "the disk is full", 1.0)
    directions = tuple(directions_of([claim], rows))
    found = Found(made, Place(tmp_path, "test"), rows, directions, (failed,), 60.0)
    write_files(found)
    page = (tmp_path / "test" / "index.html").read_text()
    assert "http" not in page and "more &lt;than&gt; less" in page and "the disk is full" in page
    lines = (tmp_path / "test" / "table.csv").read_text().splitlines()
    assert lines[0].startswith("row,top1,low,high,seeds,clips,multiply_adds,parameters,steps")
    assert lines[1].startswith("ours,1.0000,1.0000,1.0000,1,10,")
    assert csv_of(found).splitlines() == lines
    assert "holds          more <than> less: +100.0 points" in "\n".join(lines_of(found))


def test_a_scale_of_sizes_names_those_that_were_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_png", lambda figure: figure)
    figure: Any = draw_lines([Line("one", [3, 6], [0.1, 0.2])], "clips", is_log=True)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["3", "6"]


def test_smaller_choices_lie_in_larger_ones(release: Path) -> None:
    sizes = halves(release)
    assert sizes == (1, 3)
    one, two, all_ = (chosen(release, size, 0).files for size in (1, 2, 3))
    assert one is not None and two is not None and all_ is None
    assert one < two and len(one) == 2 and len(two) == 4
    assert len({chosen(release, 1, seed).sha256 for seed in range(8)}) > 1


def test_equal_seeds_draw_equal_clips(release: Path, tmp_path: Path) -> None:
    again = draw_release(tmp_path / "b", LABELS, actions(LABELS, {"train": 3, "test": 1}, 5), 1)
    assert (again / "clips.csv").read_bytes() == (release / "clips.csv").read_bytes()


def adopted(folder: Path, releases: Path) -> Path:
    return as_release(folder, releases, 1, SilentReporter(), InlinePool())


def test_a_folder_of_ucf101_becomes_a_release(release: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ucf"
    names = [f"Typing/v_Typing_g0{group}_c0{number}.avi" for group in (1, 2) for number in (1, 2)]
    (folder / "videos" / "Typing").mkdir(parents=True)
    for name in names[1:]:
        video = next((release / "clips").glob("*.mp4"))
        (folder / "videos" / name).write_bytes(video.read_bytes())
    (folder / "trainlist01.txt").write_text(f"{names[0]} 1\n{names[1]} 1\n")
    (folder / "testlist01.txt").write_text("".join(f"{name}\n" for name in names[2:]))
    made = adopted(folder, tmp_path / "releases")
    rows = read_release(made).rows
    assert [(row.youtube_id, row.split) for row in rows] == [
        ("v_Typing_g01", "train"),
        ("v_Typing_g01", "train"),
        ("v_Typing_g02", "test"),
        ("v_Typing_g02", "test"),
    ]
    [broken] = readable(read_release(made), rows)[1]
    assert broken.file == f"media/{names[0]}"
    assert adopted(made, tmp_path / "releases") == made
    with pytest.raises(ModelError, match="is no release, and holds no lists of UCF101"):
        adopted(tmp_path / "releases", tmp_path / "others")


def test_a_network_learns_the_target_in_three_ways(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(job: Job) -> Ended:
        work(job)
        return Ended(0)

    monkeypatch.setattr(running, "begun", at_once)
    monkeypatch.setattr(running, "compute_in_one_thread", lambda: None)
    monkeypatch.setattr(learning, "leave_with_parent", lambda: None)
    releases, short = {SOURCE: release, TARGET: release}, Length(num_steps=2)
    shorter = replace(short, num_steps=1)
    grounds = given_grounds(releases, {SOURCE: short, TARGET: shorter}, [0])
    asked = transfer(grounds, ["i3d_tiny"])
    found = run_experiment(asked, Place(tmp_path, "transfer"), Manner(num_workers=1))
    assert [*found.table.results] == [f"i3d_tiny: {way}" for way in WAYS]
    assert found.failed == () and len(found.directions) == 2
    assert all(one.num_clips == 2 and one.top1 for one in found.table.results.values())
    fixed = Job(cell=asked.cells[1], place=found.place).folder
    assert json.loads((fixed / "card.json").read_text())["recipe"]["fixed_trunk"] is True
    assert len(read_rows(found.place.rows)) == 4, "the source is learnt once"

    summed = answers_of_sum(*[fixed / "evaluation-test" / "scores.npz"] * 2, release)
    assert summed == found.table.results["i3d_tiny: Fixed"].answers[0]


@pytest.mark.parametrize("name", ["transfer", "data-size", "slowfast-ablation", "omnisource"])
def test_what_is_claimed_and_summed_is_of_rows_that_are_there(name: str, release: Path) -> None:
    parts = ("source", "target", "release", "joint", "small")
    lengths = dict.fromkeys(parts, Length(num_steps=1))
    ground = Ground(
        seed=0, releases=dict.fromkeys(parts, release), lengths=lengths, pairs=(LABELS,)
    )
    web = omnisource.WebGround(ground, {"clips/a.mp4": 0.9})
    made = {
        "transfer": lambda: transfer([ground], ["i3d_tiny", "i3d_flow_tiny"]),
        "data-size": lambda: data_size([ground], ["i3d_tiny"], [1, 3]),
        "slowfast-ablation": lambda: slowfast_ablation([ground], "slowfast_tiny", is_full=True),
        "omnisource": lambda: omnisource.omnisource([web], "i3d_tiny", threshold=0.5, is_full=True),
    }[name]()
    rows = {cell.row for cell in made.cells} | {one.row for one in made.sums}
    assert {row for one in made.sums for row in (one.first, one.second)} <= rows
    assert {row for one in made.claims for row in (one.better, one.worse)} <= rows
    assert len(made.claims) >= 2 and made.name == name


def test_items_of_the_web_become_clips_beside_the_target(release: Path, tmp_path: Path) -> None:
    clip = next((release / "clips").glob("*.mp4"))
    (tmp_path / "film.mp4").write_bytes(clip.read_bytes())
    Image.new("RGB", (101, 80), "red").save(tmp_path / "red.png")
    items = tmp_path / "items.csv"
    web = [
        WebRow("images", "red.png", LABELS[0], None, None, "", 0.9, "by"),
        WebRow("clips", "gone.mp4", LABELS[0], None, None, "", 0.8, ""),
        WebRow("videos", "film.mp4", LABELS[1], 1.0, 3.0, "", 0.7, ""),
    ]
    write_items(items, web)
    joint = join(release, items, tmp_path, tmp_path / "joint")
    rows = {row.file: row for row in read_release(joint.release).rows}
    made = {file.partition("/")[0]: rows[file] for file in joint.scores}
    assert sorted(joint.scores.values()) == [0.7, 0.9]
    assert made["images"].num_frames == 1 and made["images"].licence == "by"
    assert made["videos"].duration_seconds == pytest.approx(2.0, abs=0.1)
    assert len(rows) == 2 + 8 and readable(read_release(joint.release), (*rows.values(),))[1] == []
    assert "gone.mp4" in (joint.release / "left_out.csv").read_text()
    assert join(release, items, tmp_path, tmp_path / "joint") == joint
