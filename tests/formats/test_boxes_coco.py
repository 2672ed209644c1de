import json
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.records import Box, Label

ACTIONS = LabelMap((Label(12, "stand"), Label(17, "carry")))
IMAGES = [
    {"id": 7, "file_name": "film_000031.jpg", "width": 200, "height": 100},
    {"id": 3, "file_name": "frames/film/img_00061.png", "width": 400, "height": 100},
    {"id": "x", "file_name": "MOT17-02/img1/000001.jpg", "width": 200, "height": 100},
]
CATEGORIES = [{"id": 1, "name": "person"}, {"id": 5, "name": "stand"}]
RATE = {"frames_per_second": 30.0}


def annotation(**told: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": 7, "category_id": 1, "bbox": [20, 10, 40, 50], **told}


def saved(tmp_path: Path, *annotations: Any, **others: Any) -> Path:
    path = tmp_path / "coco.json"
    value = {
        "images": IMAGES,
        "categories": CATEGORIES,
        "annotations": list(annotations),
        **others,
    }
    path.write_text(json.dumps(value))
    return path


def test_boxes_come_by_image_wherever_they_stand(tmp_path: Path, tried) -> None:
    path = saved(
        tmp_path,
        annotation(image_id=3, track_id=4, score=0.25),
        annotation(),
        annotation(category_id=5, image_id=3, track_id=4),
    )
    records, told = tried("coco").read(path, **RATE)
    assert told == []
    assert records == [
        Box("film", 1.0, 0.1, 0.1, 0.3, 0.6),
        Box("film", 2.0, 0.05, 0.1, 0.15, 0.6, person_id=4, score=0.25),
        Box("film", 2.0, 0.05, 0.1, 0.15, 0.6, person_id=4, label="stand"),
        Box("MOT17-02", 0.0),
    ]


def test_an_export_of_cvat_knows_persons_and_actions_by_attributes(tmp_path: Path, tried) -> None:
    attributes = {"occluded": False, "track_id": 3, "keyframe": True, "stand": True, "carry": False}
    between = {**attributes, "keyframe": False}
    path = saved(
        tmp_path,
        annotation(attributes={**attributes, "mood": "gay"}),
        annotation(attributes=between),
        annotation(attributes={"track_id": 4, "occluded": True}),
    )
    records, told = tried("coco").read(path, **RATE, labels=ACTIONS)
    details = [dict(box.details) for box in records[:2]]
    assert [(box.person_id, box.action_id) for box in records[:2]] == [(3, 12), (4, None)]
    assert details[0] == {"attributes": {"occluded": False, "mood": "gay"}}
    assert told[-1].endswith(
        "reading boxes alone does not say the boxes between key frames, which CVAT interpolates, "
        "of this; it is lost there"
    )


def test_crowds_and_what_else_is_drawn_come_back(tmp_path: Path, tried) -> None:
    drawn = annotation(iscrowd=1, segmentation={"counts": [3, 4], "size": [100, 200]})
    coco = tried("coco")
    records, told = coco.read(saved(tmp_path, drawn, annotation(keypoints=[1, 2, 2])), **RATE)
    assert records[0].details["ignored"] is True
    assert told == []
    again = tmp_path / "again.json"
    assert coco.write(again, records, frame_size=(200, 100), **RATE) == []
    assert [box for box in coco.read(again, **RATE)[0] if box.video_id == "film"] == records[:3]
    found = json.loads(again.read_text())["annotations"]
    assert [one["iscrowd"] for one in found] == [1, 0]
    assert found[0]["segmentation"] == drawn["segmentation"]


def test_results_of_a_detector_know_images_by_name(tmp_path: Path, tried) -> None:
    path = tmp_path / "predictions.json"
    results = [
        {"image_id": "film_000031", "category_id": 12, "bbox": [20, 10, 40, 50], "score": 0.5},
        {"image_id": 4, "file_name": "film_000061.jpg", "category_id": 17, "bbox": [0, 0, 20, 10]},
        {"image_id": 4, "category_id": 12, "bbox": [20, 10, 40, 50], "score": 0.5},
    ]
    path.write_text(json.dumps(results))
    records, told = tried("coco").read(path, frame_size=(200, 100), labels=ACTIONS, **RATE)
    assert records == [
        Box("film", 1.0, 0.1, 0.1, 0.3, 0.6, 12, None, 0.5, "stand"),
        Box("film", 2.0, 0.0, 0.0, 0.1, 0.1, 17, None, None, "carry"),
    ]
    assert len(told) == 1
    assert "the image 4 is a number, and its name stands in the file of the images" in told[0]
    records, _ = tried("coco").read(path, frame_size=(200, 100), **RATE)
    assert [box.label for box in records] == [None, None]


def test_bad_entries_are_told_of_and_hide_no_good_one(tmp_path: Path, tried) -> None:
    path = saved(
        tmp_path,
        annotation(image_id=99),
        annotation(category_id=4),
        annotation(bbox=[1, 2, 3]),
        annotation(bbox=[1, 2, "x", 4]),
        annotation(bbox=[20, 10, -40, 50]),
        annotation(bbox=[2000, 10, 40, 50]),
        annotation(track_id="who"),
        annotation(score="high"),
        7,
        annotation(),
        images=[*IMAGES, {"id": 7, "file_name": "film_000091.jpg"}, {"id": 8}, "no", {"id": 9}],
        categories=[*CATEGORIES, {"id": 6}, {"name": "x"}],
    )
    records, told = tried("coco").read(path, **RATE)
    assert records[:1] == [Box("film", 1.0, 0.1, 0.1, 0.3, 0.6)]
    errors = [text for text in told if text.startswith("error")]
    assert len(errors) == 9 + 4 + 2
    for text in (
        "error image 4: expected an image with id, file_name, width and height: the id 7 stands t",
        "error category 3: expected a category with id and name: name must be text, found None",
        "error annotation 1: expected a bbox of x, y, width and height, of an image: the image 99",
        "error annotation 2: expected a bbox of x, y, width and height, of an image: the category",
        "is the size of the frame right?",
    ):
        assert any(text in error for error in errors), text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "expected a JSON list at 'images'"),
        ('{"images": 5}', "expected a JSON list at 'images'"),
        ("", "the file is empty"),
        ('{"images": [', "expected JSON"),
    ],
)
def test_other_files_are_refused(text: str, message: str, tmp_path: Path, tried) -> None:
    path = tmp_path / "coco.json"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        tried("coco").read(path, **RATE)


def test_the_frame_rate_is_asked_for(tmp_path: Path, tried) -> None:
    with pytest.raises(ConfigError, match="coco counts frames and needs their rate: give --fps N"):
        tried("coco").read(saved(tmp_path, annotation()))
    images = [{"id": 7, "file_name": "film_000031.jpg"}]
    with pytest.raises(ConfigError, match="give --frame-size WIDTHxHEIGHT"):
        tried("coco").read(saved(tmp_path, annotation(), images=images), **RATE)


@pytest.mark.parametrize("name", ["frame_000030.png", "img_00001.jpg", "images/000001.jpg"])
def test_a_frame_of_no_video_is_told_of_and_given_to_none(name: str, tmp_path: Path, tried) -> None:
    images = [{"id": 7, "file_name": name, "width": 200, "height": 100}]
    records, told = tried("coco").read(saved(tmp_path, images=images), **RATE)
    assert records == []
    assert f"expected a frame's name like VIDEO_000001.jpg, found {name!r}" in told[0]


def test_persons_without_an_action_are_a_category_behind_the_actions(tmp_path: Path, tried) -> None:
    records = [
        Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, person_id=1),
        Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 12, 1, label="stand"),
    ]
    path = tmp_path / "coco.json"
    assert tried("coco").write(path, records, frame_size=(200, 100), labels=ACTIONS, **RATE) == []
    found = json.loads(path.read_text())
    assert [category["name"] for category in found["categories"]] == ["stand", "carry", "person"]
    assert [category["id"] for category in found["categories"]] == [12, 17, 18]
    assert [one["category_id"] for one in found["annotations"]] == [18, 12]
    assert found["images"][0]["file_name"] == "a/a_027061.jpg"
