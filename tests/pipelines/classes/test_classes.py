"""`kbuild classes`: what became of classes, and rows under the new ones."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import group

OLD = """label,youtube_id,time_start,time_end,split
hugging,aaaaaaaaaa1,0,10,train
hugging,aaaaaaaaaa2,0,10,train
hugging,aaaaaaaaaa3,5,15,train
making bed,bbbbbbbbbb1,0,10,train
vault,cccccccccc1,0,10,validate
yoga,dddddddddd1,3,13,validate
"""
NEW = """label,youtube_id,time_start,time_end,split
hugging (not baby),aaaaaaaaaa1,0,10,train
hugging baby,aaaaaaaaaa2,0,10,train
making the bed,bbbbbbbbbb1,0,10,train
yoga,dddddddddd1,3,13,validate
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("old.csv").write_text(OLD)
    Path("new.csv").write_text(NEW)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(group, ["classes", *words])


def rows(path: str) -> list[tuple[str, str]]:
    with Path(path).open() as file:
        return [(row["label"], row["youtube_id"]) for row in csv.DictReader(file)]


def test_the_changes_written_as_edits_carry_the_rows_forward(files: Path) -> None:
    told = run("diff", "old.csv", "new.csv", "--edits", "edits.txt")
    assert told.exit_code == 0, told.output
    assert "1 kept, 1 respelt, 1 split, 1 dropped" in told.output
    assert "edits.txt: 3 edits" in told.output
    options = ["--edits", "edits.txt", "--newer", "new.csv", "--undecided", "open.csv"]
    carried = run("carry", "old.csv", *options, "--out", "out.csv")
    assert carried.exit_code == 0, carried.output
    assert rows("out.csv") == rows("new.csv")
    assert rows("open.csv") == [("hugging", "aaaaaaaaaa3")]
    assert "4 of 6 rows, 3 under another class" in carried.output
    assert "left out with their class: vault (1)" in carried.output
    assert "for people to tell apart: hugging (1): they are in open.csv" in carried.output


def test_without_a_newer_version_a_split_is_for_people(files: Path) -> None:
    Path("edits.txt").write_text("split hugging -> hugging baby | hugging (not baby)\n")
    found = run("carry", "old.csv", "--edits", "edits.txt", "--out", "out.csv", "--json")
    report = json.loads(found.output)
    assert report["undecided"] == {"hugging": 3}
    assert report["num_written"] == 3 and report["num_relabelled"] == 0


def test_of_a_release_all_clips_are_carried(files: Path) -> None:
    Path("release").mkdir()
    Path("release/clips.csv").write_bytes(Path("old.csv").read_bytes())
    options = ["--edits", "edits.txt", "--out"]
    Path("edits.txt").write_text("rename yoga -> stretching\n")
    for source, target in (("release", "whole.csv"), ("old.csv", "out.csv")):
        assert run("carry", source, *options, target).exit_code == 0
    assert Path("whole.csv").read_bytes() == Path("out.csv").read_bytes()


def test_rows_that_the_newer_version_has_elsewhere_are_told(files: Path) -> None:
    Path("edits.txt").write_text("rename yoga -> stretching\ndrop hugging\n")
    found = run("carry", "old.csv", "--edits", "edits.txt", "--newer", "new.csv", "--out", "o.csv")
    assert "2 rows under another class than the newer version has" in found.output


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ("rename yogha -> stretching\n", "edits.txt:1: there is no label 'yogha' here. Near it: "),
        ("drop vault\nrename yoga -> hugging\n", "edits.txt:2: the label 'hugging' is there"),
        ("filter min_yes_rate=0.5\n", "edits.txt:1: a released file has no votes"),
        ("drop vault\nundo 1\n", "edits.txt:2: nothing is recorded here that could be undone"),
        ("carry on\n", "edits.txt:1: unknown edit 'carry'"),
    ],
)
def test_a_bad_edit_is_told_with_its_line_and_nothing_written(
    files: Path, edits: str, told: str
) -> None:
    Path("edits.txt").write_text(edits)
    found = run("carry", "old.csv", "--edits", "edits.txt", "--out", "out.csv")
    assert found.exit_code != 0
    assert told in found.output
    assert found.output.count("\n") == 1
    assert not Path("out.csv").exists()


def of_names(path: Path) -> str:
    path.write_text("yoga\nvault\n")
    return path.name


def of_yaml(path: Path) -> str:
    path.write_text("- name: yoga\n- name: vault\n")
    return path.name


def of_numbers(path: Path) -> str:
    path.write_text("id,name\n0,yoga\n1,vault\n")
    return path.name


@pytest.mark.parametrize(
    ("write", "name"), [(of_names, "a.txt"), (of_yaml, "a.yaml"), (of_numbers, "a.csv")]
)
def test_a_version_may_be_a_list_in_any_dress(
    files: Path, write: Callable[[Path], str], name: str
) -> None:
    found = json.loads(run("diff", "old.csv", write(files / name), "--json").output)
    kept = [change["old"] for change in found["changes"] if change["fate"] == "kept"]
    assert kept == [["vault"], ["yoga"]]
    assert found["num_shared_videos"] == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "odd.csv is neither a list of classes nor a file of clips"),
        ("youtube_id,time_start,time_end,split\naaaaaaaaaa1,0,10,test\n", "has a label"),
    ],
)
def test_a_file_that_is_no_version_is_one_line(files: Path, text: str, told: str) -> None:
    Path("odd.csv").write_text(text)
    found = run("diff", "old.csv", "odd.csv")
    assert found.exit_code != 0
    assert told in found.output
    assert found.output.count("\n") == 1


def test_a_folder_that_is_no_release_is_one_line(files: Path) -> None:
    Path("folder").mkdir()
    found = run("diff", "old.csv", "folder")
    assert "folder/clips.csv is not there" in found.output
    assert found.output.count("\n") == 1
