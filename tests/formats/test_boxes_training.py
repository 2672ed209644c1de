import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.records import Box, Label

ACTIONS = LabelMap((Label(12, "stand"), Label(17, "carry"), Label(6, "dance")))
STANDS = Box("a", 902.0, 0.1, 0.25, 0.5, 0.75, 12, 3, label="stand")
FRAMES = {"frames_per_second": 30.0, "labels": ACTIONS}
PIXELS = {"frame_size": (200, 100), "labels": ACTIONS}


@pytest.fixture
def fiftyone(tried: Any) -> Any:
    return tried("fiftyone-detections")


@pytest.fixture
def datumaro(tried: Any) -> Any:
    return tried("datumaro-boxes")


@pytest.fixture
def pyslowfast(tried: Any) -> Any:
    return tried("pyslowfast-ava")


@pytest.fixture
def mmaction2(tried: Any) -> Any:
    return tried("mmaction2-ava")


def detection(**more: object) -> dict[str, object]:
    corners = {"top_left": {"x": 0.1, "y": 0.25}, "bottom_right": {"x": 0.5, "y": 0.75}}
    return {"label": "stand", "bounding_box": corners, "index": 3, **more}


def dataset(folder: Path, *objects: object, **more: object) -> Path:
    frames = {"27061": {"frame_number": 27061, "objects": {"objects": list(objects)}}}
    (folder / "labels").mkdir(parents=True)
    (folder / "labels" / "x.json").write_text(json.dumps({"frames": frames, **more}))
    index = {"index": [{"data": "data/a.webm", "labels": "labels/x.json"}]}
    (folder / "manifest.json").write_text(json.dumps(index))
    return folder


def test_detections_of_fiftyone(fiftyone: Any, tmp_path: Path) -> None:
    attribute = {"type": "eta.core.data.NumericAttribute", "name": "n", "value": 2}
    more = {"confidence": 0.5, "name": "model", "tags": ["x"], "attrs": {"attrs": [attribute]}}
    path = dataset(tmp_path / "set", detection(), detection(index=None, **more))
    details = {"name": "model", "tags": ["x"], "attributes": {"n": 2}}
    other = STANDS._replace(person_id=None, score=0.5, details=details)
    assert fiftyone.read(path, **FRAMES) == ([STANDS, other], [])


def test_the_frame_rate_may_stand_in_the_file_of_fiftyone(fiftyone: Any, tmp_path: Path) -> None:
    path = dataset(tmp_path / "set", detection(), metadata={"frame_rate": 60.0})
    (found,), _ = fiftyone.read(path, labels=ACTIONS)
    assert found.timestamp_seconds == 451.0
    (found,), _ = fiftyone.read(path, **FRAMES)
    assert found.timestamp_seconds == 902.0
    bare = dataset(tmp_path / "bare", detection())
    with pytest.raises(ConfigError, match="give --fps N"):
        fiftyone.read(bare, labels=ACTIONS)


def test_fiftyones_last_digits_are_no_other_box(fiftyone: Any, tmp_path: Path) -> None:
    corners = {"top_left": {"x": 0.1, "y": 0.25}, "bottom_right": {"x": 0.1 + 0.2, "y": 0.75}}
    path = dataset(tmp_path / "set", detection(bounding_box=corners))
    (found,), _ = fiftyone.read(path, **FRAMES)
    assert 0.1 + 0.2 != 0.3
    assert found.x2 == 0.3


def test_bad_detections_name_their_frame_and_hide_no_good_one(
    fiftyone: Any, tmp_path: Path
) -> None:
    path = dataset(
        tmp_path / "set",
        detection(bounding_box=None),
        detection(label="unknown"),
        detection(confidence="high"),
        7,
        detection(),
        objects={"objects": [{"frames": {}}]},
    )
    records, told = fiftyone.read(path, **FRAMES)
    assert records == [STANDS]
    assert [text.split(": ")[0] for text in told] == [
        "warning None",
        *["error frame 27061"] * 4,
    ]
    assert "the objects of the whole video were left out" in told[0]
    assert "the label 'unknown' is not in the label map" in told[2]


def test_labels_outside_of_fiftyones_folder_are_refused(fiftyone: Any, tmp_path: Path) -> None:
    path = dataset(tmp_path / "set", detection())
    (tmp_path / "secret.json").write_text("{}")
    index = {"index": [{"data": "a.mp4", "labels": "../secret.json"}, {"data": 5}]}
    (path / "manifest.json").write_text(json.dumps(index))
    records, told = fiftyone.read(path, **FRAMES)
    assert records == []
    assert "error index 0: expected a labels file in the folder" in told[0]
    assert "error index 1: expected data and labels" in told[1]
    with pytest.raises(FormatError, match=r"expected a folder with manifest\.json, found none"):
        fiftyone.read(tmp_path)
    (path / "manifest.json").write_text("{}")
    with pytest.raises(FormatError, match=r"expected an index of videos, found none"):
        fiftyone.read(path)


def test_fiftyone_gets_a_detection_for_each_action(fiftyone: Any, tmp_path: Path) -> None:
    records = [STANDS, STANDS._replace(action_id=17, label="carry", score=0.5, person_id=None)]
    assert fiftyone.write(tmp_path / "set", records, **FRAMES) == []
    manifest = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert manifest["type"] == "eta.core.datasets.LabeledVideoDataset"
    assert manifest["index"] == [{"data": "data/a.mp4", "labels": "labels/a.json"}]
    labels = json.loads((tmp_path / "set" / "labels" / "a.json").read_text())
    first, second = labels["frames"]["27061"]["objects"]["objects"]
    assert first == {
        "type": "eta.core.objects.DetectedObject",
        "label": "stand",
        "bounding_box": {
            "top_left": {"x": 0.1, "y": 0.25},
            "bottom_right": {"x": 0.5, "y": 0.75},
        },
        "name": "detections",
        "index": 3,
    }
    assert (second["confidence"], second["label"]) == (0.5, "carry")


def test_fiftyone_gets_the_videos_that_are_there(fiftyone: Any, tmp_path: Path) -> None:
    media = tmp_path / "media"
    media.mkdir()
    (media / "a.webm").write_bytes(b"video")
    records = [STANDS, STANDS._replace(video_id="b")]
    told = fiftyone.write(tmp_path / "set", records, media=media, **FRAMES)
    assert told == [f"error b: expected a video of this name in {media}, found none"]
    assert below(tmp_path / "set") == [
        "data/a.webm",
        "labels/a.json",
        "labels/b.json",
        "manifest.json",
    ]
    assert fiftyone.read(tmp_path / "set", **FRAMES) == (records, [])


def annotated(folder: Path, *annotations: object, **item: object) -> Path:
    labels = {"labels": [{"name": "stand", "parent": "", "attributes": []}]}
    items = [{"id": "a/902", "annotations": list(annotations), **item}]
    (folder / "annotations").mkdir(parents=True)
    text = json.dumps({"categories": {"label": labels}, "items": items})
    (folder / "annotations" / "default.json").write_text(text)
    return folder


def bbox(**more: object) -> dict[str, object]:
    return {"type": "bbox", "bbox": [20.0, 25.0, 80.0, 50.0], "label_id": 0, **more}


def test_boxes_of_datumaro(datumaro: Any, tmp_path: Path) -> None:
    attributes = {"person_id": 3, "score": 0.5, "mood": "good"}
    path = annotated(
        tmp_path / "set",
        bbox(object_id=3),
        bbox(attributes=attributes, label_id=None),
        image={"size": [100, 200]},
    )
    other = STANDS._replace(
        action_id=None, label=None, score=0.5, details={"attributes": {"mood": "good"}}
    )
    assert datumaro.read(path, labels=ACTIONS) == ([STANDS, other], [])


def test_datumaros_item_may_say_its_video_and_time(datumaro: Any, tmp_path: Path) -> None:
    told = {"video_id": "b/c", "timestamp_seconds": 3.5}
    path = annotated(tmp_path / "set", bbox(), attr=told)
    (found,), _ = datumaro.read(path, **PIXELS)
    assert found[:2] == ("b/c", 3.5)


def test_bad_boxes_of_datumaro_name_their_item_and_hide_no_good_one(
    datumaro: Any, tmp_path: Path
) -> None:
    path = annotated(
        tmp_path / "set",
        bbox(label_id=5),
        bbox(bbox=[1, 2, 3]),
        {"type": "mask"},
        bbox(bbox=[20, 25, 80, 500]),
        7,
        bbox(object_id=3),
    )
    records, told = datumaro.read(path, **PIXELS)
    assert records == [STANDS]
    assert [text.split(": ")[0] for text in told] == [
        "error a/902",
        "error a/902",
        "warning a/902",
        "error a/902",
        "error a/902",
    ]
    assert "a mask was left out; bbox alone is read" in told[2]


@pytest.mark.parametrize("name", ["a/b", "902"])
def test_an_item_of_no_video_or_time_is_an_error(datumaro: Any, tmp_path: Path, name: str) -> None:
    records, told = datumaro.read(annotated(tmp_path / "set", bbox(), id=name), **PIXELS)
    assert records == []
    assert told[0].startswith(f"error {name}: expected an item of a video at a time: ")


def test_what_is_no_file_of_datumaro_is_an_error(datumaro: Any, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"expected annotations/SUBSET\.json in this folder"):
        datumaro.read(tmp_path)
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(FormatError, match=r"expected categories\.label\.labels, found none"):
        datumaro.read(tmp_path / "a.json")


def test_datumaro_gets_the_actions_of_a_box_as_a_group(datumaro: Any, tmp_path: Path) -> None:
    records = [STANDS, STANDS._replace(action_id=17, label="carry"), STANDS._replace(person_id=4)]
    assert datumaro.write(tmp_path / "set", records, split="validate", **PIXELS) == []
    found = json.loads((tmp_path / "set" / "annotations" / "val.json").read_text())
    names = [one["name"] for one in found["categories"]["label"]["labels"]]
    assert names == ["stand", "carry", "dance"]
    (item,) = found["items"]
    assert (item["id"], item["image"]) == ("a/0902", {"path": "a/0902.jpg", "size": [100, 200]})
    told = [
        (one["id"], one["group"], one["label_id"], one["object_id"]) for one in item["annotations"]
    ]
    assert told == [(0, 1, 0, 3), (1, 1, 1, 3), (2, 2, 0, 4)]
    assert item["annotations"][0]["bbox"] == [20.0, 25.0, 80.0, 50.0]


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


SCORED = STANDS._replace(person_id=None, score=0.75)
PERSON = Box("a", 903.0, 0.1, 0.25, 0.5, 0.75, score=0.5)


def test_a_folder_for_pyslowfast(pyslowfast: Any, tmp_path: Path) -> None:
    path = tmp_path / "ava"
    told = pyslowfast.write(path, [STANDS, SCORED, PERSON], split="validate", labels=ACTIONS)
    assert told == []
    assert below(path) == [
        "annotations/ava_action_list_v2.2_for_activitynet_2019.pbtxt",
        "annotations/ava_val_excluded_timestamps_v2.2.csv",
        "annotations/ava_val_predicted_boxes.csv",
        "annotations/ava_val_v2.2.csv",
        "frame_lists/val.csv",
    ]
    annotations = path / "annotations"
    assert (annotations / "ava_val_v2.2.csv").read_text() == "a,0902,0.100,0.250,0.500,0.750,12,3\n"
    assert (annotations / "ava_val_predicted_boxes.csv").read_text() == (
        "a,0902,0.100,0.250,0.500,0.750,12,0.75\na,0903,0.100,0.250,0.500,0.750,,0.5\n"
    )
    labels = (annotations / "ava_action_list_v2.2_for_activitynet_2019.pbtxt").read_text()
    assert labels.startswith('item {\n  name: "stand"\n  id: 12\n}\nitem {\n')
    frames = (path / "frame_lists" / "val.csv").read_text().splitlines()
    assert frames[0] == "original_vido_id video_id frame_id path labels"
    assert frames[1] == 'a 0 0 a/a_000001.jpg ""'
    assert frames[-1] == 'a 0 27029 a/a_027030.jpg ""'
    # Second 902 is the 60th frame behind second 900, as the tool counts: (902 - 900) * 30.
    assert frames[61].split()[2] == "60"
    records, told = pyslowfast.read(path, split="validate", labels=ACTIONS)
    assert (records, told) == ([STANDS, SCORED, PERSON], [])


def test_splits_come_back_from_a_folder(pyslowfast: Any, tmp_path: Path) -> None:
    path = tmp_path / "ava"
    records = [STANDS._replace(details={"split": split}) for split in ("train", "validate", "test")]
    assert pyslowfast.write(path, records, labels=ACTIONS) == []
    assert pyslowfast.read(path, labels=ACTIONS) == (records, [])
    assert pyslowfast.read(path, labels=ACTIONS, split="test") == ([STANDS], [])


def test_frames_that_are_there_make_the_frame_list(pyslowfast: Any, tmp_path: Path) -> None:
    media = tmp_path / "frames"
    (media / "a").mkdir(parents=True)
    for number in (2, 1):
        (media / "a" / f"a_{number:06d}.jpg").touch()
    records = [STANDS, STANDS._replace(video_id="b")]
    told = pyslowfast.write(tmp_path / "ava", records, labels=ACTIONS, media=media)
    assert told == [f"error b: expected frames, *.jpg, in {media / 'b'}, found none"]
    assert (tmp_path / "ava" / "frame_lists" / "train.csv").read_text().splitlines()[1:] == [
        'a 0 0 a/a_000001.jpg ""',
        'a 0 1 a/a_000002.jpg ""',
    ]
    records, told = pyslowfast.read(tmp_path / "ava", labels=ACTIONS)
    assert told == [
        "warning b: has boxes, but no frames here: PySlowFast stops with an AssertionError"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a 0 0 a.jpg\n", "error 2: expected 5 cells between spaces, found 4", id="4"),
        pytest.param(
            'z 0 0 z.jpg ""\n', "loaded: PySlowFast stops with an AssertionError", id="no boxes"
        ),
    ],
)
def test_frame_lists_that_do_not_fit_are_told_of(
    pyslowfast: Any, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "ava"
    pyslowfast.write(path, [STANDS], labels=ACTIONS)
    frames = path / "frame_lists" / "train.csv"
    frames.write_text(f'original_vido_id video_id frame_id path labels\n{text}a 0 0 a.jpg ""\n')
    records, told = pyslowfast.read(path, labels=ACTIONS)
    assert len(records) == 1
    assert any(message in one for one in told)
    frames.write_text("path label\n")
    with pytest.raises(FormatError, match=r"train\.csv:1: expected the header"):
        pyslowfast.read(path, labels=ACTIONS)


@pytest.mark.parametrize("name", ["pyslowfast-ava", "mmaction2-ava"])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        pytest.param({"timestamp_seconds": 902.5}, "takes whole seconds from", id="half a second"),
        pytest.param({"video_id": "a b"}, "cannot take the video id 'a b'", id="a space"),
        pytest.param({"action_id": None, "label": None}, "neither action nor score", id="nothing"),
        pytest.param({"action_id": None, "label": "x"}, "is not in the label map", id="unknown"),
        pytest.param({"details": {"split": "dev"}}, "found 'dev'", id="split"),
    ],
)
def test_rows_at_which_the_tools_would_stop_are_errors(
    tried: Any, tmp_path: Path, name: str, bad: dict[str, Any], message: str
) -> None:
    layout = tried(name)
    told = layout.write(tmp_path / "ava", [STANDS._replace(**bad), STANDS], labels=ACTIONS)
    assert len(told) == 1
    assert told[0].startswith("error ")
    assert message in told[0]
    assert len(layout.read(tmp_path / "ava")[0]) == 1


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("pyslowfast-ava", "unless AVA_VALID_FRAMES of its ava_helper.py"),
        ("mmaction2-ava", "set timestamp_start and timestamp_end of MMAction2's AVADataset"),
    ],
)
def test_films_that_no_shift_brings_in_are_written_as_they_are(
    tried: Any, tmp_path: Path, name: str, setting: str
) -> None:
    layout = tried(name)
    records = [STANDS._replace(timestamp_seconds=float(second)) for second in (1, 2, 901, 902)]
    records.append(SCORED._replace(timestamp_seconds=3.0, action_id=None, label=None))
    told = layout.write(tmp_path / "one", records, labels=ACTIONS, split="train")
    assert [one for one in told if "error" in one] == []
    (warning,) = told
    assert setting in warning and "this and" in warning
    found, _ = layout.read(tmp_path / "one", labels=ACTIONS, split="train")
    assert found == records
    layout.write(tmp_path / "two", found, labels=ACTIONS, split="train")
    for path in below(tmp_path / "one"):
        assert (tmp_path / "two" / path).read_bytes() == (tmp_path / "one" / path).read_bytes()


@pytest.mark.parametrize(
    ("name", "rows", "proposals"),
    [
        ("pyslowfast-ava", "ava_train_v2.2.csv", "ava_train_predicted_boxes.csv"),
        ("mmaction2-ava", "ava_train_v2.1.csv", "ava_dense_proposals_train.FAIR.recall_93.9.pkl"),
    ],
)
def test_seconds_of_short_videos_are_counted_from_900_on(
    tried: Any, tmp_path: Path, name: str, rows: str, proposals: str
) -> None:
    layout = tried(name)
    film = STANDS._replace(video_id="film")
    records = [STANDS._replace(timestamp_seconds=float(second)) for second in (2, 7, 898)]
    records = [*records, film]
    persons = [SCORED._replace(timestamp_seconds=3.0, action_id=None, label=None)]
    told = layout.write(tmp_path / "one", [*records, *persons], labels=ACTIONS, split="train")
    assert told == [
        "warning a: 900 was added to the seconds of a short video: the images begin with its "
        "first, at 30 a second (this)"
    ]
    annotations = tmp_path / "one" / "annotations"
    written = (annotations / rows).read_text().splitlines()
    assert [line[:9] for line in written] == ["a,0902,0.", "a,0907,0.", "a,1798,0.", "film,0902"]
    assert b"a,0903" in (annotations / proposals).read_bytes()
    assert layout.read(tmp_path / "one", labels=ACTIONS, split="train")[0] == [*records, *persons]


def test_seconds_that_have_no_place_in_a_short_video_are_left_out(
    pyslowfast: Any, tmp_path: Path
) -> None:
    records = [STANDS._replace(timestamp_seconds=float(second)) for second in (0, 1, 2)]
    records.append(STANDS._replace(video_id="b", timestamp_seconds=1.0))
    told = pyslowfast.write(tmp_path / "ava", records, labels=ACTIONS)
    assert told[1] == (
        "warning a at 0 s: with 900 added its second lies outside 902 to 1798 and has no place "
        "there (this and 2 more)"
    )
    found, _ = pyslowfast.read(tmp_path / "ava", labels=ACTIONS, split="train")
    assert found == [records[2]]
    frames = (tmp_path / "ava" / "frame_lists" / "train.csv").read_text().splitlines()
    # The video lasts 1.5 s behind its last key frame at least: 3.5 s at 30 images a second.
    assert len(frames) == 1 + 105
    assert {line.split()[0] for line in frames[1:]} == {"a"}


def test_the_list_of_images_has_the_videos_that_pyslowfast_loads(
    pyslowfast: Any, tmp_path: Path
) -> None:
    """To train the truth's, to validate those with predicted boxes: it stops at any other."""
    media = tmp_path / "frames"
    for video_id in "ab":
        (media / video_id).mkdir(parents=True)
        (media / video_id / f"{video_id}_000001.jpg").touch()
    records = [STANDS, SCORED._replace(video_id="b")]
    for split, expected in (("train", "a"), ("validate", "b")):
        path = tmp_path / split
        pyslowfast.write(path, records, labels=ACTIONS, media=media, split=split)
        (frames,) = (path / "frame_lists").iterdir()
        assert [line.split()[0] for line in frames.read_text().splitlines()[1:]] == [expected]
        assert pyslowfast.read(path, labels=ACTIONS, split=split) == (records, [])


def test_rows_that_are_refused_in_writing_are_refused_in_reading(
    mmaction2: Any, tmp_path: Path
) -> None:
    mmaction2.write(tmp_path / "ava", [STANDS], labels=ACTIONS)
    rows = tmp_path / "ava" / "annotations" / "ava_train_v2.1.csv"
    good = rows.read_text()
    rows.write_text(f"a,902.5,0.1,0.1,0.5,0.5,12,3\na,0902,0.1,0.1,0.5,0.5,12\n{good}")
    found, told = mmaction2.read(tmp_path / "ava", labels=ACTIONS)
    assert len(found) == 1
    assert told == [
        "error 1: found the time 902.5; mmaction2-ava takes whole seconds from 0 on",
        "error 2: found no person_id; mmaction2-ava needs one",
    ]


def test_a_folder_for_mmaction2(mmaction2: Any, tmp_path: Path) -> None:
    path = tmp_path / "ava"
    records = [STANDS, SCORED, PERSON, STANDS._replace(person_id=None)]
    told = mmaction2.write(path, records, split="train", labels=ACTIONS)
    assert told == [
        "error a at 902 s: found no person_id; mmaction2-ava needs one",
        "warning a at 902 s: mmaction2-ava does not say the action of a box with a score of this; "
        "it is lost there",
    ]
    assert below(path) == [
        "annotations/ava_action_list_v2.1_for_activitynet_2018.pbtxt",
        "annotations/ava_dense_proposals_train.FAIR.recall_93.9.pkl",
        "annotations/ava_train_excluded_timestamps_v2.1.csv",
        "annotations/ava_train_v2.1.csv",
    ]
    found, told = mmaction2.read(path, split="train", labels=ACTIONS)
    assert found == [STANDS, SCORED._replace(action_id=None, label=None), PERSON]
    assert told == []


def test_mmaction2_stops_at_none_of_the_proposals(mmaction2: Any, tmp_path: Path) -> None:
    """As `AVADataset.get_data_info` does: the best scores, then all corners in [0, 1]."""
    path = tmp_path / "ava"
    records = [
        SCORED._replace(x1=-0.25, y2=1.75),
        SCORED._replace(timestamp_seconds=903.0, x2=1.0000001),
        SCORED._replace(timestamp_seconds=904.0),
        Box("a", 905.0),
    ]
    told = mmaction2.write(path, records, split="train", labels=ACTIONS)
    assert [line for line in told if "cut" in line] == [
        "warning a at 902 s: is cut to the frame, for MMAction2 stops outside of [0, 1] "
        "(this and 1 more)"
    ]
    proposals = pickle.loads(next(path.rglob("*.pkl")).read_bytes())
    assert sorted(proposals) == ["a,0902", "a,0903", "a,0904"]
    for boxes_N5 in proposals.values():
        chosen = boxes_N5[boxes_N5[:, 4] >= min(0.9, max(boxes_N5[:, 4]))][:, :4]
        assert boxes_N5.shape[-1] == 5 and chosen.min() >= 0 and chosen.max() <= 1
    assert proposals["a,0902"][0][[0, 3]].tolist() == [0.0, 1.0]


def test_a_missing_label_map_is_told_of(pyslowfast: Any, tmp_path: Path) -> None:
    told = pyslowfast.write(tmp_path / "ava", [STANDS._replace(label=None)])
    assert told == [
        "warning ava_action_list_v2.2_for_activitynet_2019.pbtxt: not written, but needed: the "
        "label map was not given"
    ]


def test_a_folder_without_annotations_is_an_error(mmaction2: Any, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"expected annotations/ava_train_v2\.1\.csv"):
        mmaction2.read(tmp_path)
