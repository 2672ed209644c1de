"""The lists of PySlowFast and MMAction2: every line as the tools parse it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.training.webdataset.writing import write_webdataset

ALL = [
    "pyslowfast",
    "mmaction2-video",
    "mmaction2-video-multi",
    "mmaction2-rawframes",
    "mmaction2-rawframes-multi",
]


def with_frames(clips: list[Clip]) -> list[Clip]:
    return [clip._replace(details={"num_frames": 300}) for clip in clips]


def test_pyslowfast_gets_a_list_a_split_and_the_classes_by_name(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    out = tmp_path / "lists"
    assert tried("pyslowfast").write(out, filmed.clips, media=filmed.media) == []
    assert sorted(file.name for file in out.iterdir()) == [
        "classes.txt",
        "test.csv",
        "train.csv",
        "val.csv",
    ]
    assert (out / "classes.txt").read_text() == "tying knot (not on a tie)\nwaving, hand\n"
    assert (out / "val.csv").read_text() == (
        "clips/video_2_000002_000012.mp4 1\nclips/video_3_000003_000013.mp4 0\n"
    )


@pytest.mark.parametrize("name", ALL)
def test_what_was_written_is_read_again_and_equal_clips_give_equal_bytes(
    name: str, tried: Any, filmed: Any, tmp_path: Path
) -> None:
    clips = with_frames(filmed.clips) if "rawframes" in name else filmed.clips
    found = tried(name)
    found.write(tmp_path / "one", clips)
    first, told = found.read(tmp_path / "one")
    assert told == [] and [clip[:5] for clip in first] == [clip[:5] for clip in clips]
    assert found.write(tmp_path / "two", first) == []
    assert found.read(tmp_path / "two") == (first, [])
    for file in (tmp_path / "one").iterdir():
        assert (tmp_path / "two" / file.name).read_bytes() == file.read_bytes()


def test_the_given_label_map_decides_on_the_numbers(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    labels = LabelMap.of_names(["a", "waving, hand", "tying knot (not on a tie)"], first_id=1)
    stranger = Clip("b", 0.0, 10.0, "swimming", "train", "b_000000_000010.mp4")
    told = tried("pyslowfast").write(tmp_path / "out", [*filmed.clips, stranger], labels=labels)
    assert told == ["error b_000000_000010.mp4: the label 'swimming' is not in the label map"]
    assert (tmp_path / "out/test.csv").read_text().split()[1::2] == ["1", "2"]
    assert (tmp_path / "out/classes.txt").read_text().startswith("a\nwaving, hand\n")


def test_clips_of_a_kinetics_csv_go_by_the_crawlers_names_flat_or_in_a_folder_a_label(
    tried: Any, tmp_path: Path
) -> None:
    media = tmp_path / "media"
    for file in ("a_000000_000010.mp4", "ab cd/b_000000_000010.mp4", "ab_cd/c_000000_000010.mp4"):
        (media / file).parent.mkdir(parents=True, exist_ok=True)
        (media / file).touch()
    clips = [Clip(name, 0.0, 10.0, "ab cd", "train") for name in "abcd"]
    told = tried("mmaction2-video").write(tmp_path / "out", clips, media=media)
    assert told == [
        f"error d 0-10: the file is missing; expected d_000000_000010.mp4 or "
        f"ab cd/d_000000_000010.mp4 or ab_cd/d_000000_000010.mp4 in {media}",
        "warning None: paths hold spaces, so ',' separates path and class: set delimiter to it",
    ]
    assert (tmp_path / "out/train_list_videos.txt").read_text() == (
        "a_000000_000010.mp4,0\nab cd/b_000000_000010.mp4,0\nab_cd/c_000000_000010.mp4,0\n"
    )
    read, _ = tried("mmaction2-video").read(tmp_path / "out")
    assert [clip.file for clip in read] == [
        "a_000000_000010.mp4",
        "ab cd/b_000000_000010.mp4",
        "ab_cd/c_000000_000010.mp4",
    ]


def test_a_file_outside_the_folder_of_the_files_is_missing(tried: Any, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "secret.mp4").touch()
    (tmp_path / "media/in.mp4").touch()
    files = ["../secret.mp4", str(tmp_path / "secret.mp4"), str(tmp_path / "media/in.mp4")]
    clips = [Clip("a", None, None, "x", "train", file) for file in files]
    told = tried("pyslowfast").write(tmp_path / "out", clips, media=tmp_path / "media")
    assert [line.startswith("error") for line in told] == [True, True, False]
    assert (tmp_path / "out/train.csv").read_text() == "in.mp4 0\n"


def test_several_classes_of_a_file_are_one_line_of_the_multi_label_lists(
    tried: Any, tmp_path: Path
) -> None:
    clips = [
        Clip("v", None, None, "b", "train", "v.mp4"),
        Clip("u", None, None, None, "train", "u.mp4"),
        Clip("v", None, None, "a", "train", "v.mp4"),
    ]
    found = tried("mmaction2-video-multi")
    assert found.write(tmp_path / "out", clips) == []
    text = (tmp_path / "out/train_list_videos.txt").read_text()
    assert text == "u.mp4\nv.mp4 1 0\n"
    read, told = found.read(tmp_path / "out")
    assert told == []
    assert sorted(read, key=str) == sorted(clips, key=str)


def test_frames_are_counted_and_offsets_kept(tried: Any, tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("some/directory-1 163 1\nsome/directory-2 12 122 0\n")
    found = tried("mmaction2-rawframes")
    read, told = found.read(tmp_path / "train.txt", labels=LabelMap.of_names(["x", "y"]))
    assert told == []
    assert read == [
        Clip(
            "directory-1", None, None, "y", "train", "some/directory-1",
            details={"num_frames": 163},
        ),
        Clip(
            "directory-2", None, None, "x", "train", "some/directory-2",
            details={"num_frames": 122, "offset": 12},
        ),
    ]  # fmt: skip
    found.write(tmp_path / "out", read)
    written = (tmp_path / "out/train_list_rawframes.txt").read_text()
    assert written == (tmp_path / "train.txt").read_text()


def test_a_clip_without_its_number_of_frames_is_told_of(tried: Any, tmp_path: Path) -> None:
    clip = Clip("v", None, None, "a", "train", "v.mp4", details={"num_frames": 9})
    told = tried("mmaction2-rawframes").write(
        tmp_path / "out", [clip._replace(details=NOTHING), clip]
    )
    assert told == ["error v.mp4: no num_frames; mmaction2-rawframes writes it for each clip"]
    assert (tmp_path / "out/train_list_rawframes.txt").read_text() == "v 9 0\n"


@pytest.mark.parametrize("separator", [" ", ",", "\t", ";"])
def test_any_separator_is_read_and_the_label_is_the_last_cell(
    separator: str, tried: Any, tmp_path: Path
) -> None:
    lines = ["a b/one (x).mp4", "c/two.mp4"]
    text = "".join(f"{path}{separator}{number}\r\n" for number, path in enumerate(lines))
    (tmp_path / "val.csv").write_bytes(b"\xef\xbb\xbf" + text.rstrip().encode())
    (tmp_path / "classes.txt").write_text("x\ny\n")
    read, told = tried("pyslowfast").read(tmp_path / "val.csv")
    assert told == []
    assert read == [
        Clip("one (x)", None, None, "x", "validate", "a b/one (x).mp4"),
        Clip("two", None, None, "y", "validate", "c/two.mp4"),
    ]


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        pytest.param("pyslowfast", "a.mp4", "expected a path, a class", id="no class"),
        pytest.param("pyslowfast", "a.mp4 1 2 3", "expected a path, a class or a", id="many"),
        pytest.param("pyslowfast", "a.mp4 2", "a class from 0 to 1, found 2", id="unknown class"),
        pytest.param("pyslowfast", "a.mp4 -1", "expected classes from 0 on", id="below 0"),
        pytest.param("pyslowfast", "a.mp4 x", "expected a path, a class", id="no number"),
        pytest.param("pyslowfast", "a.mp4  1", "without white space around it", id="two spaces"),
        pytest.param("mmaction2-video", "a.mp4 1 0", "expected a path, a class", id="two classes"),
        pytest.param("mmaction2-rawframes", "a 1", "a path, num_frames, a class", id="no frames"),
        pytest.param("mmaction2-rawframes-multi", "a", "any number of classes", id="nothing"),
    ],
)
def test_a_bad_line_is_named_and_hides_no_good_one(
    name: str, line: str, message: str, tried: Any, tmp_path: Path
) -> None:
    good = "a 7 1" if "rawframes" in name else "b.mp4 1"
    (tmp_path / "train.csv").write_text(f"{good}\n{line}\n{good}\n")
    read, told = tried(name).read(tmp_path / "train.csv", labels=LabelMap.of_names(["x", "y"]))
    assert [clip.label for clip in read] == ["y", "y"]
    assert len(told) == 1 and told[0].startswith("error 2: ") and message in told[0]


def test_a_list_without_classes_keeps_its_numbers(tried: Any, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a.mp4 17\n")
    found = tried("pyslowfast")
    read, _ = found.read(tmp_path / "train.csv")
    assert read == [Clip("a", None, None, None, "train", "a.mp4", details={"label_index": 17})]
    assert found.write(tmp_path / "out", read) == []
    assert (tmp_path / "out/train.csv").read_text() == "a.mp4 17\n"
    assert not (tmp_path / "out/classes.txt").exists()


def test_a_clip_without_a_label_is_none_to_mmaction2_and_an_error_to_pyslowfast(
    tried: Any, tmp_path: Path
) -> None:
    clips = [Clip("a", None, None, None, "test", "a.mp4")]
    assert tried("pyslowfast").write(tmp_path / "one", clips) == [
        "error a.mp4: no label; pyslowfast writes one for each clip"
    ]
    found = tried("mmaction2-video")
    assert found.write(tmp_path / "two", clips) == []
    assert found.read(tmp_path / "two") == (clips, [])
    (tmp_path / "test.txt").write_text("a.mp4 -1\n")
    assert found.read(tmp_path / "test.txt") == (clips, [])


def test_what_a_list_cannot_say_is_told_once(tried: Any, filmed: Any, tmp_path: Path) -> None:
    clips = [
        clip._replace(video_id=f"other {place}", score=0.5, details={"is_cc": True})
        for place, clip in enumerate(filmed.clips)
    ]
    told = tried("pyslowfast").write(tmp_path / "out", clips)
    assert [line.partition(" does not say ")[2] for line in told] == [
        "the is_cc, score of this and 5 more; they are lost there",
        "the video (the file's name tells another) of this and 5 more; it is lost there",
    ]


def test_an_unknown_split_an_empty_file_and_an_empty_folder_are_errors(
    tried: Any, tmp_path: Path
) -> None:
    found = tried("pyslowfast")
    told = found.write(tmp_path / "out", [Clip("a", 0.0, 1.0, "x", "holdout")])
    assert told == ["error a 0-1: the split is 'holdout'; expected train, validate, test or none"]
    with pytest.raises(FormatError, match=r"expected train.csv, val.csv, test.csv"):
        found.read(tmp_path / "out")
    (tmp_path / "train.csv").touch()
    with pytest.raises(FormatError, match=r"train.csv: the file is empty"):
        found.read(tmp_path / "train.csv")


def test_a_format_that_carries_files_asks_for_their_folder(tmp_path: Path) -> None:
    write = write_webdataset
    with pytest.raises(ConfigError, match="give --media FOLDER"):
        write(tmp_path / "x", [Clip("a", 0.0, 1.0, "b")], Options(), Problems(tmp_path))


names = st.text(st.characters(codec="utf-8", exclude_characters="/\0", categories=["L", "N", "P"]))
files = st.tuples(names, names).map(lambda pair: f"{pair[0]}x/x{pair[1]}x.mp4")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(files, st.sampled_from(["a", "b c"])), min_size=1, max_size=5))
def test_any_path_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    clips = [
        Clip(file.rpartition("/")[2][:-4], None, None, label, "train", file) for file, label in rows
    ]
    found = find_format("pyslowfast")
    assert found.read is not None and found.write is not None
    out = tmp_path_factory.mktemp("out") / "lists"
    found.write(out, clips, Options(), Problems(out))
    read = list(found.read(out, Options(), Problems(out)))
    assert [clip.file for clip in read] == [clip.file for clip in clips]
    assert [clip.label for clip in read] == [clip.label for clip in clips]


def test_numbers_are_places_in_the_label_map_however_that_counts(
    tried: Any, tmp_path: Path
) -> None:
    (tmp_path / "val.csv").write_text("a_000011_000001.mp4 0\n")
    labels = LabelMap.of_names(["x", "y"], first_id=1)
    read, told = tried("pyslowfast").read(tmp_path / "val.csv", labels=labels)
    backwards = Clip("a_000011_000001", None, None, "x", "validate", "a_000011_000001.mp4")
    assert (read, told) == ([backwards], [])


def test_a_class_of_two_stretches_stands_once_in_the_line_of_their_file(
    tried: Any, tmp_path: Path
) -> None:
    clips = [Clip("v", start, start + 1, "a", "train", "v.mp4") for start in (0.0, 5.0)]
    told = tried("mmaction2-video-multi").write(tmp_path / "out", clips)
    assert told == [
        "warning v.mp4: a class that comes twice for a file stands once in its line (this)",
        "warning v.mp4: mmaction2-video-multi does not say the start and end (the file's name "
        "tells others) of this and 1 more; it is lost there",
    ]
    assert (tmp_path / "out/train_list_videos.txt").read_text() == "v.mp4 0\n"


@pytest.mark.few("kinetics700_validate.csv.gz")
@pytest.mark.parametrize("name", ["kinetics600_validate.csv.gz", "kinetics700_validate.csv.gz"])
def test_the_official_files_go_through_pyslowfasts_lists_and_come_back(
    name: str, shared: Path, tried: Any, tmp_path: Path
) -> None:
    clips, _ = tried("kinetics").read(shared / "kinetics" / name)
    found = tried("pyslowfast")
    assert found.write(tmp_path / "out", clips) == []
    read, told = found.read(tmp_path / "out")
    assert told == [] and len(read) > 20_000
    assert [clip[:5] for clip in read] == [clip[:5] for clip in clips]


def test_a_list_made_on_windows_names_its_videos(tried: Any, tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text("D:\\my videos\\SOX5yA1l24A_000007_000017.mp4,3\n")
    (clip,), told = tried("pyslowfast").read(path)
    assert (clip[:3], told) == (("SOX5yA1l24A", 7.0, 17.0), [])
    assert clip.file == "D:\\my videos\\SOX5yA1l24A_000007_000017.mp4"


FROM_1 = "a.mp4 1\nb.mp4 2\nc.mp4 3\n"


@pytest.mark.parametrize("name", ["pyslowfast", "mmaction2-video", "mmaction2-video-multi"])
def test_a_list_that_counts_from_1_is_noticed(name: str, tried: Any, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(FROM_1)
    found = tried(name)
    with pytest.raises(FormatError, match=f"all from 1 to 3 are there: {name} counts from 0"):
        found.read(tmp_path / "train.csv", labels=LabelMap.of_names("xyz"))
    for labels in (None, LabelMap.of_names("wxyz")):
        read, (told,) = found.read(tmp_path / "train.csv", labels=labels)
        assert len(read) == 3
        assert "does this list count from 1?" in told
    (tmp_path / "train.csv").write_text(f"{FROM_1}d.mp4 0\n")  # a class too many, but from 0
    read, (told,) = found.read(tmp_path / "train.csv", labels=LabelMap.of_names("xyz"))
    assert [clip.label for clip in read] == ["y", "z", "x"]
    assert told.startswith("error 3: expected a class from 0 to 2, found 3")


@pytest.mark.parametrize("text", ["0: x\n1: y\n", "1,y\n0,x\n", "x,0\ny,1\n"])
def test_numbered_classes_beside_a_list_are_understood(text, tried: Any, tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text(text)
    (tmp_path / "train.csv").write_text("a.mp4 1\nb.mp4 0\n")
    read, told = tried("pyslowfast").read(tmp_path / "train.csv")
    assert ([clip.label for clip in read], told) == (["y", "x"], [])


def test_classes_that_would_be_read_as_numbered_are_not_written(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    clips = [clip._replace(label=f"1: {clip.label}") for clip in filmed.clips]
    with pytest.raises(FormatError, match="take the numbers off"):
        tried("pyslowfast").write(tmp_path / "out", clips, media=filmed.media)
