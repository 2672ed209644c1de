"""Releases are copied to where they are given away: whole, or known not to be."""

from pathlib import Path
from typing import Any

import fsspec
import pytest
from click.testing import CliRunner

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.files import file_sha256
from kinetics_builder.storage.remote import RemoteFolder
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.publishing.copying import copy_release

FILES = {"clips.csv": "a", "README.md": "b", "clips/one.mp4": "c", "clips/two.mp4": "d"}


@pytest.fixture
def release(workspace: Workspace) -> Path:
    folder = workspace.releases / "v1"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    write_sums(folder)
    return folder


def write_sums(folder: Path) -> None:
    sums = [f"{file_sha256(folder / name)}  {name}\n" for name in FILES]
    (folder / "SHA256SUMS").write_text("".join(sums))


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_release_is_copied_whole_and_what_came_later_follows(
    workspace: Workspace, release: Path, tmp_path: Path
) -> None:
    target = tmp_path / "given"
    arguments = ["-C", str(workspace.root), "releases", "copy", "v1", str(target)]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 0 and "4 files copied" in result.output, result.output
    assert contents(target / "v1") == contents(release)
    (release / "errata.csv").write_text("youtube_id\n")
    again = CliRunner().invoke(group, arguments)
    assert "0 files copied" in again.output and "4 were there" in again.output
    assert contents(target / "v1") == contents(release)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{'0' * 64}  ../kbuild.toml", "lies outside of the release"),
        (f"{'0' * 64}  /etc/hostname", "lies outside of the release"),
        ("clips.csv", "expected a SHA-256 and a file"),
    ],
)
def test_checksums_of_what_is_no_part_of_a_release_are_refused(
    workspace: Workspace, release: Path, tmp_path: Path, line: str, said: str
) -> None:
    with (release / "SHA256SUMS").open("a") as sums:
        sums.write(f"{line}\n")
    for words in (["copy", "v1", str(tmp_path / "given")], ["check", "v1"]):
        result = CliRunner().invoke(group, ["-C", str(workspace.root), "releases", *words])
        assert result.exit_code == 1 and said in result.output, result.output


def test_a_release_without_checksums_is_one_line(workspace: Workspace, release: Path) -> None:
    (release / "SHA256SUMS").unlink()
    with pytest.raises(WorkspaceError, match=r"SHA256SUMS is missing .* release again"):
        copy_release(workspace, release, "memory://given/")


def test_a_release_is_not_copied_into_itself(workspace: Workspace, release: Path) -> None:
    with pytest.raises(WorkspaceError, match="lies in the release itself"):
        copy_release(workspace, release, str(release / "sub"))
    assert not (release / "sub").exists()


def test_a_store_takes_a_release(workspace: Workspace, release: Path) -> None:
    report = copy_release(workspace, release, "memory://given/")
    system = fsspec.filesystem("memory")
    found = {name.removeprefix("/given/v1/") for name in system.find("/given/v1")}
    assert found == {*FILES, "SHA256SUMS"} and report.num_copied == 4
    system.rm("/given", recursive=True)


def test_a_copy_that_was_broken_off_has_no_checksums_and_is_gone_on_with(
    workspace: Workspace, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = RemoteFolder.put

    def broken(self: RemoteFolder, source: Path, name: str) -> Any:
        if name == "two.mp4":
            raise OSError(28, "No space left on device")
        return real(self, source, name)

    monkeypatch.setattr(RemoteFolder, "put", broken)
    with pytest.raises(OSError, match="No space left"):
        copy_release(workspace, release, str(tmp_path))
    assert not (tmp_path / "v1" / "SHA256SUMS").exists()
    assert (tmp_path / "v1" / "unfinished.sha256").is_file()
    monkeypatch.setattr(RemoteFolder, "put", real)
    report = copy_release(workspace, release, str(tmp_path))
    assert (report.num_copied, report.num_there) == (1, 3)
    assert contents(tmp_path / "v1") == contents(release)


@pytest.mark.parametrize("kept", ["SHA256SUMS", "unfinished.sha256"])
def test_another_release_of_that_name_is_left_alone(
    workspace: Workspace, release: Path, tmp_path: Path, kept: str
) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / kept).write_text("of another")
    with pytest.raises(WorkspaceError, match=f"another release already .{kept}"):
        copy_release(workspace, release, str(tmp_path))
    assert contents(tmp_path / "v1") == {kept: b"of another"}


def test_a_release_that_was_changed_is_not_given_away(
    workspace: Workspace, release: Path, tmp_path: Path
) -> None:
    (release / "README.md").write_text("by hand")
    with pytest.raises(WorkspaceError, match="was changed"):
        copy_release(workspace, release, str(tmp_path / "given"))
    assert not (tmp_path / "given").exists()


def test_a_target_that_takes_no_file_is_said(
    workspace: Workspace, release: Path, tmp_path: Path
) -> None:
    (tmp_path / "v1").write_text("a file")
    with pytest.raises(WorkspaceError, match=str(tmp_path / "v1")):
        copy_release(workspace, release, str(tmp_path))


def test_what_an_earlier_run_left_otherwise_is_found_by_its_checksum_and_sent_anew(
    workspace: Workspace, release: Path, tmp_path: Path
) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "README.md").write_text("x")  # as long as it should be
    report = copy_release(workspace, release, str(tmp_path))
    assert (report.num_copied, report.num_proven) == (4, 4)
    assert contents(tmp_path / "v1") == contents(release)
    (tmp_path / "v1" / "README.md").write_text("x")
    assert copy_release(workspace, release, str(tmp_path)).num_proven == 0
    again = copy_release(workspace, release, str(tmp_path), proves_again=True)
    assert (again.num_copied, again.num_proven) == (1, 4)
    assert contents(tmp_path / "v1") == contents(release)


def test_a_place_that_keeps_files_otherwise_than_they_were_sent_is_said(
    workspace: Workspace, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = RemoteFolder.put

    def garbled(self: RemoteFolder, source: Path, name: str) -> Any:
        entry = real(self, source, name)
        if name == "two.mp4":
            Path(self.url, name).write_text("x")
        return entry

    monkeypatch.setattr(RemoteFolder, "put", garbled)
    with pytest.raises(WorkspaceError, match=r"clips/two.mp4: what is read back there is not"):
        copy_release(workspace, release, str(tmp_path))
    assert not (tmp_path / "v1" / "SHA256SUMS").exists()
