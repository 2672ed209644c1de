"""Columns that a tool can learn from a few rows: the same types in every row and split."""

import json
import math
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.json
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kinetics_builder.formats.format import Options
from kinetics_builder.formats.losses import EXTRA
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.training.column_types import Type, kind_of, type_of

HUGGING_FACE, WEBDATASET = "huggingface-videofolder", "webdataset"
SPLITS = ("train", "validate", "test")


@pytest.fixture
def media(tmp_path: Path) -> Path:
    (tmp_path / "media").mkdir()
    for number in range(9):
        (tmp_path / "media" / f"{number}.mp4").write_bytes(b"film")
    return tmp_path / "media"


def clips_with(details: list[dict[str, object]], **fields: Any) -> list[Clip]:
    """Return a clip for each, three a split."""
    return [
        Clip(f"v{n}", 0.0, 10.0, "a", SPLITS[n // 3], f"{n}.mp4", details=one)._replace(**fields)
        for n, one in enumerate(details)
    ]


def strictly(text: str | bytes) -> Any:
    """Return what JSON says; NaN and Infinity are none."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """Return the JSON of all samples, or of all lines, in the order of the splits."""
    rows = []
    for shard in [folder / f"{split}-000000.tar" for split in ("train", "val", "test")]:
        if shard.exists():
            with tarfile.open(shard) as tar:
                names = [name for name in tar.getnames() if name.endswith(".json")]
                rows += [strictly(tar.extractfile(name).read()) for name in names]
    for split in ("train", "validation", "test"):
        if (lines := folder / split / "metadata.jsonl").exists():
            rows += map(strictly, lines.read_text().splitlines())
    return rows


ODD_COLUMNS = [
    pytest.param([{}] * 6 + [{"licence": "x", "rate": 1.5}] * 3, id="empty in the first splits"),
    pytest.param([{"rate": 1.5}] + [{}] * 8, id="empty but in the first row"),
    pytest.param([{"n": 1}, {"n": 2.5}, {}] * 3, id="whole numbers and others"),
    pytest.param([{"is_cc": True}, {}, {"is_cc": False}] * 3, id="true, false or nothing"),
    pytest.param([{"x": "a"}, {"x": 1}, {"x": [2]}] * 3, id="text, numbers and lists"),
    pytest.param([{"x": [1]}, {"x": ["a", 1]}, {"x": []}] * 3, id="lists of all kinds"),
    pytest.param([{"x": {"a": 1}}, {"x": {"b": None}}, {}] * 3, id="objects"),
    pytest.param([{"x": 10**30}, {"x": 1}, {}] * 3, id="numbers of more than 64 bits"),
    pytest.param([{EXTRA: ("a", "b"), "a": "1", "b": "2"}, {}, {}] * 3, id="extra columns"),
]


@pytest.mark.parametrize("details", ODD_COLUMNS)
@pytest.mark.parametrize("name", [WEBDATASET, HUGGING_FACE])
def test_every_row_has_every_column_with_a_value_of_its_type(
    name: str, details: list[dict[str, object]], tried: Any, media: Path, tmp_path: Path
) -> None:
    tried(name).write(tmp_path / "out", clips_with(details), media=media)
    rows = rows_of(tmp_path / "out")
    schemas = {pyarrow.Table.from_pylist([row]).schema for row in rows}
    assert len(rows) == 9 and len(schemas) == 1
    assert pyarrow.null() not in schemas.pop().types


kinds = st.sampled_from(
    [st.booleans(), st.integers(-5, 5), st.floats(-5, 5), st.text("ab", min_size=1)]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(column=kinds.flatmap(lambda one: st.lists(st.none() | one, min_size=9, max_size=9)))
def test_what_is_written_comes_back(
    column: list[object], media: Path, tmp_path_factory: Any
) -> None:
    clips = clips_with([{} if value is None else {"x": value} for value in column])
    for name in (WEBDATASET, HUGGING_FACE):
        out = tmp_path_factory.mktemp("out") / "out"
        found = find_format(name)
        assert found.write is not None and found.read is not None
        found.write(out, clips, Options(media=media), Problems(out))
        read = list(found.read(out, Options(), Problems(out)))
        nothing = "" if any(isinstance(value, str) for value in column) else None
        assert [one.details.get("x") for one in read] == [
            nothing if value is None else value for value in column
        ]


@pytest.mark.parametrize("name", [WEBDATASET, HUGGING_FACE])
def test_lists_objects_and_flags_come_back_as_they_were(
    name: str, tried: Any, media: Path, tmp_path: Path
) -> None:
    details: list[dict[str, object]] = [
        {"is_cc": True, "tags": ["a", 1], "facts": {"b": [None]}, EXTRA: ("tags",)},
        {"is_cc": False, "tags": [], "label_index": 0},
        *[{}] * 7,
    ]
    found = tried(name)
    assert found.write(tmp_path / "out", clips_with(details), media=media) == []
    read, told = found.read(tmp_path / "out")
    assert told == []
    first, second, third = [
        {key: value for key, value in clip.details.items() if key != "label_index"}
        for clip in read[:3]
    ]
    assert first == details[0] and first["is_cc"] is True
    assert second == {"is_cc": False, "tags": [], "facts": ""} and second["is_cc"] is False
    assert third == {"tags": "", "facts": ""}


def test_a_clip_without_times_or_score_has_none_again(
    tried: Any, media: Path, tmp_path: Path
) -> None:
    clips = clips_with([{}] * 3)
    clips[1] = clips[1]._replace(start_seconds=None, end_seconds=None)
    clips[2] = clips[2]._replace(score=0.5)
    for name in (WEBDATASET, HUGGING_FACE):
        found = tried(name)
        assert found.write(tmp_path / name, clips, media=media) == []
        read, _ = found.read(tmp_path / name)
        assert [(*one[1:3], one.score) for one in read] == [
            (0.0, 10.0, None),
            (None, None, None),
            (0.0, 10.0, 0.5),
        ]


@pytest.mark.parametrize("name", [WEBDATASET, HUGGING_FACE])
def test_what_is_written_is_json_whatever_is_missing(
    name: str, tried: Any, media: Path, tmp_path: Path
) -> None:
    clips = clips_with([{"is_cc": True, "rate": 29.97, "n": 3}, {}, {}] * 3)
    clips[1] = clips[1]._replace(start_seconds=None, end_seconds=None, score=0.25)
    assert tried(name).write(tmp_path / "out", clips, media=media) == []
    first, second, *_ = rows_of(tmp_path / "out")
    assert (first["is_cc"], first["rate"], first["n"], first["score"]) == ("true", "29.97", "3", "")
    assert (second["rate"], second["start_seconds"], second["score"]) == ("", "", "0.25")
    assert first["numbers_as_text"] == [
        "start_seconds", "end_seconds", "score", "is_cc", "n", "rate"
    ]  # fmt: skip
    read, told = tried(name).read(tmp_path / "out")
    assert told == []
    found = [{**one.details, "label_index": None, "times": one[1:3], "score": one.score}
             for one in read]  # fmt: skip
    assert found[0] == {"is_cc": True, "rate": 29.97, "n": 3, "label_index": None,
                        "times": (0.0, 10.0), "score": None}  # fmt: skip
    assert found[0]["is_cc"] is True and isinstance(found[0]["n"], int)
    assert found[1] == {"label_index": None, "times": (None, None), "score": 0.25}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"score": math.inf}, "inf as score"),
        ({"score": -math.inf}, "-inf as score"),
        ({"details": {"rate": math.inf}}, "inf as rate"),
        ({"details": {"x": [1.0, math.nan]}}, "[1.0, nan] as x"),
        ({"details": {"x": {"y": [math.inf]}}}, "{'y': [inf]} as x"),
    ],
)
@pytest.mark.parametrize("name", [WEBDATASET, HUGGING_FACE])
def test_numbers_that_json_does_not_know_are_refused_with_their_clip(
    name: str, changed: dict[str, Any], found: str, tried: Any, media: Path, tmp_path: Path
) -> None:
    good, bad = clips_with([{}] * 2)
    told = tried(name).write(tmp_path / "out", [good, bad._replace(**changed)], media=media)
    assert told == [f"error {bad.video_id}: expected finite numbers, found {found}"]
    assert [clip.video_id for clip in tried(name).read(tmp_path / "out")[0]] == ["v0"]


def test_a_typed_table_has_null_for_numbers_that_are_missing(
    tried: Any, media: Path, tmp_path: Path
) -> None:
    clips = [one._replace(details={"is_cc": True} if n == 1 else {})
             for n, one in enumerate(of_dates("2020-01-0{}"))]  # fmt: skip
    assert tried(HUGGING_FACE).write(tmp_path / "out", clips, media=media) == []
    table = pyarrow.parquet.read_table(tmp_path / "out/train/metadata.parquet")
    assert table["is_cc"].to_pylist() == [None, 1.0, None]
    read, _ = tried(HUGGING_FACE).read(tmp_path / "out")
    assert [one.details.get("is_cc") for one in read[:3]] == [None, True, None]


@pytest.mark.parametrize("text", ["x", "[1]", "null", "1 2"])
def test_a_text_that_is_called_a_number_and_is_none_is_an_error(
    text: str, tried: Any, tmp_path: Path
) -> None:
    row = {"file_name": "a.mp4", "n": text, "numbers_as_text": ["n"]}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(row))
    read, (told,) = tried(HUGGING_FACE).read(tmp_path)
    assert read == [] and f"expected a number as text, found {text!r}" in told


def of_dates(video: str) -> list[Clip]:
    return [one._replace(video_id=video.format(n)) for n, one in enumerate(clips_with([{}] * 9), 1)]


@pytest.mark.parametrize("video", ["2020-01-0{}", "2020-01-0{} 10:30", "2020-01-0{}T10:30:00Z"])
def test_ids_that_are_dates_stay_text(video: str, tried: Any, media: Path, tmp_path: Path) -> None:
    clips = of_dates(video)
    line = json.dumps({"video_id": clips[0].video_id}).encode()
    misread = pyarrow.json.read_json(BytesIO(line)).schema.field("video_id").type
    assert misread == pyarrow.timestamp("s")  # why the table is not one of JSON Lines
    found = tried(HUGGING_FACE)
    assert found.write(tmp_path / "out", clips, media=media) == []
    for split in ("train", "validation", "test"):
        assert [file.name for file in (tmp_path / "out" / split).glob("metadata.*")] == [
            "metadata.parquet"
        ]
        schema = pyarrow.parquet.read_schema(tmp_path / "out" / split / "metadata.parquet")
        assert [str(kind) for kind in schema.types] == ["string"] * 3 + ["double"] * 2
    read, told = found.read(tmp_path / "out")
    assert told == []
    assert [one[:5] for one in read] == [one[:5] for one in clips]


@pytest.mark.parametrize(
    ("kinds", "is_complete", "column"),
    [
        ({"text"}, False, Type.TEXT),
        ({"true or false"}, True, Type.FLAG),
        ({"true or false"}, False, Type.SPARSE),
        ({"whole number"}, True, Type.WHOLE),
        ({"whole number"}, False, Type.SPARSE),
        ({"whole number", "number"}, True, Type.NUMBER),
        ({"list of texts"}, True, Type.TEXTS),
        ({"list of texts"}, False, Type.JSON),
        ({"list of texts", "list of numbers"}, True, Type.JSON),
        ({"text", "whole number"}, True, Type.TEXT),
        ({"number of more than 64 bits"}, True, Type.TEXT),
    ],
)
def test_a_column_has_a_type_that_fits_all_its_values(
    kinds: set[str], is_complete: bool, column: Type
) -> None:
    assert type_of(kinds, is_complete=is_complete) is column


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_whole_numbers_end_at_64_bits(value: int) -> None:
    assert kind_of(value) == "number of more than 64 bits"
    assert kind_of(value - 1 if value > 0 else value + 1) == "whole number"


def test_a_table_of_cells_is_read(tried: Any, tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train/metadata.csv").write_text(
        "file_name,label,start_seconds,end_seconds,caption\n"
        'a.mp4,"waving, hand",1,11,\nb.mp4,3,,,hello\n,x,,,\nc.mp4,x,one,2,\n'
    )
    read, told = tried(HUGGING_FACE).read(tmp_path)
    assert read == [
        Clip("a", 1.0, 11.0, "waving, hand", "train", "train/a.mp4"),
        Clip("b", None, None, None, "train", "train/b.mp4", None,
             {"caption": "hello", "label_index": 3}),
    ]  # fmt: skip
    assert [line.partition(":")[0] for line in told] == ["error 4", "error 5"]


def test_a_typed_table_of_others_is_read(tried: Any, tmp_path: Path) -> None:
    (tmp_path / "validation").mkdir()
    table = pyarrow.table(
        {
            "file_name": ["a.mp4", None],
            "label": pyarrow.array([2, 3], pyarrow.int32()),
            "day": pyarrow.array([0, 0], pyarrow.timestamp("s")),
            "score": [None, 0.5],
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "validation/metadata.parquet")
    read, told = tried(HUGGING_FACE).read(tmp_path)
    details = {"day": "1970-01-01 00:00:00", "label_index": 2}
    assert read == [Clip("a", None, None, None, "validate", "validation/a.mp4", None, details)]
    assert [line.partition(":")[0] for line in told] == ["error 2"]


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more"])
def test_a_broken_typed_table_is_one_error(content: bytes, tried: Any, tmp_path: Path) -> None:
    (tmp_path / "metadata.parquet").write_bytes(content)
    with pytest.raises(Exception, match=r"metadata\.parquet: expected a Parquet file"):
        tried(HUGGING_FACE).read(tmp_path)


def test_a_table_has_no_numbers_that_other_files_cannot_hold(tried: Any, tmp_path: Path) -> None:
    columns = {
        "file_name": ["a.mp4", "b.mp4"],
        "views": [math.nan, math.inf],
        "tags": [[1.5, math.nan], [2.5]],
    }
    (tmp_path / "train").mkdir()
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "train" / "metadata.parquet")
    (only,), told = tried("huggingface-videofolder").read(tmp_path)
    assert only.details == {"tags": [1.5, None]}
    assert len(told) == 1 and "expected numbers, found Infinity" in told[0]
