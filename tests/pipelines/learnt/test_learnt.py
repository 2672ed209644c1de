"""What networks have learnt from, and whether they are measured on it."""

import csv
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from kinetics_builder.formats.released_clips import ReleasedClip, write_released
from kinetics_builder.video.likeness.fingerprint import Fingerprint
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


def moving(generator: np.random.Generator) -> Fingerprint:
    """Return the fingerprint of a clip that nothing else is like."""
    cells = generator.integers(0, 256, (8, 8), np.uint8).repeat(4, 0).repeat(4, 1)
    film = generator.integers(0, 256, (80, 4, 4), np.uint8).repeat(4, 1).repeat(4, 2)
    colours = generator.integers(0, 256, (4, 4, 3), np.uint8)
    return Fingerprint(film, np.stack([cells] * 4), cells, colours)


def with_prints(folder: Path, *clips: tuple[ManifestRow, Fingerprint]) -> Path:
    """Write a release whose table has these fingerprints."""
    release(folder, *(one for one, _ in clips))
    blank: dict[str, Any] = {"str": "", "int": 0, "float": 0.0, "bool": False}
    nothing = {
        one.name: blank.get(getattr(one.type, "__name__", "")) for one in fields(ReleasedClip)
    }
    rows = (nothing | asdict(one) | {"fingerprint": print_.to_bytes()} for one, print_ in clips)
    write_released(folder / "clips.parquet", [ReleasedClip(**cells) for cells in rows])
    return folder


def test_clips_that_look_like_what_was_learnt_from_are_found(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    prints = [moving(generator) for _ in range(4)]
    older = with_prints(
        tmp_path / "older", (row("film", "train"), prints[0]), (row("held", "test"), prints[1])
    )
    newer = with_prints(
        tmp_path / "newer",
        (row("same film", "test"), prints[0].mirrored()),
        (row("same as held", "test"), prints[1]),
        (row("no other", "test"), prints[2]),
        (row("taught", "train"), prints[0]),
    )
    run = run_of(tmp_path / "run", release_sha256(older))
    found = find_overlap(run, newer, "test", [older])
    assert not found.shared and len(found.alike) == 1, found
    assert found.alike[0].startswith("clips/same film.mp4 like clips/film.mp4 (")
    assert "look like what the network has learnt from" in found.lines()[0]
