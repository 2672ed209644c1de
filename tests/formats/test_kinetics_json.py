"""The JSON files of Kinetics and of 3D-ResNets-PyTorch: keyed, so that clips can get lost."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.losses import EXTRA
from kinetics_builder.formats.records import SPLITS, Clip

WASHING = {
    "annotations": {"label": "washing dishes", "segment": [33.0, 43.0]},
    "duration": 10.0,
    "subset": "val",
    "url": "https://www.youtube.com/watch?v=-0TvmZ9L0ho",
}
CLIPS = [
    Clip("b", 33, 43, "washing dishes", "validate"),
    Clip("a", 0.5, 10.25, "açaí (Brazil)", "train"),
    Clip("c", 7, 17, None, "test"),
]
names = st.text("aé-_0'\"\\", min_size=1, max_size=5)


@pytest.fixture
def kinetics(tried: Any) -> Any:
    return tried("kinetics-json")


@pytest.fixture
def resnets(tried: Any) -> Any:
    return tried("resnets3d-json")


def file_of(tmp_path: Path, value: object) -> Path:
    path = tmp_path / "file.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_an_official_entry_is_a_clip(kinetics: Any, tmp_path: Path) -> None:
    path = file_of(tmp_path, {"-0TvmZ9L0ho": WASHING})
    clip = Clip("-0TvmZ9L0ho", 33, 43, "washing dishes", "validate")
    assert kinetics.read(path) == ([clip], [])
    again = tmp_path / "again.json"
    assert kinetics.write(again, [clip]) == []
    assert json.loads(again.read_text()) == {"-0TvmZ9L0ho": {**WASHING, "subset": "validate"}}


def test_what_an_entry_says_beside_the_official_keys_comes_back(
    kinetics: Any, tmp_path: Path
) -> None:
    odd = {
        **WASHING,
        "annotations": {**WASHING["annotations"], "votes": 3},  # type: ignore[dict-item]
        "duration": 9.96,
        "max_frames": 254,
    }
    (clip,), told = kinetics.read(file_of(tmp_path, {"x": odd}))
    assert told == []
    assert clip.details == {
        "duration": 9.96,
        "url": WASHING["url"],
        "annotations": {"votes": 3},
        EXTRA: ("max_frames",),
        "max_frames": 254,
    }
    again = tmp_path / "again.json"
    assert kinetics.write(again, [clip]) == []
    assert kinetics.read(again) == ([clip], [])
    assert json.loads(again.read_text()) == {"x": {**odd, "subset": "validate"}}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(names, st.floats(0, 1e6), st.none() | names), unique_by=lambda x: x[0]))
def test_clips_come_back_in_their_order(
    kinetics: Any, tmp_path: Path, found: list[tuple[str, float, str | None]]
) -> None:
    clips = [
        Clip(video, start, start + 10, label, SPLITS[place % 3])
        for place, (video, start, label) in enumerate(found)
    ]
    path = tmp_path / "file.json"
    assert kinetics.write(path, clips) == []
    assert kinetics.read(path) == (clips, [])


def test_of_two_clips_of_a_video_the_first_is_kept_and_it_is_told(
    kinetics: Any, tmp_path: Path
) -> None:
    path = tmp_path / "file.json"
    second = Clip("b", 145, 155, "threading needle", "validate")
    (told,) = kinetics.write(path, [*CLIPS, second])
    assert told == (
        "warning b: the format has one place for this key: the first clip is kept, "
        "'threading needle' [145.0, 155.0] is lost"
    )
    assert kinetics.read(path) == (CLIPS, [])


def test_official_rows_that_json_would_lose_are_named(
    kinetics: Any, tried: Any, shared: Path, tmp_path: Path
) -> None:
    clips, _ = tried("kinetics").read(shared / "kinetics/kinetics600_validate.csv.gz")
    path = tmp_path / "file.json"
    told = kinetics.write(path, clips)
    assert [text.split(":")[0] for text in told] == [
        "warning CYGlFBgKZV0",
        "warning SN5awGHfw9M",
        "warning Z03StBdQzog",
        "warning dMzycn1d3qU",
        "warning xnC3nngvLCo",
    ]
    found, _ = kinetics.read(path)
    first_of = {clip.video_id: clip for clip in reversed(clips)}
    assert len(found) == len(clips) - 5
    assert found == [clip for clip in clips if clip is first_of[clip.video_id]]


def test_a_key_that_stands_twice_is_read_twice_and_told(kinetics: Any, tmp_path: Path) -> None:
    entry = json.dumps(WASHING)
    path = file_of(tmp_path, f'{{"a": {entry}, "b": {entry}, "a": {entry}}}')
    clips, (told,) = kinetics.read(path)
    assert [clip.video_id for clip in clips] == ["a", "b", "a"]
    assert told.startswith("warning a: this key stands 2 times")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        pytest.param(7, "expected an object, found 7", id="no object"),
        pytest.param({"subset": "val"}, "annotations must be an object", id="no annotations"),
        pytest.param({**WASHING, "subset": "dev"}, "split must be one of", id="split"),
        pytest.param({**WASHING, "subset": 1}, "subset must be text", id="subset"),
        *(
            pytest.param({**WASHING, "annotations": {"label": "x", "segment": segment}}, text)
            for segment, text in [
                ([43, 33], "0 <= start < end"),
                ([-1, 9], "0 <= start < end"),
                ([0], "segment must be"),
                (["0", "9"], "segment must be"),
                (None, "segment must be"),
            ]
        ),
        pytest.param(
            {**WASHING, "annotations": {"label": " ", "segment": [0, 1]}},
            "label must not be empty",
            id="label",
        ),
    ],
)
def test_a_bad_entry_is_named_and_hides_no_good_one(
    kinetics: Any, tmp_path: Path, entry: object, message: str
) -> None:
    path = file_of(tmp_path, {"a": WASHING, "bad": entry, "c": WASHING})
    clips, (told,) = kinetics.read(path)
    assert [clip.video_id for clip in clips] == ["a", "c"]
    assert told.startswith("error bad: ") and message in told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[]", "expected a JSON object as the whole file", id="list"),
        pytest.param("", "the file is empty", id="empty"),
        pytest.param('{"a": {\n}', r"file.json:2: expected JSON", id="cut off"),
        pytest.param("label,youtube_id", "expected JSON", id="csv"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    kinetics: Any, tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        kinetics.read(file_of(tmp_path, text))


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        pytest.param(Clip("x", None, None, "y", "train"), "no start and end", id="times"),
        pytest.param(Clip("x", 0, 10, "y"), "give --split", id="split"),
        pytest.param(Clip("", 0, 10, "y", "train"), "must not be empty", id="id"),
        pytest.param(Clip("x\ud800", 0, 10, "y", "train"), "surrogates not allowed", id="half"),
    ],
)
def test_a_clip_without_what_an_entry_needs_is_left_out(
    kinetics: Any, tmp_path: Path, clip: Clip, message: str
) -> None:
    path = tmp_path / "file.json"
    (told,) = kinetics.write(path, [clip, *CLIPS])
    assert told.startswith("error") and message in told
    assert kinetics.read(path) == (CLIPS, [])


def test_what_an_entry_cannot_say_is_told(kinetics: Any, tmp_path: Path) -> None:
    clip = CLIPS[0]._replace(score=0.5, file="x/b.mp4", details={"is_cc": True, "duration": 9})
    told = kinetics.write(tmp_path / "file.json", [clip])
    assert [text.split(" say the ")[1].split(" of ")[0] for text in told] == ["file, is_cc, score"]


RESNETS = {
    "labels": ["abseiling", "air drumming"],
    "database": {
        "-8nW_000005_000015": {
            "subset": "training",
            "annotations": {"label": "air drumming", "segment": [1, 301]},
        },
        "v_x_g01": {
            "subset": "validation",
            "annotations": {"label": "abseiling", "segment": [31, 61]},
            "video_path": "abseiling/v_x_g01",
        },
        "c_000007_000017": {"subset": "testing", "annotations": {"segment": [1, 251]}},
    },
}
RESNETS_CLIPS = [
    Clip("-8nW", 5, 15, "air drumming", "train", details={"label_index": 1, "num_frames": 300}),
    Clip(
        "v_x_g01",
        None,
        None,
        "abseiling",
        "validate",
        "abseiling/v_x_g01",
        details={"label_index": 0, "segment": [31, 61]},
    ),
    Clip("c", 7, 17, None, "test", details={"num_frames": 250}),
]


def test_a_3d_resnets_file_comes_back_equal(resnets: Any, tmp_path: Path) -> None:
    path = file_of(tmp_path, RESNETS)
    assert resnets.read(path) == (RESNETS_CLIPS, [])
    again = tmp_path / "again.json"
    assert resnets.write(again, RESNETS_CLIPS) == []
    assert json.loads(again.read_text()) == RESNETS
    assert again.read_text().startswith('{"labels": ["abseiling", "air drumming"],\n"database": {')


def test_labels_stand_as_they_come_or_as_the_label_map_has_them(
    resnets: Any, tmp_path: Path
) -> None:
    clips = [Clip("b", 0, 1, "y", "train"), Clip("a", 0, 1, "x", "train")]
    path = tmp_path / "file.json"
    assert resnets.write(path, clips, frames_per_second=25.0) == []
    assert json.loads(path.read_text())["labels"] == ["y", "x"]
    labels = LabelMap.of_names(["w", "x", "y"])
    assert resnets.write(path, clips, frames_per_second=25.0, labels=labels) == []
    assert json.loads(path.read_text())["labels"] == ["w", "x", "y"]
    assert [clip.details["label_index"] for clip in resnets.read(path)[0]] == [2, 1]
    (told,) = resnets.write(path, clips, frames_per_second=25.0, labels=LabelMap.of_names(["y"]))
    assert told == "error a: the label 'x' is not in the label map"


def test_classes_left_out_by_label_index_are_told(resnets: Any, tmp_path: Path) -> None:
    clips = [
        Clip("b", 0, 1, "y", "train", details={"label_index": 4, "num_frames": 9}),
        Clip("a", 0, 1, "x", "train", details={"label_index": 2, "num_frames": 9}),
    ]
    path = tmp_path / "file.json"
    (told,) = resnets.write(path, clips)
    assert "leaves out classes" in told and "--label-map" in told
    assert json.loads(path.read_text())["labels"] == ["x", "y"]


def test_without_frames_there_is_no_segment_and_it_is_told(resnets: Any, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    (told,) = resnets.write(path, [Clip("b", 0, 10, "y", "train"), Clip("a", 0, 9, "x", "test")])
    assert told.startswith("warning b: no num_frames of this and 1 more") and "--fps" in told
    assert resnets.write(path, [Clip("b", 0, 10, "y", "train")], frames_per_second=30.0) == []
    entry = json.loads(path.read_text())["database"]["b_000000_000010"]
    assert entry["annotations"]["segment"] == [1, 301]


def test_a_clip_with_two_labels_and_one_off_the_second_are_told(
    resnets: Any, tmp_path: Path
) -> None:
    clips = [
        Clip("a", 0, 10, "x", "train", details={"num_frames": 9}),
        Clip("a", 0, 10, "y", "train", details={"num_frames": 9}),
        Clip("b", 0.5, 10.5, "x", "train", details={"num_frames": 9}),
    ]
    path = tmp_path / "file.json"
    told = sorted(resnets.write(path, clips))
    assert told[0].endswith("the first clip is kept, 'y' (training) is lost")
    assert told[1].startswith("warning b: resnets3d-json does not say the exact start")
    found, _ = resnets.read(path)
    assert [clip[:4] for clip in found] == [("a", 0, 10, "x"), ("b", 0, 11, "x")]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        pytest.param({"subset": "training"}, "annotations must be an object", id="annotations"),
        pytest.param({"annotations": {}}, "subset must be text", id="subset"),
        pytest.param(
            {"subset": "training", "annotations": {"label": "z"}}, "not in the label map", id="z"
        ),
        pytest.param(
            {"subset": "training", "annotations": {"segment": [0.0, 10.0]}},
            "segment must be",
            id="seconds",
        ),
    ],
)
def test_a_bad_3d_resnets_entry_is_named(
    resnets: Any, tmp_path: Path, entry: object, message: str
) -> None:
    database = {"bad": entry, **RESNETS["database"]}  # type: ignore[dict-item]
    clips, (told,) = resnets.read(file_of(tmp_path, {**RESNETS, "database": database}))
    assert clips == RESNETS_CLIPS
    assert told.startswith("error bad: ") and message in told


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param({"labels": ["a"]}, "a JSON object at 'database'", id="no database"),
        pytest.param({"database": {}}, "a list of names at 'labels'", id="no labels"),
        pytest.param({"labels": ["a", "a"], "database": {}}, "stands twice", id="twice"),
    ],
)
def test_another_json_file_is_no_3d_resnets_file(
    resnets: Any, tmp_path: Path, value: object, message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        resnets.read(file_of(tmp_path, value))
