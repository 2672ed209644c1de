"""Segments that people marked, given away: files of others' shape, measured, checked, changed."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import FilmSplit, Media, Split, Video
from pipelines.localising.annotated import annotations_of, read_annotated
from tests.annotation_ui.conftest import World
from tests.annotation_ui.segments.test_marks import kbuild, log_in, say_all

MakeVideos = Callable[..., World]
MARKS = [[1.0, 3.0], [4.0, 5.0]]


@pytest.fixture
def world(make_videos: MakeVideos) -> World:
    """Six videos that three people marked alike, but for the last, in which nothing happens."""
    found = make_videos(6)
    for number in range(3):
        say_all_but_last(found, number)
    return found


def say_all_but_last(world: World, number: int) -> None:
    with reading(world.workspace.engine) as session:
        rows = session.execute(select(Video.video_id, Video.id)).all()
    ids = {row_id: video for video, row_id in rows}
    person = log_in(world, number)
    from tests.annotation_ui.segments.test_marks import ask, say

    while (asked := ask(person)) is not None:
        is_last = ids[asked["video"]] == "video5"  # timelines were made in the order of videos
        marks = [] if is_last else [[start + number / 10, end] for start, end in MARKS]
        assert say(person, asked["slot"], marks).json["outcome"] == "saved"


def release(world: World, *words: str) -> Path:
    result = kbuild(world, "release", "--kind", "segments", *words)
    assert result.exit_code == 0, result.output
    return world.workspace.releases / "segments-v1"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.on_both
def test_what_people_agree_on_is_written_as_activitynet_and_charades_have_it(world: World) -> None:
    folder = release(world)
    videos = json.loads((folder / "activitynet.json").read_text())["database"]
    assert len(videos) == 6 and videos["video5"]["annotations"] == []
    segment = {"segment": [1.1, 3.0], "label": "walking"}
    assert videos["video0"]["annotations"][0] == segment
    rows = [row for split in ("train", "validate", "test") for row in charades(folder, split)]
    actions = {row["id"]: row["actions"] for row in rows}
    assert actions["video0"] == "c000 1.10 3.00;c000 4.10 5.00" and actions["video5"] == ""
    assert (folder / "classes.txt").read_text() == "c000 walking\n"
    first = table(folder / "segments.csv")[0]
    assert (first["video"], first["workers"], first["asked"]) == ("video0", "3", "3")
    sums = json.loads((folder / "statistics.json").read_text())
    assert (sums["num_segments"], sums["num_answers"], sums["start_spread"]) == (10, 18, 0.1)
    open_ = kbuild(world, "releases", "check", "--publish")
    assert open_.exit_code == 1 and "open: datasheet.md" in open_.output
    again = kbuild(world, "release", "--kind", "segments")
    assert "there already" in again.output and "10 segments of 1 class" in again.output


def test_status_counts_marked_videos_and_names_the_releases_of_each_kind(world: World) -> None:
    def told() -> tuple[Any, str]:
        found = json.loads(kbuild(world, "status", "--json").stdout)
        return found["marked"], kbuild(world, "status").output

    marked, said = told()
    assert marked == {"num_asked": 6, "num_marked": 6, "num_released": 0, "num_tasks": 0}
    assert "6 of 6 whole videos marked, 0 in the newest release" in said
    release(world)
    marked, said = told()
    assert marked["num_released"] == 6 and "segments-v1 (segments)" in said


@pytest.mark.filterwarnings("ignore")  # of mlcroissant's own libraries
def test_croissant_reads_the_segments(world: World) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(release(world) / "croissant.json")
    record = next(iter(dataset.records("segments")))
    assert (record["segments/start"], record["segments/label"]) == (1.1, b"walking")
    assert len(list(dataset.records("videos"))) == 6


def charades(folder: Path, split: str) -> list[dict[str, str]]:
    path = folder / f"charades_{split}.csv"
    return table(path) if path.is_file() else []


def test_its_files_measured_against_themselves_score_one(world: World, tmp_path: Path) -> None:
    folder = release(world)
    videos = json.loads((folder / "activitynet.json").read_text())["database"]
    results = {
        name: [{**one, "score": 1.0} for one in video["annotations"]]
        for name, video in videos.items()
        if video["subset"] == "training"
    }
    said = {"version": "VERSION 1.3", "results": results, "external_data": {}}
    (tmp_path / "results.json").write_text(json.dumps(said))
    words = ["--ground-truth", str(folder / "activitynet.json"), "--subset", "training"]
    words += ["--predictions", str(tmp_path / "results.json"), "--json"]
    found = kbuild(world, "measure", "activitynet", *words)
    assert found.exit_code == 0, found.output
    assert json.loads(found.output)["Average-mAP"] == 1.0
    lines = []
    for row in charades(folder, "train"):
        spans = [one.split()[1:] for one in row["actions"].split(";") if one]
        for point in range(25):
            at = point / 25 * float(row["length"])
            score = any(float(start) <= at <= float(end) for start, end in spans)
            lines.append(f"{row['id']} {point + 1} {float(score)}\n")
    (tmp_path / "points.txt").write_text("".join(lines))
    words = ["--ground-truth", str(folder / "charades_train.csv"), "--task", "localization"]
    words += ["--predictions", str(tmp_path / "points.txt")]
    words += ["--label-map", str(folder / "classes.txt"), "--json"]
    found = kbuild(world, "measure", "charades", *words)
    assert found.exit_code == 0, found.output
    assert json.loads(found.output)["Per-Frame MAP"] == 1.0


def test_it_comes_back_from_other_formats_as_it_was(world: World, tmp_path: Path) -> None:
    folder, labels = release(world), ["--label-map"]
    labels += [str(folder / "classes.txt")]
    other, back = tmp_path / "train.csv", tmp_path / "train.json"
    source = folder / "charades_train.csv"
    words = ["--from", "charades", "--to", "activitynet", str(source), str(back), *labels]
    assert kbuild(world, "convert", *words, "--split", "train").exit_code == 0
    words = ["--from", "activitynet", "--to", "charades", str(back), str(other), *labels]
    assert kbuild(world, "convert", *words).exit_code == 0
    ways = [{row["id"]: row["actions"] for row in table(path)} for path in (source, other)]
    assert ways[0] == ways[1]
    out = tmp_path / "agreed.csv"
    found = kbuild(world, "crowd", "segments", str(folder / "votes.csv"), "--out", str(out))
    assert found.exit_code == 0, found.output
    agreed = [(row["video"], row["start"], row["end"]) for row in table(out)]
    said = [(row["video"], row["start"], row["end"]) for row in table(folder / "segments.csv")]
    assert agreed == said


def test_check_finds_what_was_edited_and_what_is_torn(world: World) -> None:
    folder = release(world)
    assert ": 0 findings." in kbuild(world, "releases", "check").output
    path = folder / "charades_train.csv"
    path.write_text(path.read_text().replace("1.10 3.00", "1.10 3.50", 1))
    result = kbuild(world, "releases", "check", "segments-v1")
    assert result.exit_code == 1
    assert "file: charades_train.csv:2: changed since it was released" in result.output
    assert "list: charades_train.csv:2: is not what the tables say" in result.output


@pytest.mark.parametrize("name", ["segments.csv", "marked_videos.csv", "questions.csv"])
def test_a_table_that_is_cut_off_is_named(world: World, name: str) -> None:
    path = release(world) / name
    path.write_text(path.read_text().rpartition(",")[0])
    for verb in ("check", "page"):
        result = kbuild(world, "releases", verb, "segments-v1")
        assert result.exit_code == 1 and f"{name}:" in result.output, result.output


def test_other_datasets_may_be_releases_of_segments(world: World, tmp_path: Path) -> None:
    other = shutil.copytree(release(world), tmp_path / "other")
    result = kbuild(world, "releases", "check", "--against", str(other))
    assert "6 of other releases and datasets held against them: 6 findings" in result.output


def test_a_localiser_finds_its_videos_in_the_workspace(world: World) -> None:
    data = read_annotated(annotations_of(release(world)), world.workspace.root / "media")
    assert data.labels == ("walking",) and data.broken == ()
    assert sum(map(len, data.videos.values())) == 6


def test_videos_of_one_uploader_and_what_was_placed_stay_together(world: World) -> None:
    with writing(world.workspace.engine) as session:
        rows = {video.video_id: video.id for video in session.scalars(select(Video))}
        theirs = [rows[f"video{n}"] for n in range(4)]
        session.execute(update(Media).where(Media.video_id.in_(theirs)).values(uploader="Anna"))
        session.add(FilmSplit(video_id=rows["video2"], split=Split.TEST, seed=0))
    folder = release(world)
    videos = {row["video"]: row for row in table(folder / "marked_videos.csv")}
    assert {videos[f"video{n}"]["split"] for n in range(4)} == {"test"}
    assert videos["video4"]["split"] != "test"
    assert len({videos[f"video{n}"]["uploader"] for n in range(4)}) == 1
    with reading(world.workspace.engine) as session:
        assert len(session.scalars(select(FilmSplit)).all()) == 6


def test_a_video_that_is_not_decided_waits_and_edits_are_followed(
    make_videos: MakeVideos, tmp_path: Path
) -> None:
    world = make_videos(2, answers=2)
    result = kbuild(world, "release", "--kind", "segments")
    assert result.exit_code == 1 and "Run `kbuild annotate` first" in result.output
    say_all(world, 0, MARKS, "unsure")
    result = kbuild(world, "release", "--kind", "segments")
    assert result.exit_code == 1
    assert "of 2 videos none is marked by enough people" in result.output
    say_all(world, 1, MARKS, MARKS)
    (tmp_path / "edits.txt").write_text("rename walking -> strolling\n")
    kbuild(world, "curate", "--edits", str(tmp_path / "edits.txt"))
    folder = release(world)
    assert [row["label"] for row in table(folder / "segments.csv")] == ["strolling"] * 2
    (left,) = table(folder / "left_out.csv")
    assert left["reason"] == "1 of 2 people could tell when 'walking' is"


def test_what_is_taken_down_goes_with_an_erratum(world: World, tmp_path: Path) -> None:
    folder = release(world)
    listed = tmp_path / "list.csv"
    listed.write_text("video1 | 2026-11-30 | asked for\n")
    result = kbuild(world, "takedown", str(listed), "--rewrite")
    assert result.exit_code == 0, result.output
    (row,) = table(folder / "errata.csv")
    assert (row["video"], row["reason"]) == ("video1", "asked for")
    assert all("video1" not in path.read_text() for path in lists(folder))
    assert ": 0 findings." in kbuild(world, "releases", "check").output
    second = kbuild(world, "release", "--kind", "segments", "--name", "later")
    assert second.exit_code == 0, second.output
    found: list[dict[str, Any]] = table(world.workspace.releases / "later" / "taken_down.csv")
    assert [one["video"] for one in found] == ["video1"]
    page = kbuild(world, "releases", "page", "later", "--out", str(tmp_path / "page.html"))
    assert page.exit_code == 0, page.output
    assert "video0" in (tmp_path / "page.html").read_text()


def lists(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name != "errata.csv"]


def test_two_releases_are_compared(world: World, tmp_path: Path) -> None:
    release(world)
    (tmp_path / "edits.txt").write_text("rename walking -> strolling\n")
    kbuild(world, "curate", "--edits", str(tmp_path / "edits.txt"))
    assert kbuild(world, "release", "--kind", "segments", "--name", "next").exit_code == 0
    result = kbuild(world, "releases", "diff", "segments-v1", "next")
    assert result.exit_code == 0, result.output
    assert "10 relabelled" in result.output
    assert "walking 1.100-3.000 -> strolling 1.100-3.000 (rename walking -> strolling)" in (
        result.output
    )
