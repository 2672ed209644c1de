"""`kbuild validate`: every bad row, with its file and line and what was expected."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import group

HACS = "classname,youtube_id,subset,start,end,label\n"
GOOD = "Archery,a2X2hz1G6i8,training,15.5,17.5,1\n"


def validate(*arguments: str | Path, name: str = "hacs-clips") -> Result:
    command = ["validate", "--format", name, *map(str, arguments)]
    return CliRunner().invoke(group, command, prog_name="kbuild")


def test_a_good_file_says_how_much_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HACS + GOOD)
    result = validate(tmp_path / "a.csv")
    assert result.exit_code == 0
    assert result.output == f"{tmp_path / 'a.csv'}: 1 clip, no errors\n"


def test_every_bad_row_is_listed_with_its_line_and_what_was_expected(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        HACS + GOOD + "A,v,train,1,2,1\n" + GOOD + "A,v,training,1,2,0\n" + '"A,v,training,1,2,1\n'
    )
    result = validate(path)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert [line.split(": ")[:2] for line in lines[:4]] == [
        ["Error", f"{path}:3"],
        ["Warning", f"{path}:4"],
        ["Error", f"{path}:5"],
        ["Error", f"{path}:6"],
    ]
    assert "expected the subset training" in lines[0] and "found 'train'" in lines[0]
    assert lines[1].endswith("the same as line 2")
    assert "quotes that do not fit" in lines[3]
    assert lines[4] == f"{path}: 2 clips, 3 errors, 1 warning"


def test_warnings_alone_are_exit_0_and_errors_where_it_is_strict(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HACS + GOOD + GOOD)
    assert validate(tmp_path / "a.csv").exit_code == 0
    result = validate(tmp_path / "a.csv", "--strict")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {tmp_path / 'a.csv'}:3: the same as line 2\n")
    assert result.output.endswith("2 clips, 1 error\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", ": the file is empty", id="empty"),
        pytest.param(b"a,b\n", ":1: expected a header with classname", id="header"),
        pytest.param(gzip.compress(b"x" * 5000)[:30], ": the gzip file is broken", id="cut gzip"),
        pytest.param(None, ": there is no such file", id="missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_the_next_is_looked_at(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    (tmp_path / "good.csv").write_text(HACS + GOOD)
    result = validate(path, tmp_path / "good.csv")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0].startswith(f"Error: {path}{told}")
    assert lines[1:] == [
        f"{path}: 0 clips, 1 error",
        f"{tmp_path / 'good.csv'}: 1 clip, no errors",
    ]


def test_a_header_alone_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HACS)
    result = validate(tmp_path / "a.csv")
    assert result.exit_code == 0
    assert result.output.startswith(f"Warning: {tmp_path / 'a.csv'}: there is nothing in it\n")


def test_a_folder_in_the_place_of_a_file_is_one_line(tmp_path: Path) -> None:
    result = validate(tmp_path)
    assert result.exit_code == 1
    assert result.output.startswith(
        f"Error: {tmp_path}: hacs-clips is a file, and this is a folder"
    )


def test_broken_json_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"v": {},\n"w": ')
    result = validate(tmp_path / "a.json", name="finegym")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {tmp_path / 'a.json'}:2: expected JSON")


def test_the_json_has_the_files_and_their_problems(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HACS + GOOD + "A,v,train,1,2,1\n")
    result = validate(path, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["files"] == [
        {
            "path": str(path),
            "format": "hacs-clips",
            "kind": "clips",
            "num_records": 1,
            "num_errors": 1,
            "num_warnings": 0,
        }
    ]
    (problem,) = found["problems"]
    assert (problem["severity"], problem["path"], problem["line"]) == ("error", str(path), 3)


def test_rows_of_a_folder_are_named_by_their_own_file(tmp_path: Path) -> None:
    (tmp_path / "Diving_val.txt").write_text("v  1.0 2.0\nv  1.0\n")
    result = validate(tmp_path, name="thumos14")
    assert result.output.startswith(
        f"Error: {tmp_path / 'Diving_val.txt'}:2: expected video, start"
    )
    assert result.output.endswith(f"{tmp_path}: 1 clip, 1 error\n")


def test_a_format_that_needs_a_label_map_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text("v 1 2 7 0.5\n")
    result = validate(tmp_path / "run.txt", name="thumos14-detection")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ") and "give --label-map FILE" in result.output
    assert result.output.count("\n") == 1


KINETICS = "label,youtube_id,time_start,time_end,split\n"


def test_media_are_looked_for(tmp_path: Path) -> None:
    media = tmp_path / "media"
    for name in (
        "a_000000_000010.mp4",
        "using segway/b_000000_000010.mkv",
        "using_segway/c_000000_000010.mp4",
        "d_000040_000042.mp4",
    ):
        (media / name).parent.mkdir(parents=True, exist_ok=True)
        (media / name).write_bytes(b"film")
    rows = [f"using segway,{video},0,10,train\n" for video in "abce"]
    rows.insert(3, "using segway,d,40,42.5,train\n")  # as the official crawler calls it
    (tmp_path / "rows.csv").write_text(KINETICS + "".join(rows))
    result = validate("--media", media, tmp_path / "rows.csv", name="kinetics")
    assert result.exit_code == 1
    problem, report = result.stdout.splitlines()
    assert problem.startswith(
        f"Error: {tmp_path / 'rows.csv'}:6: the file is missing; expected e_0"
    )
    assert report.endswith("5 clips, 1 error")
    result = validate(tmp_path / "rows.csv", name="kinetics")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)


def test_media_of_boxes_are_videos_or_folders_of_frames(tmp_path: Path) -> None:
    media = tmp_path / "media"
    (media / "frames").mkdir(parents=True)
    (media / "film.webm").write_bytes(b"film")
    boxes = [f"{video},0902,0.1,0.1,0.5,0.5" for video in ("frames", "film", "no")]
    (tmp_path / "rows.csv").write_text("".join(f"{box},1,1\n{box},2,1\n" for box in boxes))
    result = validate("--media", media, tmp_path / "rows.csv", name="ava")
    assert result.exit_code == 1
    assert result.stdout.count("Error: ") == 1  # each file once
    assert ":5: the file is missing; expected no.mp4 in" in result.stdout


@pytest.mark.parametrize("text", ["#NAME?", "1.23E+10", "#REF!", "2E+05", "-1.5E-09"])
def test_ids_that_a_spreadsheet_spoilt_are_warned_of(text: str, tmp_path: Path) -> None:
    rows = f"a,{text},0,10,train\na,1E2x5yA1l24,0,10,train\n"
    (tmp_path / "rows.csv").write_text(KINETICS + rows)
    result = validate(tmp_path / "rows.csv", name="kinetics")
    assert result.exit_code == 0
    told, report = result.stdout.splitlines()
    assert f":2: the video id {text!r} is what a spreadsheet makes of another" in told
    assert report.endswith("2 clips, 1 warning")
    (tmp_path / "boxes.csv").write_text(f"{text},0902,0.1,0.1,0.5,0.5,1,1\n")
    result = validate(tmp_path / "boxes.csv", name="ava")
    assert "is what a spreadsheet makes of another" in result.stdout


def test_no_password_of_an_address_in_the_file_is_shown(tmp_path: Path) -> None:
    secrets = "https://bob:hunter2@a.org/x?token=sesame,postgresql://u:pw123@h,training"
    (tmp_path / "a.csv").write_text(
        HACS + f"Archery,{secrets},1,2,1\nA,{secrets},https://b:xyz9@c\n"
    )
    for form in ((), ("--json",)):
        output = validate(tmp_path / "a.csv", *form).output
        assert ("a.csv" in output and "2 errors" in output) or '"num_errors": 2' in output
        assert not any(word in output for word in ("hunter2", "sesame", "pw123", "xyz9"))
