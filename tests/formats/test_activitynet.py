"""ActivityNet's annotations, submissions and taxonomy."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.losses import EXTRA
from kinetics_builder.formats.records import Clip, Label

Tried = Callable[[str, str], Any]

NODES = [
    {"parentName": None, "nodeName": "Root", "nodeId": 269, "parentId": None},
    {"parentName": "Root", "nodeName": "Archery", "nodeId": 12, "parentId": 269},
]
VIDEO = {
    "duration": 82.5,
    "subset": "training",
    "resolution": "320x240",
    "url": "https://www.youtube.com/watch?v=QOlSCBRmfWY",
    "annotations": [
        {"segment": [6.25, 77], "label": "Archery"},
        {"segment": [80.0, 81.5], "label": "Ballet"},
    ],
}
DETAILS = {
    "duration_seconds": 82.5,
    "resolution": "320x240",
    "url": "https://www.youtube.com/watch?v=QOlSCBRmfWY",
}
ONCE = {"version": "VERSION 1.2", "taxonomy": NODES}


@pytest.fixture
def truth(tried: Tried) -> Any:
    return tried("activitynet")


def submission(tried: Tried, task: str) -> Any:
    return tried(f"activitynet-{task}")


def saved(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value))
    return path


def database(**videos: object) -> dict[str, object]:
    return {"database": videos, "taxonomy": NODES, "version": "VERSION 1.2"}


def test_annotations_are_read_with_what_the_file_says_once(truth: Any, tmp_path: Path) -> None:
    file = database(QOlSCBRmfWY=VIDEO, hidden={"subset": "testing", "annotations": []})
    clips, told = truth.read(saved(tmp_path / "a.json", file))
    assert clips == [
        Clip("QOlSCBRmfWY", 6.25, 77.0, "Archery", "train", details={**DETAILS, **ONCE}),
        Clip("QOlSCBRmfWY", 80.0, 81.5, "Ballet", "train", details=DETAILS),
        Clip("hidden", split="test"),
    ]
    assert not told


@pytest.mark.parametrize(
    "subsets", [("training", "validation", "testing"), ("Train", "val", "Test")]
)
def test_a_file_survives_the_round_trip(
    truth: Any, tmp_path: Path, subsets: tuple[str, ...]
) -> None:
    annotation = {"segment": [1.5, 2.0], "label": "Ballet", "label_id": 3}
    videos = {
        f"{subset}-video": {
            **VIDEO,
            "subset": subset,
            "fps": 30,
            "annotations": [annotation, annotation],
        }
        for subset in reversed(subsets)
    }
    clips, told = truth.read(saved(tmp_path / "a.json", database(**videos)))
    assert [clip.split for clip in clips[::2]] == ["test", "validate", "train"]
    assert not told and not truth.write(tmp_path / "b.json", clips)
    assert truth.read(tmp_path / "b.json") == (clips, [])
    again = json.loads((tmp_path / "b.json").read_text())
    assert again == database(**videos)
    truth.write(tmp_path / "c.json", clips)
    assert (tmp_path / "b.json").read_bytes() == (tmp_path / "c.json").read_bytes()


def test_the_official_files_survive_the_round_trip(
    truth: Any, tried: Tried, shared: Path, tmp_path: Path
) -> None:
    folder = shared / "evaluation" / "activitynet"
    clips, told = truth.read(folder / "gt_activitynet_v1.3_converted.json.gz")
    assert len(clips) == 22_152 + 4_851
    assert len(told) == 12 and all("has no length" in line for line in told)
    assert not truth.write(tmp_path / "again.json.gz", clips)
    assert truth.read(tmp_path / "again.json.gz")[0] == clips
    for task, num_results in (("detection", 7_654), ("classification", 4_933)):
        results = submission(tried, task)
        clips, _ = results.read(folder / f"sample_{task}_prediction.json")
        assert len(clips) == num_results
        assert not results.write(tmp_path / f"{task}.json", clips)
        assert results.read(tmp_path / f"{task}.json")[0] == clips


def test_clips_of_a_video_come_together_wherever_they_stand(truth: Any, tmp_path: Path) -> None:
    clips = [
        Clip("b", 1.0, 2.0, "x", "train"),
        Clip("a", 1.0, 2.0, "x", "train"),
        Clip("b", 3.0, 4.0, "y", "train"),
    ]
    truth.write(tmp_path / "a.json", clips)
    assert truth.read(tmp_path / "a.json")[0] == [clips[0], clips[2], clips[1]]


def test_the_label_map_becomes_the_taxonomy(truth: Any, tried: Tried, tmp_path: Path) -> None:
    taxonomy = tried("activitynet-taxonomy")
    path = saved(tmp_path / "a.json", database())
    labels, told = taxonomy.read(path)
    assert labels == [
        Label(269, "Root", None, {"parentId": None}),
        Label(12, "Archery", "Root", {"parentId": 269}),
    ]
    assert not told
    taxonomy.write(tmp_path / "b.json", labels)
    assert taxonomy.read(tmp_path / "b.json")[0] == labels
    truth.write(
        tmp_path / "c.json",
        [Clip("v", 0.0, 1.0, "Archery", "train")],
        labels=LabelMap(tuple(labels)),
    )
    assert json.loads((tmp_path / "c.json").read_text())["taxonomy"] == NODES


@pytest.mark.parametrize(
    ("video", "message"),
    [
        (7, "expected an object with annotations, found 7"),
        ({"subset": "training"}, "annotations must be a list, found None"),
        ({**VIDEO, "subset": "minival"}, "split must be one of"),
        ({**VIDEO, "duration": "82"}, "duration must be a number, found '82'"),
        ({**VIDEO, "annotations": ["x"]}, "expected an object with label and segment, found 'x'"),
        ({**VIDEO, "annotations": [{"segment": [0, 1]}]}, "label must be a text, found None"),
        (
            {**VIDEO, "annotations": [{"label": "x", "segment": [0]}]},
            "segment must be [start, end]",
        ),
        (
            {**VIDEO, "annotations": [{"label": "x", "segment": [0, True]}]},
            "segment must be [start",
        ),
        ({**VIDEO, "annotations": [{"label": "x", "segment": [2, 1]}]}, "end before it starts"),
        ({**VIDEO, "annotations": [{"label": "x", "segment": [-1, 1]}]}, "start before the video"),
    ],
)
def test_a_bad_row_is_told_of_and_hides_no_good_one(
    truth: Any, tmp_path: Path, video: object, message: str
) -> None:
    path = saved(tmp_path / "a.json", database(first=VIDEO, bad=video, last=VIDEO))
    clips, told = truth.read(path)
    assert [clip.video_id for clip in clips] == ["first", "first", "last", "last"]
    assert len(told) == 1 and told[0].startswith("error bad") and message in told[0]


def test_a_video_that_stands_twice_is_told_of(truth: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    video = json.dumps(VIDEO)
    path.write_text(
        f'{{"version": "", "taxonomy": [], "database": {{"a": {video}, "a": {video}}}}}'
    )
    clips, told = truth.read(path)
    assert len(clips) == 2
    assert told == ["error a: the video stands twice; a JSON object can have a key once"]


def test_mmaction2s_bare_file_is_read_with_a_warning(truth: Any, tmp_path: Path) -> None:
    bare = {
        "v_QOlSCBRmfWY": {
            "duration_second": 82.5,
            "fps": 30.0,
            "annotations": [{"segment": [1.0, 2.0], "label": "Ballet"}],
        }
    }
    clips, told = truth.read(saved(tmp_path / "a.json", bare))
    details = {"duration_seconds": 82.5, "fps": 30.0, EXTRA: ("fps",)}
    assert clips == [Clip("v_QOlSCBRmfWY", 1.0, 2.0, "Ballet", details=details)]
    assert [line.split(":")[0] for line in told] == ["warning None", "warning v_QOlSCBRmfWY"]
    clips, told = truth.read(tmp_path / "a.json", split="train")
    assert clips[0].split == "train" and len(told) == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": "x"}', '{"database": []}', "{"])
def test_another_file_is_refused(truth: Any, tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(FormatError, match=r"a\.json"):
        truth.read(path)


def test_what_annotations_cannot_say_is_told(truth: Any, tmp_path: Path) -> None:
    clips = [
        Clip("a", 1.0, 2.0, "x", "train", "a.mp4", 0.5, {"is_cc": True, "duration_seconds": 9.0}),
        Clip("a", 3.0, 4.0, "y", "validate"),
        Clip("a", 3.0, 4.0, "y", "train", details={"duration_seconds": 8.0}),
        Clip("b", 3.0, 4.0, None, "train"),
        Clip("c", 3.0, 4.0, "x"),
    ]
    told = truth.write(tmp_path / "a.json", clips)
    assert [line.split(";")[0] for line in told] == [
        "error a 3.0-4.0 y: the subset is validation, and training above",
        "warning a 3.0-4.0 y: duration is 8.0, and 9.0 above",
        "error b 3.0-4.0: no label",
        "warning c: no split: the official evaluator refuses videos without",
        "warning a 1.0-2.0 x: activitynet does not say the file of this",
        "warning a: activitynet does not say the is_cc, score of this",
    ]
    written = json.loads((tmp_path / "a.json").read_text())["database"]
    numbers = {video_id: len(video["annotations"]) for video_id, video in written.items()}
    assert numbers == {"a": 2, "c": 1}  # b is not said to be without actions


RESULT = {"label": "Archery", "score": 0.5, "segment": [1.0, 2.0]}


def results(*found: object, **videos: object) -> dict[str, object]:
    return {"version": "VERSION 1.3", "external_data": {}, "results": {"a": list(found), **videos}}


@pytest.mark.parametrize(
    ("task", "result", "clip"),
    [
        ("detection", RESULT, Clip("a", 1.0, 2.0, "Archery", score=0.5)),
        ("classification", {"label": "x", "score": 1}, Clip("a", label="x", score=1.0)),
        ("proposals", {"score": 0.5, "segment": [1, 2]}, Clip("a", 1.0, 2.0, score=0.5)),
        ("proposals", RESULT, Clip("a", 1.0, 2.0, "Archery", score=0.5)),
    ],
)
def test_submissions_survive_the_round_trip(
    tried: Tried, tmp_path: Path, task: str, result: object, clip: Clip
) -> None:
    external = {"used": True, "details": "flow"}
    file = {**results(result, result, empty=[]), "external_data": external}
    found = submission(tried, task)
    clips, told = found.read(saved(tmp_path / "a.json", file))
    first = clip._replace(details={"external_data": external})
    assert clips == [first, clip, Clip("empty")] and not told
    assert not found.write(tmp_path / "b.json", clips)
    assert json.loads((tmp_path / "b.json").read_text()) == file
    assert found.read(tmp_path / "b.json")[0] == clips


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("x", "expected an object with a score, found 'x'"),
        ({**RESULT, "score": None}, "score must be a number, found None"),
        ({**RESULT, "score": "0.5"}, "score must be a number, found '0.5'"),
        ({**RESULT, "label": ""}, "label must be a text, found ''"),
        ({**RESULT, "segment": [2.0, 1.0]}, "segment must not end before it starts"),
        ({"label": "x", "score": 1.0}, "segment must be [start, end] in seconds, found None"),
    ],
)
def test_a_bad_result_is_told_of_by_its_place(
    tried: Tried, tmp_path: Path, result: object, message: str
) -> None:
    path = saved(tmp_path / "a.json", results(RESULT, result, RESULT, b="none"))
    clips, told = submission(tried, "detection").read(path)
    assert len(clips) == 2
    assert told[0].startswith("error a, result 2: ") and message in told[0]
    assert told[1:] == ["error b: expected a list of results, found 'none'"]


def test_a_score_that_is_not_a_number_is_found_by_its_line(tried: Tried, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"version": "", "external_data": {},\n"results": {"a": [{"score": NaN}]}}')
    with pytest.raises(FormatError, match=r"a\.json:2: NaN is no number"):
        submission(tried, "detection").read(path)


def test_tolerated_oddities_of_results_are_warned_of(tried: Tried, tmp_path: Path) -> None:
    file = {"results": {"a": [{**RESULT, "segment": [-0.5, -0.5]}]}}
    clips, told = submission(tried, "detection").read(saved(tmp_path / "a.json", file))
    assert len(clips) == 1
    assert told == [
        "warning None: no version: the official evaluator refuses the file",
        "warning None: no external_data: the official evaluator refuses the file",
        "warning a, result 1: the segment [-0.5, -0.5] has no length",
        "warning a, result 1: the segment [-0.5, -0.5] starts before the video",
    ]


def test_what_a_submission_cannot_say_is_told(tried: Tried, tmp_path: Path) -> None:
    clips = [
        Clip("a", 1.0, 2.0, "x", "train", score=0.5, details={"url": "u"}),
        Clip("a", 1.0, 2.0, score=float("nan")),
        Clip("b", 1.0, 2.0, "x"),
    ]
    told = submission(tried, "classification").write(tmp_path / "a.json", clips)
    assert [line.split(";")[0] for line in told] == [
        "error a: expected finite numbers, found nan as score",
        "error b 1.0-2.0 x: no score",
        "warning a 1.0-2.0 x: activitynet-classification does not say the split of this",
        "warning a: activitynet-classification does not say the start and end, url of this",
    ]
    told = submission(tried, "proposals").write(tmp_path / "b.json", clips[1:2])
    assert told[0].startswith("error a: ")


@pytest.mark.parametrize(
    "nodes",
    [[], {}, [{"nodeName": "x"}, {"nodeName": "y", "nodeId": 1}, {"nodeName": "z", "nodeId": 1}]],
)
def test_a_bad_taxonomy_is_told_of(tried: Tried, tmp_path: Path, nodes: object) -> None:
    taxonomy = tried("activitynet-taxonomy")
    path = saved(tmp_path / "a.json", {"taxonomy": nodes})
    if not nodes:
        with pytest.raises(FormatError, match="a list called taxonomy"):
            taxonomy.read(path)
        return
    labels, told = taxonomy.read(path)
    assert [label.name for label in labels] == ["y"]
    assert told == [
        "error node 1: nodeId must be a whole number from 0 on, found None",
        "error node 3: the nodeId 1 stands twice",
    ]


def test_a_video_whose_results_were_all_refused_is_not_one_without_results(
    tried: Tried, tmp_path: Path
) -> None:
    path, task = tmp_path / "a.json", submission(tried, "detection")
    told = task.write(
        path, [Clip("a", 1.0, 2.0, "x"), Clip("b"), Clip("c", 1.0, 2.0, "x", score=1)]
    )
    assert told == ["error a 1.0-2.0 x: no score; activitynet-detection needs one for each result"]
    assert [clip.video_id for clip in task.read(path)[0]] == ["b", "c"]
