import json
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.records import Box, Label

ACTIONS = LabelMap((Label(12, "stand"), Label(17, "carry"), Label(6, "dance")))
OPTIONS: dict[str, Any] = {
    "frames_per_second": 30.0,
    "frame_size": (200, 100),
    "labels": ACTIONS,
}
STANDS = Box("a", 1.0, 0.1, 0.25, 0.5, 0.75, 12, label="stand")


@pytest.fixture
def via2(tried: Any) -> Any:
    return tried("via2")


@pytest.fixture
def via3(tried: Any) -> Any:
    return tried("via3")


def saved(folder: Path, value: object) -> Path:
    path = folder / "via.json"
    path.write_text(json.dumps(value))
    return path


def region(attributes: object, **shape: object) -> dict[str, object]:
    drawn = {"name": "rect", "x": 20, "y": 25, "width": 80, "height": 50, **shape}
    return {"shape_attributes": drawn, "region_attributes": attributes}


def image(*regions: dict[str, object], name: str = "a_000031.jpg") -> dict[str, object]:
    return {"filename": name, "size": 12, "regions": list(regions), "file_attributes": {}}


@pytest.mark.parametrize(
    "name",
    [
        "a/000031.jpg",
        "frames/a/img_00031.jpg",
        "a/img1/000031.png",
        "b/a_31.jpg",
        r"D:\x\a\im_31.jpg",
    ],
)
def test_a_frame_is_its_folders_where_its_name_says_no_video(
    name: str, via2: Any, tmp_path: Path
) -> None:
    value = {"first": image(region({"action": "stand"}), name=name)}
    assert via2.read(saved(tmp_path, value), **OPTIONS) == ([STANDS], [])


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({"action": {"stand": True}}, id="a checkbox"),
        pytest.param({"posture": {"stand": True, "carry": False}}, id="any checkbox"),
        pytest.param({"action": "stand"}, id="a list called action"),
        pytest.param({"class": "stand"}, id="a list of known actions"),
    ],
)
def test_regions_of_via2(via2: Any, tmp_path: Path, attributes: object) -> None:
    project = {"_via_settings": {}, "_via_img_metadata": {"k": image(region(attributes))}}
    assert via2.read(saved(tmp_path, project), **OPTIONS) == ([STANDS], [])
    exported = {"a_000031.jpg12": image(region(attributes))}
    assert via2.read(saved(tmp_path, exported), **OPTIONS) == ([STANDS], [])


def test_regions_of_via1_are_counted_objects(via2: Any, tmp_path: Path) -> None:
    old = {**image(), "regions": {"0": region({"action": "stand"})}}
    assert via2.read(saved(tmp_path, {"k": old}), **OPTIONS) == ([STANDS], [])


def test_bad_regions_of_via2_name_their_image_and_hide_no_good_one(
    via2: Any, tmp_path: Path
) -> None:
    bad = [
        region({}, x="far"),
        region({"person_id": "Ann"}),
        region({}, name="circle"),
        region({}, width=-80),
        {"shape_attributes": 5},
        7,
    ]
    good = region({"action": "stand"})
    value = {
        "first": {"filename": "b.jpg", "regions": []},
        "second": [],
        "third": image(*bad, good),  # type: ignore[arg-type]  # one is no region
    }
    records, told = via2.read(saved(tmp_path, value), **OPTIONS)
    assert records == [STANDS]
    assert [text.split(": ")[0] for text in told] == [
        "error first",
        "error second",
        "error third",
        "error third",
        "warning third",
        "error a at 1 s",
        "error a at 1 s",
        "error a at 1 s",
    ]
    assert "expected a frame's name like VIDEO_000001.jpg, found 'b.jpg'" in told[0]
    assert "expected a number, found 'far'" in told[2]
    assert "expected a whole number as person_id, found 'Ann'" in told[3]
    assert "a circle was left out; rectangles alone are read" in told[4]
    assert "expected x1 <= x2 and y1 <= y2, found 0.1, 0.25, -0.3, 0.75" in told[5]


def test_a_project_of_via2_declares_its_attributes(via2: Any, tmp_path: Path) -> None:
    path = tmp_path / "via.json"
    assert via2.write(path, [STANDS._replace(person_id=3)], **OPTIONS) == []
    project = json.loads(path.read_text())
    assert project["_via_data_format_version"] == "2.0.10"
    assert project["_via_image_id_list"] == list(project["_via_img_metadata"])
    assert project["_via_image_id_list"] == ["a/a_000031.jpg-1"]
    declared = project["_via_attributes"]["region"]
    assert declared["action"]["type"] == "checkbox"
    assert list(declared["action"]["options"]) == ["stand", "carry", "dance"]
    (drawn,) = project["_via_img_metadata"]["a/a_000031.jpg-1"]["regions"]
    assert drawn["shape_attributes"] == {
        "name": "rect",
        "x": 20.0,
        "y": 25.0,
        "width": 80.0,
        "height": 50.0,
    }
    assert drawn["region_attributes"] == {"person_id": "3", "action": {"stand": True}}


@pytest.mark.parametrize("value", [{}, [], {"_via_settings": {}}, {"_via_img_metadata": {}}])
def test_a_file_without_images_is_an_error(via2: Any, tmp_path: Path, value: object) -> None:
    with pytest.raises(FormatError, match="expected images in _via_img_metadata or at the top"):
        via2.read(saved(tmp_path, value), **OPTIONS)


@pytest.mark.parametrize("name", ["via2", "via3"])
def test_files_that_are_no_json_say_where(tried: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / "via.json"
    path.write_text('{"metadata": {\n"a": }')
    with pytest.raises(FormatError, match=r"via\.json:2: expected JSON"):
        tried(name).read(path, **OPTIONS)


@pytest.mark.parametrize("name", ["via2", "via3"])
def test_the_size_of_the_frames_must_be_given(tried: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} counts in pixels"):
        tried(name).read(saved(tmp_path, {}), frames_per_second=30.0)


ATTRIBUTES = {
    "1": {"aname": "what", "type": 2, "options": {"0": "stand", "1": "carry"}},
    "2": {"aname": "person_id", "type": 1, "options": {}},
    "3": {"aname": "mood", "type": 4, "options": {"0": "good"}},
    "4": {"aname": "do", "type": 3, "options": {"7": "dance"}},
}
FILES = {
    "1": {"fid": "1", "fname": "a.mp4", "type": 4, "loc": 1, "src": ""},
    "2": {"fid": 2, "fname": "x/b_000061.jpg", "type": 2, "loc": 2, "src": ""},
}
VIEWS = {"1": {"fid_list": ["1"]}, "2": {"fid_list": [2]}}


def project3(*drawn: object) -> dict[str, object]:
    metadata = {f"1_{number}": one for number, one in enumerate(drawn)}
    return {
        "project": {"pname": "x"},
        "attribute": ATTRIBUTES,
        "file": FILES,
        "view": VIEWS,
        "metadata": metadata,
    }


def drawn3(**more: object) -> dict[str, object]:
    return {"vid": "1", "flg": 0, "z": [1], "xy": [2, 20, 25, 80, 50], "av": {"1": "0"}, **more}


def test_rectangles_of_via3(via3: Any, tmp_path: Path) -> None:
    project = project3(
        drawn3(),
        drawn3(av={"1": "0,1", "2": "3", "3": "0"}, z=[2.5]),
        drawn3(vid="2", z=[], av={"4": "7"}),
        drawn3(xy=[8, 60, 25, 20, 50, 100, 60, 70, 75], av={}),
    )
    records, told = via3.read(saved(tmp_path, project), **OPTIONS)
    good = {"attributes": {"mood": "good"}}
    two = STANDS._replace(timestamp_seconds=2.5, person_id=3, details=good)
    assert records == [
        STANDS,
        two,
        two._replace(action_id=17, label="carry"),
        STANDS._replace(video_id="b", timestamp_seconds=2.0, action_id=6, label="dance"),
        STANDS._replace(action_id=None, label=None),
    ]
    assert told == []


def test_bad_rectangles_of_via3_name_their_key_and_hide_no_good_one(
    via3: Any, tmp_path: Path
) -> None:
    project = project3(
        drawn3(vid="9"),
        drawn3(z=[1, 2]),
        drawn3(z=[-1]),
        drawn3(xy=[3, 10, 10, 5]),
        drawn3(xy=[2, 20, 25, 80]),
        drawn3(av={"9": "0"}),
        drawn3(xy=[2, 20, 25, 800, 50]),
        drawn3(xy=[], z=[1, 2]),
        drawn3(),
    )
    records, told = via3.read(saved(tmp_path, project), **OPTIONS)
    assert records == [STANDS]
    assert [text.split(": ")[0] for text in told] == [
        *(f"error 1_{number}" for number in range(6)),
        "error a at 1 s",
        "warning 1_7",
    ]
    assert "expected one time of 0 or more seconds in z, found [1, 2]" in told[1]
    assert "found the shape [3, 10, 10, 5], expected [2, x, y, width, height]" in told[3]
    assert "does not say the segments in time of this" in told[7]


def test_a_file_that_is_no_project_is_an_error(via3: Any, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="attribute, file, view is missing"):
        via3.read(saved(tmp_path, {"metadata": {}}), **OPTIONS)


def test_a_project_of_via3_numbers_its_options_as_the_label_map(via3: Any, tmp_path: Path) -> None:
    path = tmp_path / "via.json"
    other = STANDS._replace(video_id="b", label="new", action_id=None)
    assert via3.write(path, [STANDS, other], **OPTIONS) == []
    project = json.loads(path.read_text())
    assert project["attribute"]["1"]["options"] == {
        "12": "stand",
        "17": "carry",
        "6": "dance",
        "18": "new",
    }
    assert [one["fname"] for one in project["file"].values()] == ["a.mp4", "b.mp4"]
    assert project["project"]["vid_list"] == list(project["view"])
    assert next(iter(project["metadata"].values())) == {
        "vid": "1",
        "flg": 0,
        "z": [1.0],
        "xy": [2, 20.0, 25.0, 80.0, 50.0],
        "av": {"1": "12", "2": ""},
    }


@pytest.mark.parametrize(
    ("attributes", "actions", "told"),
    [
        ({"label": "stand"}, ["stand"], []),
        ({"Class": "stand", "blurred": {"blurred": True}}, ["stand"], []),
        ({"action_class": "stand", "occluded": "true"}, ["stand"], []),
        ({"labels": {"stand": True, "carry": True}, "quality": {"blurred": True}},
         ["stand", "carry"], []),
        ({"Activity": {"stand": True}, "note": "by the door"}, ["stand"], []),
        ({"posture": {"stand": True, "carry": False}}, ["stand"], []),
        ({"pose": "stand", "note": "left"}, [None], ["pose='stand', note='left': give --l"]),
        ({"track": "7"}, [None], []),
    ],
)  # fmt: skip
def test_the_attribute_that_holds_the_class_is_found_without_a_label_map(
    via2: Any, tmp_path: Path, attributes: object, actions: list[str], told: list[str]
) -> None:
    options = {**OPTIONS, "labels": None}
    found, said = via2.read(saved(tmp_path, {"k": image(region(attributes))}), **options)
    assert [box.label for box in found] == actions
    assert len(said) == len(told) and all(map(str.__contains__, said, told)), said


@pytest.mark.parametrize("value", ["stand, carry", "stand;carry", "carry | stand"])
def test_several_actions_in_one_value_are_parted_by_the_label_map(
    via2: Any, tmp_path: Path, value: object
) -> None:
    project = {"k": image(region({"action": value}))}
    found, told = via2.read(saved(tmp_path, project), **OPTIONS)
    assert {(box.label, box.action_id) for box in found} == {("stand", 12), ("carry", 17)}
    assert (len(found), told) == (2, [])
    project = {"k": image(region({"action": "stand, fall"}))}
    assert via2.read(saved(tmp_path, project), **OPTIONS) == (
        [],
        ["error a at 1 s: expected actions of the label map, found 'stand, fall', which holds "
         "'fall' besides"],
    )  # fmt: skip


def test_the_label_map_says_what_is_a_class_in_any_attribute(via2: Any, tmp_path: Path) -> None:
    attributes = {"pose": "stand", "quality": {"blurred": True}, "note": "left"}
    (found,), told = via2.read(saved(tmp_path, {"k": image(region(attributes))}), **OPTIONS)
    assert found.label == "stand"
    assert told == ["warning k: 'blurred' is ticked, but is no class of the label map"]
