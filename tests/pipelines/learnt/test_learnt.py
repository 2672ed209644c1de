"""What networks have learnt from, and whether they are measured on it."""

import csv
import json
from pathlib import Path

import pytest

from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from models.clips.release import release_sha256
from pipelines.learnt.notes import LEARNT, learnt_of, note_learnt
from pipelines.learnt.overlap import find_overlap


def row(video: str, split: str, sha256: str = "") -> ManifestRow:
    return ManifestRow(
        label="waving",
        youtube_id=video,
        time_start=0,
        time_end=10,
        split=split,
        file=f"clips/{video}.mp4",
        bytes=1,
        sha256=sha256 or f"hash of {video}",
        duration_seconds=10.0,
        width=4,
        height=3,
        frames_per_second=25.0,
        num_frames=250,
        whole_clip=True,
        licence="",
    )


def release(folder: Path, *rows: ManifestRow) -> Path:
    (folder / "clips").mkdir(parents=True)
    for one in rows:
        (folder / one.file).write_text("a clip")
    write_manifest(folder / "clips.csv", rows)
    (folder / "classes.txt").write_text("waving\n")
    return folder


def run_of(folder: Path, sha256: str = "") -> Path:
    folder.mkdir()
    (folder / "card.json").write_text(json.dumps({"release_sha256": sha256}))
    return folder


@pytest.fixture
def older(tmp_path: Path) -> Path:
    rows = row("seen", "train"), row("kept", "test"), row("other", "train", "equal bytes")
    return release(tmp_path / "older", *rows)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    rows = row("seen", "test"), row("kept", "test"), row("new", "test", "equal bytes")
    return release(tmp_path / "newer", *rows, row("seen too", "train"))


def test_videos_and_files_that_were_learnt_from_are_found(
    tmp_path: Path, older: Path, newer: Path
) -> None:
    run = run_of(tmp_path / "run")
    note_learnt(run, [older])
    found = find_overlap(run, newer, "test")
    assert found.is_known and found.num_clips == 3
    assert sorted(found.shared) == ["clips/new.mp4", "clips/seen.mp4"]
    (line,) = found.lines()
    assert line.startswith("Warning: 2 of 3 clips of the split test are of videos")


def test_a_release_at_hand_tells_what_a_run_did_not_note(
    tmp_path: Path, older: Path, newer: Path
) -> None:
    run = run_of(tmp_path / "run", release_sha256(older))
    assert not find_overlap(run, newer, "test").is_known
    assert len(find_overlap(run, newer, "test", [older]).shared) == 2


def test_what_is_not_known_is_said(tmp_path: Path, newer: Path) -> None:
    (line,) = find_overlap(run_of(tmp_path / "run"), newer, "test").lines()
    assert "cannot be told" in line and "--learnt-from" in line


def test_a_network_has_learnt_what_the_one_it_started_from_had(
    tmp_path: Path, older: Path, newer: Path
) -> None:
    first, second = run_of(tmp_path / "first"), run_of(tmp_path / "second")
    note_learnt(first, [older])
    note_learnt(second, [newer], first)
    learnt = learnt_of(second)
    assert learnt is not None and learnt.videos == {"seen", "other", "seen too"}
    again = run_of(tmp_path / "again")
    note_learnt(again, [newer], first)
    assert (again / LEARNT).read_bytes() == (second / LEARNT).read_bytes()


def test_a_list_of_others_says_what_an_imported_network_has_learnt_from(
    tmp_path: Path, newer: Path
) -> None:
    path = tmp_path / "kinetics_train.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "youtube_id", "time_start", "time_end", "split"])
        writer.writerow(["waving", "abcdefghijk", 0, 10, "train"])
        writer.writerow(["waving", "kept", 0, 10, "validate"])
    run = run_of(tmp_path / "run")
    note_learnt(run, [path])
    learnt = learnt_of(run)
    assert learnt is not None and learnt.videos == {"abcdefghijk"} and not learnt.files
    assert find_overlap(run, newer, "test").lines() == []
