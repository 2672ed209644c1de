"""Folders of AVA's files as the two tools expect them, with one thing or another wrong in them."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TRAIN = "a,0902,0.1,0.1,0.5,0.9,12,0\na,0902,0.1,0.1,0.5,0.9,80,0\na,0904,0.1,0.1,0.5,0.9,11,0\n"
VAL = "b,0902,0.1,0.1,0.5,0.9,12,0\nb,0904,0.1,0.1,0.5,0.9,11,0\n"
PREDICTED = "b,0902,0.1,0.1,0.5,0.9,,0.95\nb,0904,0.1,0.1,0.5,0.9,,0.95\n"
LABELS = "".join(f'item {{\n  name: "c{i}"\n  id: {i}\n}}\n' for i in (1, 11, 12, 80))
PERSON = [[0.1, 0.1, 0.5, 0.9, 0.95]]
PLAIN: dict[str, Any] = {
    "train": TRAIN,
    "val": VAL,
    "predicted": PREDICTED,
    "excluded_train": "",
    "excluded_val": "",
    "labels": LABELS,
    "lists": {"train": {"a": {}}, "val": {"b": {}}},
    "images": {"a": 180, "b": 180},
    "proposals_train": {"a,0902": PERSON, "a,0904": PERSON},
    "proposals_val": {"b,0902": PERSON, "b,0904": PERSON},
}
HEADER = "original_vido_id video_id frame_id path labels\n"
ROW = '{video} 0 {place} {video}/{video}_{number:06d}.jpg ""'


def listed(videos: dict[str, dict[str, Any]]) -> str:
    """Return a list of images as PySlowFast has it, or one with something wrong in it."""
    text = HEADER
    for video, odd in videos.items():
        numbers = range(odd.get("first", 1), odd.get("images", 180) + 1)
        row = odd.get("row", ROW)
        lines = [
            row.format(video=video, place=place, number=number)
            for place, number in enumerate(numbers, odd.get("first", 1) - 1)
        ]
        text = text if odd.get("header", True) else ""
        text += "".join(f"{line}\n" for line in (lines[::-1] if odd.get("reverse") else lines))
        text += odd.get("end", "")
    return text


def proposed(boxes: dict[str, Any]) -> dict[object, object]:
    """Return what a file of proposals holds; some keys say what else than an array stands there."""
    found: dict[object, object] = {}
    for key, rows in boxes.items():
        kind, _, name = key.rpartition(":")
        array = np.array(rows, float).reshape(len(rows), -1 if rows else 5)
        if kind == "tuple":
            video_id, second = name.split(",")
            found[video_id, int(second)] = array
        else:
            found[name] = rows if kind == "list" else array
    return found


def annotations_of(told: dict[str, Any]) -> dict[str, str | None]:
    """Return the text files of annotations/, under the names of both tools."""
    files = {"ava_val_predicted_boxes.csv": told["predicted"]}
    for version, challenge in (("v2.1", 2018), ("v2.2", 2019)):
        files[f"ava_action_list_{version}_for_activitynet_{challenge}.pbtxt"] = told["labels"]
        for split in ("train", "val"):
            files[f"ava_{split}_{version}.csv"] = told[split]
            files[f"ava_{split}_excluded_timestamps_{version}.csv"] = told[f"excluded_{split}"]
    return files


def images_of(store: Path, video: str, number: int) -> Path:
    """Return a folder of empty images under the names of both tools; made once."""
    folder = store / f"{video}_{number}"
    if not folder.exists():
        folder.mkdir(parents=True)
        for image in range(1, number + 1):
            (folder / f"{video}_{image:06d}.jpg").touch()
            (folder / f"img_{image:05d}.jpg").touch()
    return folder


def make(root: Path, store: Path, **changes: Any) -> Path:
    """Make a folder that both tools take whole, but for `changes`; None leaves a file out."""
    told = PLAIN | changes
    annotations = root / "annotations"
    (root / "frame_lists").mkdir(parents=True)
    annotations.mkdir()
    for name, text in annotations_of(told).items():
        if text is not None:
            (annotations / name).write_bytes(text.encode())
    for split in ("train", "val"):
        videos = (PLAIN["lists"] | told["lists"])[split]
        (root / "frame_lists" / f"{split}.csv").write_text(listed(videos))
        if (boxes := told[f"proposals_{split}"]) is not None:
            path = annotations / f"ava_dense_proposals_{split}.FAIR.recall_93.9.pkl"
            path.write_bytes(pickle.dumps(proposed(boxes)))
    for folder in ("frames", "rawframes") if told["images"] else ():
        (root / folder).mkdir()
        for video, number in told["images"].items():
            (root / folder / video).symlink_to(images_of(store, video, number))
    return root


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where images lie that many folders link to."""
    return tmp_path_factory.mktemp("images")


@pytest.fixture
def ava_folder(tmp_path: Path, store: Path) -> Callable[..., Path]:
    """Return `make`, in a folder of the test's own."""
    return lambda **changes: make(tmp_path / "ava", store, **changes)
