"""AVA's own files: rows, key frames without a box, timestamps, proposals."""

import gzip
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.boxes.ava import csv_files, proposals, timestamps
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Label

FORMATS = {one.name: one for one in (*csv_files.FORMATS, *timestamps.FORMATS, *proposals.FORMATS)}
AVA = FORMATS["ava"]
LABELS = LabelMap((Label(12, "stand"), Label(80, "watch (a person)")))


def told(
    format_: Format, path: Path, options: Options | None = None
) -> tuple[list[Box], list[str]]:
    messages: list[str] = []

    def listen(problem: object) -> None:
        messages.append(str(problem).removeprefix(f"{path}:").removeprefix(" "))

    problems = Problems(path, on_error=listen, on_warning=listen)
    assert format_.read is not None
    return list(format_.read(path, options or Options(), problems)), messages


def read(format_: Format, path: Path) -> list[Box]:
    boxes, messages = told(format_, path)
    assert messages == []
    return boxes


def write(
    format_: Format, path: Path, boxes: list[Box], options: Options | None = None
) -> list[str]:
    messages: list[str] = []

    def listen(problem: object) -> None:
        messages.append(str(problem).removeprefix(f"{path}: "))

    assert format_.write is not None
    problems = Problems(path, on_error=listen, on_warning=listen)
    format_.write(path, iter(boxes), options or Options(), problems)
    return messages


def test_the_official_rows_are_written_back_byte_for_byte(shared: Path, tmp_path: Path) -> None:
    official = shared / "ava" / "ava_val_v2.1_head27163.csv.gz"
    boxes = read(AVA, official)
    assert boxes[0] == Box("1j20qq1JyX4", 902.0, 0.002, 0.118, 0.714, 0.977, 12, 1)
    assert len(boxes) == 27163
    assert write(AVA, tmp_path / "ours.csv", boxes) == []
    assert (tmp_path / "ours.csv").read_bytes() == gzip.decompress(official.read_bytes())


def test_excluded_timestamps_are_written_back_byte_for_byte(shared: Path, tmp_path: Path) -> None:
    official = shared / "ava" / "ava_val_excluded_timestamps_v2.1.csv"
    boxes = read(FORMATS["ava-timestamps"], official)
    assert boxes[0] == Box("5BDj0ow5hnA", 1038.0)
    assert write(FORMATS["ava-timestamps"], tmp_path / "ours.csv", boxes) == []
    assert (tmp_path / "ours.csv").read_bytes() == official.read_bytes()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("ava-detections", "ava_eight_videos/detections.csv.gz"),
        ("ava-detections", "ava_small/pred.csv"),
        ("ava", "ava_small/gt.csv"),
    ],
)
def test_real_files_come_back_as_equal_rows(name, file, shared: Path, tmp_path: Path) -> None:
    boxes, _ = told(FORMATS[name], shared / "evaluation" / file)
    assert len(boxes) > 8
    assert write(FORMATS[name], tmp_path / "ours.csv", boxes) == []
    assert told(FORMATS[name], tmp_path / "ours.csv")[0] == boxes


shares = st.one_of(st.floats(0, 1), st.integers(0, 1000).map(lambda n: n / 1000))
moments = st.one_of(st.floats(0, 1e6), st.integers(0, 9999).map(float))
key_frames = st.builds(
    lambda *key: Box(*key), st.sampled_from(["-5KQ66BBWC4", "a,b", 'say "x"', "ü"]), moments
)


def replaced(box: Box, **fields: object) -> Box:
    return box._replace(**fields)


numbered = st.builds(
    replaced,
    key_frames,
    x1=shares,
    y1=shares,
    x2=shares,
    y2=shares,
    action_id=st.integers(1, 80),
)


def upright(box: Box) -> Box:
    assert box.x1 is not None and box.y1 is not None and box.x2 is not None and box.y2 is not None
    (x1, x2), (y1, y2) = sorted((box.x1, box.x2)), sorted((box.y1, box.y2))
    return box._replace(x1=x1, x2=x2, y1=y1, y2=y2)


upright_boxes = numbered.map(upright)
whatever = {
    "ava": st.builds(replaced, upright_boxes, person_id=st.none() | st.integers(-1, 99)),
    "ava-detections": st.builds(replaced, numbered, score=st.none() | st.floats(-10, 10)),
    "ava-kinetics": upright_boxes,
    "ava-v1": upright_boxes,
    "ava-timestamps": key_frames,
    "ava-proposals": st.builds(replaced, numbered, score=st.floats(0, 1), action_id=st.none()),
}


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_reading_gives_back_what_was_written(name, tmp_path_factory, data: st.DataObject) -> None:
    boxes = data.draw(st.lists(whatever[name] | key_frames, min_size=1, max_size=8))
    if name == "ava-proposals":  # a dictionary of key frames: each once
        boxes = list({box[:2]: box for box in boxes}.values())
    folder = tmp_path_factory.mktemp("ava")
    odd = write(FORMATS[name], folder / "first", boxes)
    known = ("no score, which the official evaluator takes as 1.0", "MMAction2 stops at a")
    assert all(any(words in one for words in known) for one in odd)
    found = told(FORMATS[name], folder / "first")[0]
    assert found == boxes
    write(FORMATS[name], folder / "second", found)
    assert (folder / "first").read_bytes() == (folder / "second").read_bytes()


def test_proposals_at_which_mmaction2_stops_are_told_of(tmp_path: Path) -> None:
    inside = Box("a", 902.0, 0.0, 0.2, 0.3, 1.0, score=0.9)
    outside = [inside._replace(timestamp_seconds=903.0 + n) for n in range(2)]
    outside = [outside[0]._replace(x1=-0.01), outside[1]._replace(y2=1.5)]
    empty = Box("a", 905.0)
    odd = write(FORMATS["ava-proposals"], tmp_path / "pkl", [inside, *outside, empty])
    assert odd == [
        "a at 903 s: MMAction2 stops at a box outside of [0, 1] (this and 1 more)",
        "a,0905: MMAction2 stops at a key frame without boxes (this)",
    ]


def test_a_key_frame_whose_boxes_are_refused_is_not_written_empty(tmp_path: Path) -> None:
    bare = Box("a", 902.0, 0.1, 0.2, 0.3, 0.4)
    write(FORMATS["ava-proposals"], tmp_path / "pkl", [bare, bare._replace(video_id="b", score=1)])
    assert [box.video_id for box in told(FORMATS["ava-proposals"], tmp_path / "pkl")[0]] == ["b"]


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("ava", "a,0902,0.1,0.2,0.3", "expected 2, 7 or 8 cells, found 5"),
        ("ava", "a", "expected 2, 7 or 8 cells, found 1 cell"),
        ("ava", ",0902", "expected a video id, found an empty cell"),
        ("ava", "a,-1", "expected a timestamp of 0 or more seconds, found -1"),
        ("ava", "a,nan", "expected a timestamp of 0 or more seconds, found nan"),
        ("ava", "a,0902,0.1,nan,0.3,0.4,1", "expected numbers as a box, found 0.1, nan, 0.3, 0.4"),
        ("ava", "a,0902,0.3,0.2,0.1,0.4,1", "expected x1 <= x2 and y1 <= y2, found an inverted"),
        ("ava", "a,0902,0.1,0.2,0.3,0.4,x", "expected a whole number as action_id, found 'x'"),
        ("ava", "a,0902,0.1,0.2,0.3,0.4,-1", "expected an action_id of 0 or more, found -1"),
        ("ava", "a,0902,0.1,0.2,0.3,0.4,0", "expected an action_id of 1 or more, found 0: AVA's"),
        ("ava-v1", "a,0902,0.1,0.2,0.3,0.4,0", "expected an action_id of 1 or more, found 0: AVA"),
        (
            "ava",
            "a\t0902\t0.1",
            "expected 2, 7 or 8 cells, found 1 cell: the line is parted by tabs; s",
        ),
        (
            "ava-kinetics",
            "a;0902",
            "expected 2 or 7 cells, found 1 cell: the line is parted by semi",
        ),
        (
            "ava",
            "a,0902,0.1,0.2,0.3,0.4,1,0.5",
            "expected a whole number as person_id, found '0.5'",
        ),
        ("ava-detections", "a,0902,0.1,0.2,0.3,0.4,1,inf", "expected a number as score, found inf"),
        ("ava-kinetics", "a,9.5,0.1,0.2,0.3,0.4,1,0", "expected 2 or 7 cells, found 8"),
        ("ava-v1", "a,0904,0.1,0.2,0.3,0.4,1,0", "expected 2 or 7 cells, found 8"),
        ("ava-timestamps", "a,0902,1", "expected 2 cells, found 3"),
        ("ava-timestamps", "0902", "expected 2 cells, found 1"),
    ],
)
def test_a_bad_row_is_told_of_and_hides_no_good_one(name, row, message, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"b,0902\n{row}\nb,0903\n")
    boxes, messages = told(FORMATS[name], path)
    assert boxes == [Box("b", 902.0), Box("b", 903.0)]
    (found,) = messages
    assert found.startswith(f"2: {message}")
    assert found.endswith(f", in {row.split(',')}")


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("ava", "a,0902,-0.1,0.2,0.3,0.4,1,1", "expected a box inside [0, 1], found -0.1, 0.2"),
        (
            "ava",
            "a,0902,0.1,0.2,0.1,0.4,1,1",
            "a box without an area; the official evaluator takes",
        ),
        ("ava", "a,1799,0.1,0.2,0.3,0.4,1,1", "expected a timestamp from 902 to 1798, found 1799"),
        (
            "ava-detections",
            "a,7,0.3,0.2,0.1,0.4,1,1",
            "the official evaluator leaves the detection",
        ),
        ("ava-detections", "a,7,0.1,0.2,0.3,0.4,1", "found no score; the official evaluator takes"),
        ("ava-timestamps", "a,901", "expected a timestamp from 902 to 1798, found 901"),
    ],
)
def test_what_the_official_evaluator_takes_is_odd_and_read(name, row, message, tmp_path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(f"{row}\n")
    boxes, messages = told(FORMATS[name], path)
    assert len(boxes) == len(messages) == 1
    assert messages[0].startswith("1: ")
    assert message in messages[0]
    strict = Problems(path, is_strict=True)
    with pytest.raises(FormatError, match=r"odd\.csv:1: "):
        list(FORMATS[name].read(path, Options(), strict))  # type: ignore[misc]  # it has a reader


@pytest.mark.parametrize("name", ["ava", "ava-timestamps"])
def test_key_frames_where_ava_has_none_are_told_of_once(name: str, tmp_path: Path) -> None:
    corners = ",0.1,0.2,0.3,0.4,1,1" if name == "ava" else ""
    moments = [("a", 902), ("a", 30), ("a", 31), ("b", 31), ("b", 1798), ("b", 1799)]
    path = tmp_path / "short.csv"
    path.write_text("".join(f"{video},{seconds:04d}{corners}\n" for video, seconds in moments))
    boxes, messages = told(FORMATS[name], path)
    assert len(boxes) == 6
    assert messages == [
        "2: expected a timestamp from 902 to 1798, found 30; all key frames of AVA lie there; "
        "this is the first of 4"
    ]


def test_a_row_that_follows_again_in_its_key_frame_is_odd(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    row, other = "a,0902,0.1,0.2,0.3,0.4,1,1", "a,0902,0.1,0.2,0.3,0.4,2,1"
    path.write_text("\n".join([row, other, row.replace("0.1", "0.100"), "a,0903", row]))
    boxes, messages = told(AVA, path)
    assert len(boxes) == 5
    assert messages == ["3: the same row stands here twice; the official evaluator counts both"]


def test_marks_line_ends_quotes_and_blank_lines_do_not_hurt(tmp_path: Path) -> None:
    path = tmp_path / "wild.csv"
    path.write_bytes(b'\xef\xbb\xbf"a","0902",0.1,0.2,0.3,0.4,1,1\r\n\r\n  \r\na,0903')
    assert read(AVA, path) == [Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 1, 1), Box("a", 903.0)]


def test_a_label_map_gives_names_and_takes_them(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("a,0902,0.1,0.2,0.3,0.4,12,1\na,0902,0.1,0.2,0.3,0.4,99,1\n")
    boxes, messages = told(AVA, path, Options(labels=LABELS))
    assert [box.label for box in boxes] == ["stand", None]
    assert messages == ["2: the action_id 99 is not in the label map"]
    nameless = [box._replace(action_id=None, label="stand") for box in boxes[:1]]
    assert write(AVA, tmp_path / "ours.csv", nameless, Options(labels=LABELS)) == []
    assert (tmp_path / "ours.csv").read_text() == "a,0902,0.100,0.200,0.300,0.400,12,1\n"
    with pytest.raises(ConfigError, match="--label-map"):
        write(AVA, tmp_path / "no.csv", nameless)
    assert not (tmp_path / "no.csv").exists()


def test_what_a_format_cannot_say_is_told_of(tmp_path: Path) -> None:
    box = Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 1, 7, 0.5, details={"occluded": True})
    later = box._replace(timestamp_seconds=903.0)
    for name, lost in [
        ("ava", ["occluded", "score"]),
        ("ava-detections", ["occluded", "person"]),
        ("ava-kinetics", ["occluded", "person", "score"]),
        ("ava-timestamps", ["box", "occluded", "score"]),
        ("ava-proposals", ["action", "occluded", "person"]),
    ]:
        messages = write(FORMATS[name], tmp_path / name, [box, later])
        (message,) = messages
        assert message.startswith("a at 902 s: ")
        assert message.split(" the ")[1].split(" of ")[0].split(", ") == lost
    bare = box._replace(action_id=None, person_id=None, score=None, details={})
    (message,) = write(AVA, tmp_path / "ava", [bare])
    assert message == "a at 902 s: found a box without an action; ava needs one"
    (message,) = write(FORMATS["ava-proposals"], tmp_path / "pkl", [bare])
    assert message == "a at 902 s: found a box without a score; ava-proposals needs one"
    told_of = write(FORMATS["ava-timestamps"], tmp_path / "list", [box, box])
    assert "a at 902 s: boxes of one key frame are one line (this)" in told_of
    assert (tmp_path / "list").read_text() == "a,0902\n"


def test_timestamps_alone_hold_for_every_video(tmp_path: Path) -> None:
    path = tmp_path / "ava_included_timestamps_v2.1.txt"
    path.write_text("0902\n0903\n")
    boxes = read(FORMATS["ava-timestamps"], path)
    assert boxes == [Box("", 902.0), Box("", 903.0)]
    write(FORMATS["ava-timestamps"], tmp_path / "ours.txt", boxes)
    assert (tmp_path / "ours.txt").read_text() == path.read_text()


@pytest.mark.parametrize("protocol", [0, 2, 4, 5], ids=lambda number: f"protocol {number}")
@pytest.mark.parametrize("dtype", [">f4", "<f8"])
def test_proposals_of_the_community_are_read(protocol, dtype, tmp_path: Path) -> None:
    boxes_N5 = np.array([[0.125, 0.25, 0.5, 0.75, 0.875], [0, 0, 1, 1, 0.5]], dtype)
    found = {"-5KQ66BBWC4,0902": np.asfortranarray(boxes_N5), "a,0903": np.array([], dtype)}
    path = tmp_path / "proposals.pkl"
    path.write_bytes(pickle.dumps(found, protocol))
    assert read(FORMATS["ava-proposals"], path) == [
        Box("-5KQ66BBWC4", 902.0, 0.125, 0.25, 0.5, 0.75, score=0.875),
        Box("-5KQ66BBWC4", 902.0, 0.0, 0.0, 1.0, 1.0, score=0.5),
        Box("a", 903.0),
    ]


def test_proposals_written_here_are_arrays_for_everyone(tmp_path: Path) -> None:
    path = tmp_path / "proposals.pkl"
    boxes = [Box("b", 902.0, 0.1, 0.2, 0.3, 0.4, score=0.5), Box("a", 903.5)]
    write(FORMATS["ava-proposals"], path, [*boxes, boxes[0]])
    found = pickle.loads(path.read_bytes())
    assert list(found) == ["b,0902", "a,903.5"]
    np.testing.assert_array_equal(found["b,0902"], [[0.1, 0.2, 0.3, 0.4, 0.5]] * 2)
    assert found["b,0902"].dtype == np.float64
    assert found["a,903.5"].shape == (0, 5)


def test_many_proposals_are_written_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "proposals.pkl"
    boxes = [Box("b", float(n), 0.1, 0.2, 0.3, 0.4, score=n / 3000) for n in range(2500)]
    write(FORMATS["ava-proposals"], path, boxes)
    assert read(FORMATS["ava-proposals"], path) == boxes


class Touch:
    """A pickle of it runs a command when it is read the usual way."""

    def __reduce__(self):
        return os.system, ("true",)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a,0902": Touch()}, r"(posix|nt)\.system, which is no array.*nothing in it was executed"),
        ([1], "expected a dictionary of key frames, found list"),
        ({"a,0902": [1]}, "a,0902: expected an array of boxes, found list"),
        (
            {"a,0902": np.ones((2, 4))},
            r"expected floats of the shape \(N, 5\), found float64 \(2, 4\)",
        ),
        ({"a0902": np.ones((2, 5))}, "expected a key like"),
        ({"a,0902": np.array([[0, 0, 1, 1, np.nan]])}, "expected numbers as x1, y1"),
    ],
)
def test_a_pickle_that_is_no_proposals_is_refused(value, message, tmp_path: Path) -> None:
    path = tmp_path / "bad.pkl"
    path.write_bytes(pickle.dumps(value))
    with pytest.raises(FormatError, match=message):
        list(FORMATS["ava-proposals"].read(path, Options(), Problems(path)))  # type: ignore[misc]  # it has a reader


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("video_id", ["", "a\ud800", "a\nb", "a\0b"])
def test_a_record_without_a_writable_video_id_is_told_of(name, video_id, tmp_path: Path) -> None:
    bad = Box(video_id, 902.0, 0.1, 0.2, 0.3, 0.4, 1, None, 0.5)
    messages = write(FORMATS[name], tmp_path / "ours", [bad, bad._replace(video_id="b")])
    if video_id == "" and name == "ava-timestamps":
        assert not any("expected a video id" in message for message in messages)
    elif name != "ava-proposals" or video_id != "a\nb":
        assert any("video id" in text or "line break" in text for text in messages)
    assert b"b,0902" in (tmp_path / "ours").read_bytes()
