"""Kinetics CSVs: exact bytes out, what comes from the wild in, errors with file and line."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.clips.kinetics.csv_files import read_kinetics, write_kinetics
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.losses import EXTRA
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import SPLITS, Clip

HEADER = "label,youtube_id,time_start,time_end,split\n"
GOLDEN = (
    HEADER
    + "carving ice,--GkrdYZ9Tc,0,10,validate\n"
    + '"laughing, loudly",---QUuC4vJs,84,94,train\n'
    + "açaí bowl 'making' (Brazil),abc_-123,7,17,test\n"
)
CLIPS = [
    Clip("--GkrdYZ9Tc", 0, 10, "carving ice", "validate"),
    Clip("---QUuC4vJs", 84, 94, "laughing, loudly", "train"),
    Clip("abc_-123", 7, 17, "açaí bowl 'making' (Brazil)", "test"),
]


def read(path: Path, options: Options = Options()) -> list[Clip]:  # noqa: B008
    return list(read_kinetics(path, options, Problems(path)))


def read_all(path: Path) -> tuple[list[Clip], list[str]]:
    told: list[Problem] = []
    problems = Problems(path, on_error=told.append, on_warning=told.append)
    return list(read_kinetics(path, Options(), problems)), [str(problem) for problem in told]


def write(path: Path, clips: list[Clip], options: Options = Options()) -> list[str]:  # noqa: B008
    told: list[Problem] = []
    problems = Problems(path, on_error=told.append, on_warning=told.append)
    write_kinetics(path, clips, options, problems)
    return [f"{problem.severity} {problem.item}: {problem.message}" for problem in told]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(text, "utf-8")
    return path


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda word: word == word.strip() and word[0] != "/" and ".." not in word and ":" not in word
)


@st.composite
def files(draw: st.DrawFn) -> list[Clip]:
    """Clips that one Kinetics file can hold."""
    is_test, has_cc, has_report = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())

    def clip() -> Clip:
        start = draw(st.integers(0, 10**6))
        details: dict[str, object] = {"is_cc": draw(st.booleans())} if has_cc else {}
        if has_report:
            details |= {EXTRA: ("status", "reason"), "status": draw(words)}
        return Clip(
            draw(words),
            start,
            start + draw(st.integers(1, 100)),
            None if is_test else draw(words),
            draw(st.sampled_from(SPLITS)),
            details=details,
        )

    return [clip() for _ in range(draw(st.integers(0, 4)))]


def test_the_bytes_are_those_of_the_golden_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    assert write(path, CLIPS) == []
    assert path.read_bytes() == GOLDEN.encode()
    assert read(path) == CLIPS


def test_no_clips_are_a_header(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    assert write(path, []) == []
    assert path.read_text() == HEADER and read(path) == []


@settings(max_examples=30, deadline=None)
@given(files())
def test_clips_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, clips: list[Clip]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    assert write(path, clips) == []
    assert read(path) == clips


@pytest.mark.parametrize(
    "name",
    [
        "kinetics-400_val.csv",
        "kinetics400_train_subset_26779rows.csv.gz",
        "kinetics400_validate.csv.gz",
        "kinetics600_validate.csv.gz",
        "kinetics700_test.csv.gz",
        "kinetics700_validate.csv.gz",
    ],
)
def test_official_files_come_back_equal(shared: Path, tmp_path: Path, name: str) -> None:
    official = shared / "kinetics" / name
    clips, told = read_all(official)
    assert told == []
    content = official.read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    assert len(clips) == text.count("\n") - 1
    again = tmp_path / "again.csv"
    assert write(again, clips) == []
    assert read(again) == clips
    # Mirrors have CRLF, val and needless quotes; DeepMind's own files come back as their bytes.
    plain = re.sub('"([^",]*)"', r"\1", text.replace("\r\n", "\n"))
    assert again.read_text() == plain.replace(",val,", ",validate,")


def test_official_files_say_what_they_are_known_to_say(shared: Path) -> None:
    folder = shared / "kinetics"
    of_700 = read(folder / "kinetics700_validate.csv.gz")
    assert len(of_700) == 33_909 and len({clip.label for clip in of_700}) == 700
    of_400 = read(folder / "kinetics-400_val.csv")
    assert of_400[0] == Clip(
        "0wR5jVB-WPk", 417, 427, "abseiling", "validate", details={"is_cc": False}
    )
    of_test = read(folder / "kinetics700_test.csv.gz")
    assert {(clip.label, clip.split) for clip in of_test} == {(None, "test")}


def test_columns_go_by_their_names_and_others_to_the_details(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "status,time_end,split,youtube_id,reason,time_start,label\n"
        "Downloaded,17,training,a,,7,waving\n"
        "Unavailable,10,Val,b,Copyright,0,waving\n",
    )
    extra = ("status", "reason")
    assert read(path) == [
        Clip("a", 7, 17, "waving", "train", details={EXTRA: extra, "status": "Downloaded"}),
        Clip(
            "b",
            0,
            10,
            "waving",
            "validate",
            details={EXTRA: extra, "status": "Unavailable", "reason": "Copyright"},
        ),
    ]
    again = tmp_path / "again.csv"
    assert write(again, read(path)) == []
    assert again.read_text() == (
        "label,youtube_id,time_start,time_end,split,status,reason\n"
        "waving,a,7,17,train,Downloaded,\nwaving,b,0,10,validate,Unavailable,Copyright\n"
    )


def test_a_file_without_splits_has_that_of_the_options_or_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "kinetics_val.csv"
    path.write_text("youtube_id,time_start,time_end\na,0,10\n")
    assert read(path) == [Clip("a", 0, 10, None, "validate")]
    assert read(path, Options(split="test")) == [Clip("a", 0, 10, None, "test")]


@pytest.mark.parametrize(
    "wild",
    [
        pytest.param(b"\xef\xbb\xbf" + GOLDEN.encode(), id="byte order mark"),
        pytest.param(GOLDEN.encode("utf-16"), id="utf-16"),
        pytest.param(GOLDEN.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(GOLDEN.replace("\n", "\n\n \n").encode(), id="blank lines"),
        pytest.param(GOLDEN.strip().encode(), id="no last newline"),
        pytest.param(GOLDEN.replace("carving ice", '"carving ice"').encode(), id="quotes"),
        pytest.param(GOLDEN.replace(",validate", ",Validation ").encode(), id="split"),
        pytest.param(GOLDEN.replace(",0,10,", ",0.0,10.0,").encode(), id="decimals"),
        pytest.param(gzip.compress(GOLDEN.encode()), id="gzip under another name"),
    ],
)
def test_what_comes_from_the_wild_reads_the_same(tmp_path: Path, wild: bytes) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(wild)
    assert read_all(path) == (CLIPS, [])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("a,b,1,11", "expected 5 cells, found 4", id="too few cells"),
        pytest.param(",b,1,11,train", "label must not be empty", id="no label"),
        pytest.param("a, ,1,11,train", "youtube_id must not be empty", id="no video"),
        pytest.param("a,b,1,11,dev", "split must be one of train", id="split"),
        pytest.param("a,b,11,1,train", "time_start < time_end, found 11 and 1", id="backwards"),
        pytest.param("a,b,-1,9,train", "seconds from 0 on, found '-1'", id="before the start"),
        pytest.param("a,b,x,9,train", "found 'x'", id="not a number"),
        pytest.param("a,b,1_0,19,train", "found '1_0'", id="a number in Python alone"),
        pytest.param("a,b,0,nan,train", "found 'nan'", id="nan"),
        pytest.param("a,b,0,inf,train", "found 'inf'", id="infinity"),
        pytest.param('"a,b,1,11,train', "quotes that do not fit", id="a quote left open"),
        pytest.param('"a"b,b,1,11,train', "quotes that do not fit", id="text behind quotes"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line_and_hides_no_good_one(
    tmp_path: Path, line: str, message: str
) -> None:
    path = written(tmp_path, f"{HEADER}a,b,1,11,train\n{line}\na,c,2,12,train\n")
    clips, (told,) = read_all(path)
    assert [clip.video_id for clip in clips] == ["b", "c"]
    assert told.startswith(f"{path}:3: ") and message in told
    with pytest.raises(FormatError, match=r"rows.csv:3: "):
        read(path)


def test_bytes_of_another_encoding_cost_their_row_unless_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(GOLDEN.encode("latin-1"))
    clips, (told,) = read_all(path)
    assert clips == CLIPS[:2] and told.startswith(f"{path}:4: ") and "--encoding" in told
    assert read(path, Options(encoding="latin-1")) == CLIPS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("label,id\n", r"rows.csv:1: expected a header with youtube_id", id="header"),
        pytest.param("youtube_id,split,split,time_start,time_end\n", "stands twice", id="twice"),
        pytest.param("", "the file is empty", id="empty"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(written(tmp_path, text))


def test_times_become_whole_seconds_and_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    (told,) = write(path, [Clip("a", 7.25, 17.25, "waving", "train")])
    assert told == (
        "warning a: kinetics does not say the exact start and end of this; it is lost there"
    )
    assert read(path) == [Clip("a", 7, 18, "waving", "train")]


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        pytest.param(Clip("b", 0, 1, None, "train"), "no label, where the first", id="label"),
        pytest.param(Clip("b", None, None, "x", "train"), "no start and end", id="times"),
        pytest.param(Clip("b", 0, 1, "x"), "give --split", id="split"),
        pytest.param(Clip("b", 0, 1, "x\ny", "train"), "line break", id="line break"),
        pytest.param(Clip("b", 0, 1, " ", "train"), "label must not be empty", id="empty label"),
    ],
)
def test_a_clip_that_does_not_fit_is_left_out_and_told(
    tmp_path: Path, clip: Clip, message: str
) -> None:
    path = tmp_path / "rows.csv"
    (told,) = write(path, [CLIPS[0], clip, CLIPS[1]])
    assert told.startswith("error b: ") and message in told
    assert read(path) == CLIPS[:2]


def test_a_label_does_not_fit_where_the_first_clip_has_none(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    test = Clip("a", 0, 10, None, "test")
    (told,) = write(path, [test, CLIPS[0]])
    assert "a label, where the first clip has none" in told
    assert read(path) == [test]


def test_a_split_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    assert write(path, [Clip("a", 0, 1, "x")], Options(split="test")) == []
    assert read(path) == [Clip("a", 0, 1, "x", "test")]


def test_an_empty_is_cc_in_the_first_row_costs_no_other_row_its_own(tmp_path: Path) -> None:
    head = "label,youtube_id,time_start,time_end,split,is_cc\n"
    text = f"{head}riding,a,0,10,train,\nriding,b,0,10,train,1\nriding,c,0,10,train,\n"
    clips, again = read(written(tmp_path, text)), tmp_path / "again.csv"
    assert [clip.details.get("is_cc") for clip in clips] == [None, True, None]
    assert write(again, clips) == []
    assert again.read_text() == text


def test_what_has_no_column_is_told_once_with_its_number(tmp_path: Path) -> None:
    clips = [
        Clip("a", 0, 10, "x", "train", "x/a_000000_000010.mp4", details={"is_cc": True}),
        Clip("b", 0, 10, "x", "train", "x/b.mp4", details={"num_frames": 250}),
        Clip("c", 0, 10, "x", "train", None, 0.5, details={"num_frames": 250, "is_cc": True}),
    ]
    path = tmp_path / "rows.csv"
    told = write(path, clips)
    assert told == [
        "warning b: no is_cc, which the first clip has; its cell stays empty (this)",
        "warning b: kinetics does not say the file of this; it is lost there",
        "warning b: kinetics does not say the num_frames of this and 1 more; it is lost there",
        "warning c: kinetics does not say the score of this; it is lost there",
    ]
    assert path.read_text().splitlines()[2] == "x,b,0,10,train,"
    assert read(path)[1] == Clip("b", 0, 10, "x", "train", details={EXTRA: ("is_cc",)})


@pytest.mark.parametrize(
    "name", ["kinetics", "kinetics-json", "resnets3d-json", "kinetics-submission"]
)
@pytest.mark.parametrize(("start", "end"), [(0.0, 0.0), (3.0, 2.0), (-1.0, 2.0)])
def test_no_stretch_is_written_that_cannot_be_read(
    tried: Any, tmp_path: Path, name: str, start: float, end: float
) -> None:
    clip = Clip("a", start, end, "x", "train", None, 0.5 if "submission" in name else None)
    (told,) = tried(name).write(tmp_path / "out", [clip])
    assert told == f"error a: expected 0 <= start < end in seconds, found {start} and {end}"


def test_white_space_around_an_id_or_a_label_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "x, a,0,10,train\nx ,a,0,10,train\nx,a,0,10,train\n")
    clips, told = read_all(path)
    assert clips == [Clip("a", 0, 10, "x", "train")]
    assert [line.split(",")[0] for line in told] == [
        f"{path}:2: youtube_id must not be empty",
        f"{path}:3: label must not be empty",
    ]


def test_a_column_called_extra_is_kept_like_any_other(tried: Any, tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    text = "label,youtube_id,time_start,time_end,split,extra\nwave,a,0,10,train,seen\n"
    path.write_text(text)
    found = tried("kinetics")
    clips, told = found.read(path)
    assert told == [] and clips[0].details["extra"] == "seen"
    assert found.write(tmp_path / "again.csv", clips) == []
    assert (tmp_path / "again.csv").read_text() == text


@pytest.mark.parametrize(
    ("file", "num_other", "has_cc"),
    [
        ("kinetics400_validate.csv.gz", 0, False),
        ("kinetics400_train_subset_26779rows.csv.gz", 0, True),
        ("kinetics600_validate.csv.gz", 0, False),
        ("kinetics700_validate.csv.gz", 6, False),
        ("kinetics700_test.csv.gz", 24, False),
        ("kinetics-400_val.csv", 0, True),
    ],
)
def test_what_the_page_says_of_the_official_files(
    file: str, num_other: int, has_cc: bool, tried: Any, shared: Path
) -> None:
    clips, _ = tried("kinetics").read(shared / "kinetics" / file)
    others = [
        c.end_seconds - c.start_seconds for c in clips if c.end_seconds != c.start_seconds + 10
    ]
    assert (len(others), any("is_cc" in clip.details for clip in clips)) == (num_other, has_cc)
    assert all(5 <= length <= 9 for length in others)


HOLDOUT = "label,youtube_id,time_start,time_end,split\na,b,0,10,holdout_test\nc,d,1,11,test\n"


def test_the_second_test_split_of_kinetics_600_comes_back(tried: Any, tmp_path: Path) -> None:
    path = tmp_path / "kinetics600_holdout_test.csv"
    path.write_text(HOLDOUT)
    clips, told = tried("kinetics").read(path)
    assert (told, [clip.split for clip in clips]) == ([], ["test", "test"])
    assert tried("kinetics").write(tmp_path / "out.csv", clips) == []
    assert (tmp_path / "out.csv").read_text() == HOLDOUT
    activitynet = tried("kinetics-json")
    told = activitynet.write(tmp_path / "out.json", clips)
    assert ["split_name" in one for one in told] == [True]
