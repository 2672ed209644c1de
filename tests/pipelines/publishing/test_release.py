"""Curated clips -> a folder to give away."""

import errno
import hashlib
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import Config, CurateConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipFile,
    CuratedClip,
    Release,
    Setting,
    Split,
)
from kinetics_builder.errors import StageOrderError, WorkspaceError
from kinetics_builder.formats.clips.kinetics.csv_files import read_kinetics
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.released_clips import read_released_clips
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.inspecting.status import status
from pipelines.inspecting.steps import Step, next_step
from pipelines.publishing.curating.curate import curate
from pipelines.publishing.curating.edits import record_edits, undo_edit
from pipelines.publishing.folders import folder as folders
from pipelines.publishing.folders.pseudonyms import Pseudonyms
from pipelines.publishing.release import release
from pipelines.takedown.takedown import takedown
from pipelines.verifying.aggregate import aggregate

CLIPS = [(f"video{n}", label, 1.5 * n) for n in range(10) for label in ("waving", "carving ice")]
FEW = CLIPS[:8]


def ready(
    workspace: Workspace, fill: Any, clips: list[tuple[str, str, float]] = CLIPS
) -> Workspace:
    def story(filler: Any) -> None:
        for video, label, start in clips:
            filler.votes(filler.clip(video, label, start))

    fill(workspace, story)
    prepare(workspace)
    return workspace


def prepare(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        aggregate(session, Config().verify)
        curate(session, Config())
        session.merge(Setting(key="pseudonym_key", value="the same for all"))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def names_in(releases: Path) -> set[str]:
    return {path.name for path in releases.iterdir()} - {".lock"}


def test_a_release_holds_rows_clips_classes_and_checksums(workspace: Workspace, fill: Any) -> None:
    report = release(ready(workspace, fill))
    folder = workspace.releases / "v1"
    assert (report.folder, report.is_new, report.num_clips, report.num_labels) == (
        folder,
        True,
        20,
        2,
    )
    assert (folder / "classes.txt").read_text() == "carving ice\nwaving\n"
    rows = [
        row
        for path in [folder / f"{split}.csv" for split in ("train", "validate", "test")]
        for row in read_kinetics(path, Options(), Problems(path))
    ]
    manifest = list(read_manifest(folder / "clips.csv"))
    assert {(r.label, r.youtube_id, r.time_start, r.time_end, r.split) for r in manifest} == {
        (r.label, r.video_id, r.start_seconds, r.end_seconds, r.split) for r in rows
    }
    assert len(rows) == 20 and report.splits == {"train": 12, "validate": 2, "test": 6}
    assert {len(line.split(",")) for line in (folder / "train.csv").read_text().splitlines()} == {5}
    assert manifest[0].time_end - manifest[0].time_start in (10, 11)
    for row in manifest:
        content = (folder / row.file).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (row.bytes, row.sha256)
        assert row.licence == "CC BY"
    with reading(workspace.engine) as session:
        assert [row.name for row in session.scalars(select(Release))] == ["v1"]


def test_cuts_are_released_where_they_are_known(workspace: Workspace, fill: Any) -> None:
    folder = release(ready(workspace, fill)).folder
    assert not (folder / "cuts.csv").exists()
    assert "Cuts" not in (folder / "README.md").read_text()
    with writing(workspace.engine) as session:
        first, second, *_ = session.scalars(
            select(Clip).join(CuratedClip, CuratedClip.clip_id == Clip.id).order_by(Clip.id)
        )
        first.cuts, first.num_cuts = [first.start_seconds + 2.5, first.start_seconds + 7], 2
        second.cuts, second.num_cuts, second.was_moved = [], 0, True
        cut_file = session.get(ClipFile, first.id).sha256
    folder = release(workspace).folder
    [name] = [r.file for r in read_manifest(folder / "clips.csv") if r.sha256 == cut_file]
    assert (folder / "cuts.csv").read_text() == f"file,seconds\n{name},2.500\n{name},7.000\n"
    told = (folder / "README.md").read_text()
    assert "around 2 clips: 1 of them lie across one" in told and "1 were moved off one." in told
    assert "  cuts.csv\n" in (folder / "SHA256SUMS").read_text()


def test_a_release_says_in_how_many_clips_faces_were_blurred(
    workspace: Workspace, fill: Any
) -> None:
    assert "Faces" not in (release(ready(workspace, fill)).folder / "README.md").read_text()
    with writing(workspace.engine) as session:
        first, second, *_ = session.scalars(
            select(ClipFile).join(CuratedClip, CuratedClip.clip_id == ClipFile.clip_id)
        )
        first.faces_by = second.faces_by = "double 1.0"
        first.num_blurred_frames, second.num_blurred_frames = 7, 0
    told = (release(workspace).folder / "README.md").read_text()
    assert "Faces were looked for in 2 clips, and blurred where double 1.0 found them." in told


def test_file_names_are_those_of_the_official_crawler(workspace: Workspace, fill: Any) -> None:
    release(ready(workspace, fill, [("SOX5yA1l24A", "using segway", 7.2)]))
    (row,) = read_manifest(workspace.releases / "v1" / "clips.csv")
    assert row.file == "clips/SOX5yA1l24A_000007_000018.mp4"


def test_the_checksums_are_those_of_all_files(workspace: Workspace, fill: Any) -> None:
    folder = release(ready(workspace, fill)).folder
    check = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert check.returncode == 0, check.stderr
    listed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert listed == contents(folder).keys() - {"SHA256SUMS"}


def test_the_same_content_is_found_again_and_new_content_gets_a_new_name(
    workspace: Workspace, fill: Any
) -> None:
    first = release(ready(workspace, fill))
    before = {path: path.stat().st_mtime_ns for path in workspace.releases.rglob("v1/**/*")}
    again = release(workspace)
    assert (again.name, again.is_new, again.content_hash) == ("v1", False, first.content_hash)
    assert {p: p.stat().st_mtime_ns for p in workspace.releases.rglob("v1/**/*")} == before
    edits = workspace.root / "edits.txt"
    edits.write_text("rename waving -> waving hand\n")
    with writing(workspace.engine) as session:
        record_edits(session, edits)
        curate(session, Config())
    second = release(workspace)
    assert (second.name, second.is_new) == ("v2", True)
    assert workspace.newest_release().name == "v2"
    with writing(workspace.engine) as session:
        undo_edit(session, 1)
        curate(session, Config())
    assert release(workspace).name == "v1", "the edit undone, the first release fits again"
    assert workspace.newest_release().name == "v1"
    assert names_in(workspace.releases) == {"v1", "v2"}


def test_two_workspaces_filled_in_another_order_give_the_same_bytes(
    workspace: Workspace, fill: Any, tmp_path: Path
) -> None:
    other = ready(Workspace.create(tmp_path / "other"), fill, CLIPS[::-1])
    found = contents(release(ready(workspace, fill)).folder)
    theirs = contents(release(other).folder)
    for name in (
        "votes.csv",
        "croissant.json",
        "SHA256SUMS",
    ):  # their workers are named in the order of the clips
        assert found.pop(name) != theirs.pop(name)
    assert found == theirs
    assert not [name for name, text in found.items() if str(tmp_path).encode() in text]


def test_the_readme_says_what_is_there(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        filler.video("video0", licence="CC BY | <b>")
        filler.video("video1", licence=None)

    fill(workspace, story)
    text = (release(ready(workspace, fill)).folder / "README.md").read_text()
    assert "# A video dataset of 2 human actions" in text
    assert "| train | 12 | 2 | 0.03 |" in text
    assert "| carving ice | 6 | 1 | 3 | 10 |" in text
    assert "| CC BY \\| &lt;b&gt; | 2 |" in text and "| not stated | 2 |" in text
    assert (
        "60 people gave 60 answers about these clips (60 yes, 0 no, 0 unsure, 0 bad): 3.00" in text
    )
    assert "| `verify.min_yes` | 3 |" in text
    assert "Edits of the classes, in order:\n\nNone." in text


def test_a_named_release_stands_beside_the_others(workspace: Workspace, fill: Any) -> None:
    ready(workspace, fill)
    release(workspace)
    named = release(workspace, "workshop-2026")
    assert (named.name, named.is_new) == ("workshop-2026", True)
    assert not release(workspace, "workshop-2026").is_new
    (workspace.releases / "taken").mkdir()
    with pytest.raises(WorkspaceError, match="is there already, with other content"):
        release(workspace, "taken")
    with pytest.raises(WorkspaceError, match="no name for a release"):
        release(workspace, "../outside")


def test_a_clip_that_changed_or_vanished_is_refused_by_name(
    workspace: Workspace, fill: Any
) -> None:
    ready(workspace, fill)
    victim = sorted(workspace.clips.iterdir())[3]
    content = victim.read_bytes()
    victim.write_bytes(b"something else")
    with pytest.raises(WorkspaceError, match=rf"{victim.name} has changed since it was made"):
        release(workspace)
    assert names_in(workspace.releases) == set()
    victim.unlink()
    with pytest.raises(WorkspaceError, match=rf"{victim.name} is missing"):
        release(workspace)
    victim.write_bytes(content)
    assert release(workspace).is_new


@pytest.mark.parametrize("name", ["train.csv", "clips"])
def test_a_damaged_release_is_not_found_again(workspace: Workspace, fill: Any, name: str) -> None:
    folder = release(ready(workspace, fill)).folder
    if name == "clips":
        next((folder / "clips").iterdir()).unlink()
    else:
        (folder / name).write_text("nothing\n")
    with pytest.raises(WorkspaceError, match=r"is missing: it|was changed: it"):
        release(workspace)


def test_clips_are_copied_where_they_cannot_be_linked(
    workspace: Workspace, fill: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    ready(workspace, fill)
    linked = contents(release(workspace).folder)
    monkeypatch.setattr(folders.os, "link", refuse)
    copied = release(workspace, "copied").folder
    assert contents(copied) == linked
    assert all(path.stat().st_nlink == 1 for path in (copied / "clips").iterdir())


def test_windows_that_whole_seconds_cannot_tell_apart_keep_their_files(
    workspace: Workspace, fill: Any
) -> None:
    clips = [("video", "waving", 7.2), ("video", "jumping", 7.4), ("video", "running", 30.0)]
    folder = release(ready(workspace, fill, clips)).folder
    rows = list(read_manifest(folder / "clips.csv"))
    assert len({row.file for row in rows}) == 3
    assert {(row.time_start, row.time_end) for row in rows} == {(7, 18), (30, 40)}
    assert {hashlib.sha256((folder / row.file).read_bytes()).hexdigest() for row in rows} == {
        row.sha256 for row in rows
    }


def test_the_stage_to_run_first_is_named(workspace: Workspace, fill: Any) -> None:
    with pytest.raises(StageOrderError, match="Run `kbuild aggregate` first"):
        release(workspace)
    fill(workspace, lambda filler: filler.votes(filler.clip("video", "waving")))
    with writing(workspace.engine) as session:
        aggregate(session, Config().verify)
    with pytest.raises(StageOrderError, match="Run `kbuild curate` first"):
        release(workspace)


def test_one_release_is_written_at_a_time(workspace: Workspace, fill: Any) -> None:
    ready(workspace, fill)
    with (
        folders.building(workspace.releases),
        pytest.raises(WorkspaceError, match="another release is being written"),
    ):
        release(workspace)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from kinetics_builder.workspace import Workspace
    from pipelines.publishing.folders import folder
    from pipelines.publishing.folders import handing_over
    from pipelines.publishing.clips import lists
    from pipelines.publishing.clips import placing
    from pipelines.publishing import release

    def deadly(module, name, calls):
        real, left = getattr(module, name), [calls]
        def call(*arguments, **options):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)
        setattr(module, name, call)

    modules = {one.__name__.split(".")[-1]: one for one in (folder, handing_over, lists, placing)}
    deadly(modules[sys.argv[2]], sys.argv[3], int(sys.argv[4]))
    release.release(Workspace.open(Path(sys.argv[1])))
"""


def test_killed_at_any_point_the_next_run_gives_the_same_bytes(
    workspace: Workspace, fill: Any, tmp_path: Path
) -> None:
    expected = contents(release(ready(Workspace.create(tmp_path / "whole"), fill, FEW)).folder)
    ready(workspace, fill, FEW)
    for module, function, calls in (
        ("lists", "write_json", 1),  # between two lists
        ("placing", "place_file", 5),  # between two clips
        ("folder", "sync", 2),
        ("handing_over", "record_release", 0),  # renamed but not recorded
    ):
        assert not (workspace.releases / "v1").exists()
        killed = subprocess.run(
            [
                *(sys.executable, "-c", textwrap.dedent(KILLED)),
                *(str(workspace.root), module, function, str(calls)),
            ],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONWARNINGS": ""},
        )
        assert killed.returncode == -9, function
    assert (workspace.releases / "v1").exists()
    report = release(workspace)
    assert (report.name, report.is_new) == ("v1", False)
    assert contents(report.folder) == expected
    assert names_in(workspace.releases) == {"v1"}, "what the killed runs left is swept"
    with reading(workspace.engine) as session:
        assert [row.content_hash for row in session.scalars(select(Release))] == [
            report.content_hash
        ]


def test_the_command_names_the_folder(workspace: Workspace, fill: Any) -> None:
    ready(workspace, fill)
    command = ["-C", str(workspace.root), "release"]
    first = CliRunner().invoke(group, command)
    assert first.exit_code == 0, first.output
    assert first.output.startswith(f"{workspace.releases / 'v1'}: new\n20 clips of 2 classes")
    second = json.loads(CliRunner().invoke(group, [*command, "--json"]).output)
    assert (second["name"], second["is_new"], second["num_clips"]) == ("v1", False, 20)
    refused = CliRunner().invoke(group, [*command, "--name", "a b"])
    assert refused.exit_code == 1 and refused.output.startswith("Error: 'a b' is no name")


@pytest.mark.of_sqlite  # which takes a NUL in a text
def test_texts_that_came_in_before_the_door_are_released_too(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        filler.video("video0", licence='Creative\r\nCommons "BY"\u2028\x00')

    fill(workspace, story)
    folder = release(ready(workspace, fill)).folder
    licences = {row.youtube_id: row.licence for row in read_manifest(folder / "clips.csv")}
    assert licences["video0"] == 'Creative Commons "BY"'
    assert '| Creative Commons "BY" |' in (folder / "README.md").read_text()


def left_over(workspace: Workspace) -> tuple[int, int]:
    step = status(workspace).steps[-1]
    return step.num_pending, step.num_over


def test_status_tells_a_release_of_other_clips_from_the_newest_one(
    workspace: Workspace, fill: Any
) -> None:
    ready(workspace, fill, FEW)
    release(workspace)
    assert left_over(workspace) == (0, 0)
    with writing(workspace.engine) as session:  # as many clips, one of another split
        clip = session.scalars(select(CuratedClip)).all()[0]
        clip_id, was = clip.clip_id, clip.split
        clip.split = next(split for split in Split if split is not was)
    assert left_over(workspace) == (1, 1)
    with writing(workspace.engine) as session:
        session.get_one(CuratedClip, clip_id).split = was
        session.delete(session.scalars(select(CuratedClip)).all()[-1])
    assert left_over(workspace) == (0, 1)


@pytest.mark.parametrize(
    ("num_done", "num_over", "told"),
    [(5, 0, "train-baseline"), (4, 0, "release"), (5, 1, "release"), (4, 1, "release")],
)
def test_what_comes_next_is_a_release_where_the_newest_is_of_other_clips(
    workspace: Workspace, num_done: int, num_over: int, told: str
) -> None:
    before = [Step(verb, "", 5, 5) for verb in ("assign", "annotate", "curate")]
    with reading(workspace.engine) as session:
        text = next_step(
            session, [], [*before, Step("release", "", 5, num_done, num_over)], workspace.config
        )
    assert text.startswith(f"`kbuild {told}")


def test_held_out_clips_are_in_no_release_but_in_a_file_of_the_owner(
    workspace: Workspace, fill: Any
) -> None:
    ready(workspace, fill)
    config = Config(curate=CurateConfig(num_held_out=20, num_test=20, max_held_out_share=0.5))
    with writing(workspace.engine) as session:
        report = curate(session, config)
    assert report.splits["held_out"] > 0
    folder = release(workspace).folder
    (kept,) = (workspace.root / "held_out").iterdir()
    assert kept.name == "v1.csv" and kept.parent.stat().st_mode & 0o077 == 0
    rows = kept.read_text().splitlines()[1:]
    assert len(rows) == report.splits["held_out"]
    released = {row.youtube_id for row in read_manifest(folder / "clips.csv")}
    assert len(released) == 10 - len({row.split(",")[1] for row in rows})
    assert not released & {row.split(",")[1] for row in rows}
    gone = rows[0].split(",")[1]
    (workspace.root / "taken.txt").write_text(f"{gone} | 2026-11-03 | asked\n")
    takedown(workspace, workspace.root / "taken.txt")
    left = kept.read_text().splitlines()[1:]
    assert left == [row for row in rows if row.split(",")[1] != gone]


def test_the_table_says_all_that_is_known_of_a_clip_and_names_nobody(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        for n in range(4):
            clip = filler.clip(f"video{n}", "waving", 1.5)
            filler.votes(clip, [Answer.YES, Answer.YES, Answer.YES, Answer.NO][: 3 + n % 2])
            clip.video.url = f"https://films.org/{n}?token=secret"
            clip.video.media.uploader = "Anna Smith" if n < 3 else None

    fill(workspace, story)
    prepare(workspace)
    folder = release(workspace).folder
    rows = {row.youtube_id: row for row in read_released_clips(folder / "clips.parquet")}
    one, other, alone = rows["video0"], rows["video1"], rows["video3"]
    assert one.uploader == other.uploader != "" and alone.uploader == ""
    assert len({row.group for row in rows.values()}) == 2
    assert one.group == other.group != alone.group
    assert (one.num_yes, one.num_no, one.agreement) == (3, 0, 1.0)
    assert (other.num_yes, other.num_no, other.agreement) == (3, 1, 0.75)
    assert one.posterior is not None and one.posterior > 0.9
    assert (one.licence_kind, one.url) == ("cc-by", "https://films.org/0?token=***")
    assert (one.start_seconds, one.end_seconds, one.time_start) == (1.5, 11.5, 1)
    assert (one.video_codec, one.video_width) == ("h264", 64)
    everything = b"".join(contents(folder).values())
    assert b"Anna" not in everything and b"secret" not in everything
    assert b"worker 1" not in everything
    votes = (folder / "votes.csv").read_text().splitlines()
    assert votes[0] == "file,label,worker,revision,answer,whole_clip,better_name"
    assert len(votes) == 1 + 3 + 4 + 3 + 4
    terms = (folder / "terms.csv").read_text().splitlines()
    assert terms[1].endswith("CC BY,cc-by,yes,yes,yes,no")
    assert json.loads((folder / "statistics.json").read_text())["num_uploaders"] == 1
    entry = json.loads((folder / "train.json").read_text())
    assert all(value["url"].startswith("https://films.org/") for value in entry.values())


def test_another_workspace_has_other_pseudonyms(workspace: Workspace, tmp_path: Path) -> None:
    ours, again = Pseudonyms.of(workspace.engine), Pseudonyms.of(workspace.engine)
    theirs = Pseudonyms.of(Workspace.create(tmp_path / "other").engine)
    assert ours.name("worker", "anna") == again.name("worker", "anna")
    assert ours.name("worker", "anna") not in (
        theirs.name("worker", "anna"),
        ours.name("uploader", "anna"),
    )


def test_a_place_that_takes_no_files_is_one_line(workspace: Workspace, fill: Any) -> None:
    ready(workspace, fill, FEW)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(workspace.releases / "x"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.publishing.clips.texts.writing_released", full)
        result = CliRunner().invoke(group, ["-C", str(workspace.root), "release"])
    assert result.exit_code == 1 and "the disk is full" in result.output
    assert len(result.output.splitlines()) == 1
    assert names_in(workspace.releases) == set()
