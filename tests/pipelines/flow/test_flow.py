"""`kbuild flow`: what is there stays, what is missing is computed, what fails is a row."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kinetics_builder.errors import ConfigError, ModelError
from kinetics_builder.formats.manifest import write_manifest
from kinetics_builder.video.flow.folder import FlowFolder
from kinetics_builder.video.flow.stored import StoredFlow
from models.clips.flow_places import flow_place
from pipelines.cli import group
from tests.pipelines.flow.conftest import SMALL, computed, draw


def contents(release: Path) -> dict[str, bytes]:
    files = (path for path in sorted((release / "flow").rglob("*")) if path.is_file())
    return {path.name: path.read_bytes() for path in files}


def test_each_clip_gets_a_file_and_a_second_run_does_nothing(release: Path) -> None:
    report = computed(release)
    assert (report.num_clips, report.num_new, report.failures) == (2, 2, ())
    rows = FlowFolder.of(release).rows()
    assert [(row.file, row.num_fields, row.reason) for row in rows] == [
        ("clips/a.mp4", 5, ""),
        ("clips/b.mp4", 5, ""),
    ]
    with StoredFlow.open(FlowFolder.of(release).path("clips/a.mp4")) as stored:
        assert (stored.height, stored.width) == (32, 40)
        # Half of two pixels a half second, at half the size.
        assert np.median(stored.field(1)[8:-8, 8:-8, 0]) > 128
    before = contents(release)
    assert computed(release).num_new == 0
    assert contents(release) == before


def test_what_a_killed_run_has_left_is_kept_and_gives_the_same_list(release: Path) -> None:
    computed(release)
    before, folder = contents(release), FlowFolder.of(release)
    (folder.root / "flow.csv").unlink()
    folder.path("clips/b.mp4").unlink()
    part = folder.path("clips/b.mp4").with_name(".b.mp4.arrow.x1")
    part.write_bytes(b"half")
    left = folder.path("clips/a.mp4").stat().st_mtime_ns
    assert computed(release).num_new == 1
    assert folder.path("clips/a.mp4").stat().st_mtime_ns == left
    assert contents(release) == before and not part.exists()


def test_a_clip_that_is_broken_is_a_row_with_a_reason(release: Path) -> None:
    (release / "clips/a.mp4").write_bytes(b"nothing")
    (failed,) = computed(release).failures
    assert (failed.file, failed.reason) == ("clips/a.mp4", "changed")
    assert computed(release).num_new == 0
    assert computed(release, replace(SMALL, retry_failed=True)).num_new == 1


def test_a_clip_that_was_missing_is_computed_when_it_is_there(release: Path) -> None:
    clip = release / "clips/a.mp4"
    away = clip.rename(release / "a.mp4")
    (failed,) = computed(release).failures
    assert (failed.reason, computed(release).num_new) == ("missing", 0)
    away.rename(clip)
    report = computed(release)
    assert (report.num_new, report.failures) == (1, ())


def test_a_list_that_is_damaged_is_written_anew_from_the_files(release: Path) -> None:
    computed(release)
    before, rows = contents(release), FlowFolder.of(release).root / "flow.csv"
    rows.write_text(rows.read_text() + "x,y\n")
    with pytest.raises(ModelError, match=r"flow\.csv:4: .* `kbuild flow \S+` writes it anew"):
        flow_place(release, "", release)
    assert computed(release).num_new == 0
    assert contents(release) == before


def test_flow_of_a_clip_that_is_another_now_is_computed_anew(release: Path) -> None:
    computed(release)
    rows = [draw(release / "clips/a.mp4", 7)]
    write_manifest(release / "clips.csv", rows)
    report = computed(release)
    assert (report.num_clips, report.num_new) == (1, 1)
    assert not FlowFolder.of(release).path("clips/b.mp4").exists()
    assert FlowFolder.of(release).rows()[0].clip_sha256 == rows[0].sha256


def test_other_settings_are_refused_by_name_unless_all_is_to_be_new(release: Path) -> None:
    computed(release)
    other = replace(SMALL, short_side=40)
    with pytest.raises(ModelError, match=r"other settings: short_side 32, not 40\. .* --fresh"):
        computed(release, other)
    assert computed(release, replace(other, fresh=True)).num_new == 2


def test_settings_of_which_nothing_was_computed_hold_nobody_back(release: Path) -> None:
    folder = FlowFolder.of(release)
    folder.root.mkdir()
    folder.note_settings(replace(SMALL, short_side=40).settings())
    assert computed(release).num_new == 2


def test_raft_needs_weights_and_they_need_raft(release: Path, tmp_path: Path) -> None:
    from pipelines.flow.asking import Method

    with pytest.raises(ConfigError, match=r"--method raft needs --weights FILE"):
        computed(release, replace(SMALL, method=Method.RAFT))
    with pytest.raises(ConfigError, match=r"add --method raft"):
        computed(release, replace(SMALL, weights=tmp_path))


def test_the_command_computes_in_children_and_says_what_came(release: Path) -> None:
    asked = ["flow", str(release), "--fps", "1", "--short-side", "16", "--workers", "1"]
    result = CliRunner().invoke(group, asked)
    assert result.exit_code == 0, result.output
    assert f"flow of 2 clips in {release / 'flow'}" in result.output
