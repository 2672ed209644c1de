"""`kbuild convert` and `formats`: good rows through, bad ones told of, nothing overwritten."""

import json
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Clip, Kind, Label, Scores
from kinetics_builder.formats.registry import all_formats
from pipelines.cli import group
from pipelines.converting.convert import Listeners, convert

HACS = "classname,youtube_id,subset,start,end,label\n"
GOOD = "Archery,a2X2hz1G6i8,training,15.5,17.5,1\n"
BAD = "Archery,b,training,17.5,15.5,1\n"


def kbuild(*arguments: str | Path) -> Result:
    return CliRunner().invoke(group, [str(one) for one in arguments], prog_name="kbuild")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "hacs.csv"
    path.write_text(HACS + GOOD + BAD + GOOD + "x\n")
    return path


def to_thumos(source: Path, target: Path, *more: str) -> Result:
    return kbuild("convert", "--from", "hacs-clips", "--to", "thumos14", source, target, *more)


def same(source: Path, target: Path, *more: str) -> Result:
    return kbuild("convert", "--from", "hacs-clips", "--to", "hacs-clips", source, target, *more)


def test_bad_rows_are_listed_and_good_ones_written(source: Path, tmp_path: Path) -> None:
    result = same(source, tmp_path / "out.csv")
    assert result.exit_code == 1
    assert result.stdout == "2 rows written, 2 left out\n"
    listed = result.stderr.splitlines()
    assert len(listed) == 2
    assert listed[0].startswith(f"Error: {source}:3: expected 0 <= start < end")
    assert listed[1].startswith(f"Error: {source}:5: expected 6 cells, found 1")
    assert (tmp_path / "out.csv").read_text() == HACS + GOOD + GOOD


def test_a_clean_file_is_exit_0_and_the_report_is_json(source: Path, tmp_path: Path) -> None:
    source.write_text(HACS + GOOD)
    result = same(source, tmp_path / "out.csv", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "num_read": 1,
        "num_written": 1,
        "num_lost": 0,
        "num_errors": 0,
        "num_warnings": 0,
        "subset": None,
    }


def test_what_the_target_cannot_say_is_a_warning_and_exit_0(source: Path, tmp_path: Path) -> None:
    source.write_text(HACS + GOOD)
    result = to_thumos(source, tmp_path / "thumos")
    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: ") and "is_positive" in result.stderr
    assert (tmp_path / "thumos" / "Archery_train.txt").read_text() == "a2X2hz1G6i8  15.5 17.5\n"


def test_negatives_do_not_become_positives(source: Path, tmp_path: Path) -> None:
    source.write_text(HACS + GOOD + GOOD.replace(",1\n", ",-1\n"))
    result = to_thumos(source, tmp_path / "thumos")
    assert result.exit_code == 0
    assert result.stdout == "1 row written, 1 without a place there\n"
    assert "1 clip that does not show the label left out" in result.stderr
    assert (tmp_path / "thumos" / "Archery_train.txt").read_text() == "a2X2hz1G6i8  15.5 17.5\n"
    strict = to_thumos(source, tmp_path / "strict", "--strict")
    assert strict.exit_code == 1
    assert not (tmp_path / "strict").exists()
    assert same(source, tmp_path / "out.csv").exit_code == 0
    assert (tmp_path / "out.csv").read_text() == source.read_text()


def test_rows_that_cannot_be_written_count_as_left_out(source: Path, tmp_path: Path) -> None:
    source.write_text(HACS + GOOD + ",t,testing,1,3,\n")
    result = to_thumos(source, tmp_path / "thumos")
    assert result.exit_code == 1
    assert result.stdout == "1 row written, 1 left out\n"
    assert "Error: " in result.stderr and "t 1.0-3.0: no label" in result.stderr


@pytest.mark.parametrize(
    "text", [HACS + GOOD + BAD, HACS.replace("\n", ",note\n")], ids=["bad row", "oddity"]
)
def test_strict_ends_it_with_nothing_written(source: Path, tmp_path: Path, text: str) -> None:
    source.write_text(text)
    result = same(source, tmp_path / "out.csv", "--strict")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {source}:")
    assert result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["hacs.csv"]


def test_a_file_that_is_not_of_the_format_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a,b\n")
    result = same(tmp_path / "in.csv", tmp_path / "out.csv")
    assert result.exit_code == 1 and "expected a header" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_file_that_is_there_is_replaced_by_force_alone(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("precious")
    result = same(source, target)
    assert (
        result.exit_code == 1 and "exists already" in result.stderr and "--force" in result.stderr
    )
    assert target.read_text() == "precious"
    same(source, target, "--force")
    assert target.read_text() == HACS + GOOD + GOOD


def test_the_source_is_never_replaced_under_any_name(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    (tmp_path / "link.csv").symlink_to(source)
    (tmp_path / "hard.csv").hardlink_to(source)
    for target in (source, tmp_path / "link.csv", tmp_path / "hard.csv"):
        result = same(source, target, "--force")
        assert result.exit_code == 1 and "is the file to read" in result.stderr
    assert source.read_bytes() == before


def test_a_folder_with_something_in_it_is_never_replaced(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "thumos"
    target.mkdir()
    (target / "thesis.tex").write_text("precious")
    for run in (to_thumos, same):
        result = run(source, target, "--force")
        assert result.exit_code == 1 and "is a folder that exists" in result.stderr
    assert to_thumos(source, source.parent / "hacs.csv" / "x").exit_code == 1
    assert [path.name for path in target.iterdir()] == ["thesis.tex"]
    (target / "thesis.tex").unlink()
    assert to_thumos(source, target).stdout == "2 rows written, 2 left out\n"


def test_an_empty_file_in_the_place_of_a_folder_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    result = to_thumos(source, tmp_path / "out", "--force")
    assert result.exit_code == 1 and "exists already. Choose another name." in result.stderr


def test_another_kind_is_refused_with_the_formats_of_this_one(source: Path, tmp_path: Path) -> None:
    other = next(one for one in all_formats().values() if one.kind is Kind.BOXES)
    result = kbuild("convert", "--from", "hacs-clips", "--to", other.name, source, tmp_path / "out")
    assert result.exit_code == 1
    assert f"hacs-clips holds clips and {other.name} holds boxes." in result.stderr
    assert "Formats of clips to write: " in result.stderr and "thumos14" in result.stderr


def test_an_unknown_format_is_refused_with_those_there_are(source: Path, tmp_path: Path) -> None:
    result = kbuild("convert", "--from", "hacs", "--to", "thumos14", source, tmp_path / "out")
    assert result.exit_code == 1 and "'hacs'" in result.stderr and "hacs-clips" in result.stderr


@pytest.mark.parametrize("size", ["640", "640x", "0x360", "axb", "640x360x3", "-1x2"])
def test_a_frame_size_that_is_none_is_exit_2(source: Path, tmp_path: Path, size: str) -> None:
    result = same(source, tmp_path / "out", "--frame-size", size)
    assert result.exit_code == 2 and "expected WIDTHxHEIGHT" in result.stderr


def test_a_missing_file_and_a_folder_for_a_file_are_one_line(tmp_path: Path) -> None:
    for source, told in ((tmp_path / "no.csv", "no such file"), (tmp_path, "this is a folder")):
        result = same(source, tmp_path / "out.csv")
        assert result.exit_code == 1 and told in result.stderr and result.stderr.count("\n") == 1


def test_a_label_map_gives_numbers_their_names(tmp_path: Path) -> None:
    (tmp_path / "detclasslist.txt").write_text("7 BaseballPitch\n97 VolleyballSpiking\n")
    (tmp_path / "in.txt").write_text("v 1.0 2.5 97 0.5\nv 1.0 2.5 8 0.5\n")
    map_ = ("--label-map", tmp_path / "detclasslist.txt")
    names = ("--from", "thumos14-detection", "--to", "activitynet-detection")
    result = kbuild("convert", *names, tmp_path / "in.txt", tmp_path / "out.json", *map_)
    assert result.stdout == "1 row written, 1 left out\n"
    assert f"{tmp_path / 'in.txt'}:2: the class number 8 is not in the label map" in result.stderr
    assert '"VolleyballSpiking"' in (tmp_path / "out.json").read_text()


def test_the_options_reach_reader_and_writer(tmp_path: Path) -> None:
    seen: list[Options] = []

    def read(path: Path, options: Options, problems: Problems) -> Iterator[Any]:
        seen.append(options)
        yield Clip("a")

    def write(path: Path, records: Iterable[Any], options: Options, problems: Problems) -> None:
        seen.append(options)
        assert [clip.video_id for clip in records] == ["a"]

    one = Format(name="x", kind=Kind.CLIPS, what="", source="", traps="", read=read, write=write)
    options = Options(frame_size=(640, 360))
    (tmp_path / "in").touch()
    convert((one, one), tmp_path / "in", tmp_path / "out", options, Listeners())
    assert seen == [options, options]


def test_a_line_break_in_a_name_does_not_get_through(tmp_path: Path) -> None:
    event = {"event": 1, "segments": None, "timestamps": [[1.0, 2.5]]}
    (tmp_path / "in.json").write_text(json.dumps({"a\nb": {"E_1_2": event}, "c": {"E_1_2": event}}))
    result = kbuild(
        *("convert", "--from", "finegym", "--to", "hacs-clips", "--split", "train"),
        *(tmp_path / "in.json", tmp_path / "out.csv"),
    )
    assert result.exit_code == 1
    assert "found a line break in 'a\\nb'" in result.stderr
    assert (tmp_path / "out.csv").read_text() == f"{HACS}VT,c,training,1.0,2.5,1\n"


def peak_of_converting(source: Path, target: Path) -> int:
    one = all_formats()["hacs-clips"]
    tracemalloc.start()
    convert((one, all_formats()["kinetics"]), source, target, Options(), Listeners())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for num_rows in (5_000, 20_000):
        path = tmp_path / f"{num_rows}.csv"
        rows = (
            f"Archery,v{number},training,{number}.0,{number + 2}.0,1\n"
            for number in range(num_rows)
        )
        path.write_text(HACS + "".join(rows))
        peaks.append(peak_of_converting(path, tmp_path / f"{num_rows}.out.csv"))
    assert peaks[1] < 1.2 * peaks[0] + 50_000


def test_formats_are_listed_with_kind_and_ways(tmp_path: Path) -> None:
    lines = kbuild("formats").stdout.splitlines()
    assert len(lines) == len(all_formats())
    (line,) = [line for line in lines if line.startswith("thumos14 ")]
    assert line.split()[1:4] == ["clips", "read", "write"]


def test_one_format_is_shown_with_its_source_and_traps() -> None:
    text = kbuild("formats", "finegym").stdout
    assert "source: sdolivia.github.io/FineGym" in text and "traps:  Sub-actions count" in text
    found = json.loads(kbuild("formats", "finegym", "--json").stdout)
    assert found["kind"] == "clips" and found["reads"] and found["writes"]
    assert len(json.loads(kbuild("formats", "--json").stdout)) == len(all_formats())
    assert kbuild("formats", "nothing").exit_code == 1


@pytest.mark.parametrize("one", all_formats().values(), ids=lambda one: one.name)
def test_every_format_says_what_it_is_and_goes_some_way(one: Format) -> None:
    assert one.what and one.source and one.traps and "\n" not in one.what
    assert one.read is not None or one.write is not None
    assert one.name == one.name.lower() and " " not in one.name and "_" not in one.name


SAY_ALL = ("labels-csv", "activitynet-taxonomy")
WRITERS = [one for one in all_formats().values() if one.write and one.name not in SAY_ALL]


@pytest.mark.parametrize("one", WRITERS, ids=lambda one: one.name)
def test_where_oddities_are_errors_nothing_odd_gets_its_name(tmp_path: Path, one: Format) -> None:
    (tmp_path / "a.mp4").write_bytes(b"a")
    odd = {"odd_file_name": ["x"]}
    records = {
        Kind.CLIPS: Clip("a", 1.0, 2.0, "VT", "train", "a.mp4", 0.5, odd),
        Kind.BOXES: Box("a", 902.0, 0.1, 0.1, 0.2, 0.2, 1, 1, 0.5, "VT", odd),
        Kind.SCORES: Scores("", None, (0.5,)),
        Kind.LABELS: Label(1, "VT", "odd", odd),
    }
    options = Options(
        labels=LabelMap((Label(1, "VT"),)),
        frame_size=(640, 360),
        frames_per_second=30.0,
        media=tmp_path,
    )
    problems = Problems(tmp_path / "out", is_strict=True)
    assert one.write is not None
    with pytest.raises(FormatError):
        one.write(tmp_path / "out", [records[one.kind]], options, problems)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_what_has_no_place_is_counted(tmp_path: Path) -> None:
    source, names = tmp_path / "train.csv", ("--from", "kinetics", "--to", "kinetics-json")
    source.write_text(
        "label,youtube_id,time_start,time_end,split\nx,a,0,10,train\ny,a,0,10,train\n"
    )
    result = kbuild("convert", *names, source, tmp_path / "out.json")
    assert result.exit_code == 0
    assert result.stdout == "1 row written, 1 without a place there\n"
    strict = kbuild("convert", *names, source, tmp_path / "strict.json", "--strict")
    assert strict.exit_code == 1 and not (tmp_path / "strict.json").exists()


def test_of_many_problems_of_one_sort_the_first_are_said_and_the_others_counted(
    tmp_path: Path,
) -> None:
    source, rows = tmp_path / "a.csv", [f"a,0902,0.1,0.2,0.3,0.4,12,{n}\n" for n in range(300)]
    source.write_text("".join(rows))
    result = kbuild("convert", "--from", "ava", "--to", "ava-tracks", source, tmp_path / "b.csv")
    assert result.stdout == "0 rows written, 300 left out\n"
    listed = result.stderr.splitlines()
    assert len(listed) == 6
    assert listed[0].endswith("a at 902 s: found a box without a score; ava-tracks needs one")
    assert listed[-1].endswith("(295 more like this)")
    source.write_text("".join(row.rpartition(",")[0] + "\n" for row in rows))
    told = kbuild("validate", "--format", "ava-detections", source).stdout.splitlines()
    assert sum("found no score" in line for line in told) == 300


@pytest.mark.parametrize("name", ["hmdb51", "thumos14", "torchvision-folder"])
def test_a_label_too_long_for_a_name_is_a_row_left_out(tmp_path: Path, name: str) -> None:
    (tmp_path / "a_000000_000010.mp4").write_bytes(b"a")
    source = tmp_path / "train.csv"
    rows = "".join(f"{label},a,0,10,train\n" for label in ("x", "é" * 150))
    source.write_text("label,youtube_id,time_start,time_end,split\n" + rows)
    media = ("--media", tmp_path)
    result = kbuild("convert", "--from", "kinetics", "--to", name, source, tmp_path / "o", *media)
    assert result.exit_code == 1 and result.stdout == "1 row written, 1 left out\n"
    assert "label must fit in the name of a file" in result.stderr


def test_a_short_name_is_understood_or_answered_with_those_like_it(tmp_path: Path) -> None:
    assert kbuild("formats", "cvat").stdout.startswith("cvat-video: ")
    result = kbuild("formats", "via")
    assert result.exit_code == 1
    assert "No format is called 'via'. There are: via2, via3. `kbuild formats`" in result.stderr


def test_names_that_a_terminal_would_obey_are_told_in_letters(tmp_path: Path) -> None:
    source = tmp_path / "train.json"
    source.write_text('{"\\u001b[31m\\n": 3}')
    names = ("--from", "kinetics-json", "--to", "kinetics")
    result = kbuild("convert", *names, source, tmp_path / "out.csv")
    assert result.stderr.count("\n") == 1
    assert r"'\x1b[31m\n': expected an object, found 3" in result.stderr


def test_names_on_a_disk_that_are_not_utf_8_are_rows_left_out(tmp_path: Path) -> None:
    for name in ("caf\udce9/a.mp4", "ok/b\udce9.mp4", "ok/c.mp4"):
        path = tmp_path / "in/train" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    names = ("--from", "torchvision-folder", "--to", "moments")
    result = kbuild("convert", *names, tmp_path / "in", tmp_path / "train.csv")
    assert result.stdout == "1 row written, 2 left out\n"
    assert result.stderr.count("expected a name in UTF-8 without zero bytes, found") == 2
    assert (tmp_path / "train.csv").read_text() == "train/ok/c.mp4,ok\n"
    checked = kbuild("validate", "--format", "torchvision-folder", tmp_path / "in")
    assert checked.exit_code == 1 and checked.stdout.endswith("1 clip, 2 errors\n")


CVAT = """<annotations><meta><task><id>1</id><original_size><width>100</width><height>100</height>
</original_size><source>v.mp4</source></task></meta><track id="0" label="person">
<box frame="27000" xtl="10" ytl="10" xbr="50" ybr="50" outside="0" keyframe="1">
<attribute name="bend">true</attribute></box></track></annotations>"""


@pytest.mark.parametrize("target", ["ava", "ava-v1", "pyslowfast-ava", "mmaction2-ava"])
def test_names_of_ones_own_count_from_1_in_the_layouts_of_ava(target, tmp_path: Path) -> None:
    (tmp_path / "cvat.xml").write_text(CVAT.replace("27000", "27060"))
    (tmp_path / "names.txt").write_text("bend\ncrouch\n")
    (tmp_path / "zero.txt").write_text("0: bend\n1: crouch\n")
    command = ("convert", "--from", "cvat-video", "--to", target, "--fps", "30", "--label-map")
    result = kbuild(*command, tmp_path / "names.txt", tmp_path / "cvat.xml", tmp_path / "out")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "out"
    rows = folder if folder.is_file() else next((folder / "annotations").glob("ava_train_v2.*"))
    assert rows.read_text().startswith("v,0902,0.100,0.100,0.500,0.500,1")
    if folder.is_dir():
        labels = next((folder / "annotations").glob("*.pbtxt")).read_text()
        assert labels.startswith('item {\n  name: "bend"\n  id: 1\n}')
    back = ("validate", "--format", target, "--label-map", tmp_path / "names.txt", folder)
    assert "1 box, no errors" in kbuild(*back).stdout
    result = kbuild(*command, tmp_path / "zero.txt", tmp_path / "cvat.xml", tmp_path / "other")
    assert result.exit_code == 1
    assert "the class 'bend' has the number 0, and boxes' classes count from 1" in result.stderr


def test_action_0_is_an_error_for_validate_as_well(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("v,0902,0.1,0.1,0.5,0.5,0,1\nv,0902,0.1,0.1,0.5,0.5,1,1\n")
    result = kbuild("validate", "--format", "ava", tmp_path / "own.csv")
    assert result.exit_code == 1
    assert "own.csv:1: expected an action_id of 1 or more, found 0: AVA's classes" in result.stdout
    result = kbuild("validate", "--format", "ava-detections", tmp_path / "own.csv")
    assert result.exit_code == 0
    assert "own.csv:1: found the action_id 0, which counts nowhere" in result.stdout


def test_warnings_of_one_kind_come_once_with_a_count(tmp_path: Path) -> None:
    boxes = [f"v,0{second},0.1,0.1,0.5,0.5" for second in range(100, 140)]
    rows = [f"{box},{action},1\n" for box in boxes for action in (1, 2)]
    (tmp_path / "a.csv").write_text("".join(rows) + "v,0902,0.1,0.1,1.5,0.5,1,1\n")
    names = ("convert", "--from", "ava", "--to", "ava")
    result = kbuild(*names, tmp_path / "a.csv", tmp_path / "b.csv")
    assert result.exit_code == 0
    outside, times = result.stderr.splitlines()
    assert "a.csv:1: expected a timestamp from 902 to 1798, found 100;" in times
    assert times.endswith("; this is the first of 40")
    assert "expected a box inside [0, 1]" in outside and "more like" not in outside
