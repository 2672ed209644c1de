"""Asks PySlowFast and MMAction2 themselves what they make of folders of AVA's files.

    python benchmarks/ava_readers.py --slowfast CHECKOUT

`kbuild ava check` promises what their code does. This makes the folders of
tests/ava/checking/cases.json, has the datasets and measures of both read them, and prints where
they do otherwise than that file says; it exits 1 then. It needs an environment with mmaction2
1.2.0, mmcv-lite, torch, torchvision, fvcore, iopath, opencv and pytest, and the sources of
PySlowFast at 287ec007 in CHECKOUT. Of these, its data and its measure alone are imported.
"""

import argparse
import contextlib
import importlib
import io
import json
import logging
import os
import re
import runpy
import sys
import tempfile
import types
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

CASES = Path(__file__).parents[1] / "tests" / "ava" / "checking"
COUNTS = ("key_frames", "boxes", "labels")
PERSON = [0.1, 0.1, 0.9, 0.5]
"""y1, x1, y2, x2 of a perfect prediction."""
EACH = {"val": 4, "test": 1}


def package(name: str, path: Path) -> None:
    """Put a package there without running its __init__, which imports everything."""
    module = types.ModuleType(name)
    module.__path__ = [str(path)]
    sys.modules[name] = module


def import_slowfast(checkout: Path) -> tuple[Any, Any]:
    """Return PySlowFast's module of the dataset and that of the measure."""
    for name in ("slowfast", "slowfast.datasets", "slowfast.utils"):
        package(name, checkout / name.replace(".", "/"))
    # The measure is imported from a package that is not published.
    for name in ("vision", "vision.fair", "vision.fair.slowfast"):
        package(name, checkout)
    distributed = types.ModuleType("slowfast.utils.distributed")
    distributed.is_master_proc = lambda *_: False  # type: ignore[attr-defined]
    sys.modules["slowfast.utils.distributed"] = distributed
    sys.modules["slowfast.utils"].distributed = distributed  # type: ignore[attr-defined]
    np.bool = bool  # type: ignore[misc, assignment]
    np.float = float  # type: ignore[attr-defined]
    names = ("slowfast.datasets.ava_dataset", "slowfast.utils.ava_eval_helper")
    dataset, measure = map(importlib.import_module, names)
    return dataset, measure


def slowfast_settings(root: Path) -> SimpleNamespace:
    """Return its defaults, with smaller pictures."""
    data = SimpleNamespace(
        SAMPLING_RATE=2, NUM_FRAMES=32, MEAN=[0.45] * 3, STD=[0.225] * 3, RANDOM_FLIP=True,
        TRAIN_CROP_SIZE=24, TRAIN_JITTER_SCALES=[24, 24], TEST_CROP_SIZE=24,
        REVERSE_INPUT_CHANNEL=False, TRAIN_PCA_EIGVAL=[1.0] * 3, TRAIN_PCA_EIGVEC=[[1.0, 0, 0]] * 3,
    )  # fmt: skip
    ava = SimpleNamespace(
        BGR=False, TRAIN_USE_COLOR_AUGMENTATION=False, TRAIN_PCA_JITTER_ONLY=True,
        TEST_FORCE_FLIP=False, FRAME_LIST_DIR=str(root / "frame_lists"),
        FRAME_DIR=str(root / "frames"), ANNOTATION_DIR=str(root / "annotations"),
        TRAIN_LISTS=["train.csv"], TEST_LISTS=["val.csv"],
        TRAIN_GT_BOX_LISTS=["ava_train_v2.2.csv"], TRAIN_PREDICT_BOX_LISTS=[],
        TEST_PREDICT_BOX_LISTS=["ava_val_predicted_boxes.csv"], DETECTION_SCORE_THRESH=0.9,
        FULL_TEST_ON_VAL=False, IMG_PROC_BACKEND="cv2",
    )  # fmt: skip
    model = SimpleNamespace(
        NUM_CLASSES=80, ARCH="slow", SINGLE_PATHWAY_ARCH=["slow"], MULTI_PATHWAY_ARCH=[]
    )
    multigrid = SimpleNamespace(SHORT_CYCLE=False)
    return SimpleNamespace(DATA=data, AVA=ava, MODEL=model, MULTIGRID=multigrid)


def told(error: Exception) -> str:
    """Return an error as cases.json has it: without the folder it is about."""
    text = f"{type(error).__name__}: {error}"[:220]
    return re.sub(r"'[^']*/ava/", "'", text)


def stopped(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what was found, or the error at which it ended."""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 (whatever the tool ends with is the answer)
        return {"stops": told(error)}


def summed(samples: Iterable[Callable[[], tuple[int, int]]]) -> dict[str, Any]:
    """Count the samples that can be loaded, their boxes and labels; note the first error."""
    found: dict[str, Any] = dict.fromkeys(COUNTS, 0)
    for sample in samples:
        try:
            boxes, labels = sample()
        except Exception as error:  # noqa: BLE001 (as above)
            found.setdefault("stops", told(error))
            continue
        for name, number in zip(COUNTS, (1, boxes, labels), strict=True):
            found[name] += number
    return found


def ask_slowfast(dataset: Any, root: Path, split: str) -> dict[str, Any]:
    """Load every key frame of a split."""
    data = dataset.Ava(slowfast_settings(root), split)

    def sample(place: int) -> tuple[int, int]:
        labels = data[place][1]
        return len(labels), int(labels.sum())

    return summed(lambda place=place: sample(place) for place in range(len(data)))


def counted(truth: Sequence[Any], keys: Iterable[str], value: float) -> dict[str, Any]:
    """Count what is measured on these key frames."""
    boxes, labels, _ = truth
    rows = [
        (key, tuple(box), label)
        for key in keys
        for box, label in zip(boxes[key], labels[key], strict=True)
    ]
    return {
        "key_frames": len({key for key, _, _ in rows}),
        "boxes": len({row[:2] for row in rows}),
        "labels": len(set(rows)),
        "mAP": None if np.isnan(value) else round(float(value), 6),
    }


def ask_slowfast_measure(measure: Any, root: Path, split: str) -> dict[str, Any]:
    """Measure perfect predictions."""
    folder = root / "annotations"
    excluded = measure.read_exclusions(str(folder / "ava_val_excluded_timestamps_v2.2.csv"))
    names = "ava_action_list_v2.2_for_activitynet_2019.pbtxt"
    categories, classes = measure.read_labelmap(str(folder / names))
    truth = measure.read_csv(str(folder / "ava_val_v2.2.csv"), classes)
    truth = [
        {key: value for key, value in part.items() if int(key.split(",")[1]) % EACH[split] == 0}
        for part in truth
    ]
    boxes = {key: [PERSON] * len(labels) for key, labels in truth[1].items()}
    scores = {key: [1.0] * len(labels) for key, labels in truth[1].items()}
    with contextlib.redirect_stdout(io.StringIO()):
        found = measure.run_evaluation(categories, truth, (boxes, truth[1], scores), excluded)
    kept = [key for key in truth[0] if key not in excluded]
    return counted(truth, kept, found["PascalBoxes_Precision/mAP@0.5IOU"])


def ask_mmaction2(root: Path, split: str) -> dict[str, Any]:
    """Load every key frame of a split."""
    from mmaction.datasets import AVADataset
    from mmaction.datasets.transforms import RawFrameDecode, SampleAVAFrames

    folder = root / "annotations"
    sampling = SampleAVAFrames(clip_len=32, frame_interval=2, test_mode=split != "train")
    decoding = RawFrameDecode()
    data = AVADataset(
        ann_file=str(folder / f"ava_{split}_v2.1.csv"),
        exclude_file=str(folder / f"ava_{split}_excluded_timestamps_v2.1.csv"),
        label_file=str(folder / "ava_action_list_v2.1_for_activitynet_2018.pbtxt"),
        proposal_file=str(folder / f"ava_dense_proposals_{split}.FAIR.recall_93.9.pkl"),
        data_prefix={"img": str(root / "rawframes")},
        pipeline=[],
        test_mode=split != "train",
    )

    def sample(place: int) -> tuple[int, int]:
        np.random.seed(0)
        info = data.get_data_info(place)
        decoding.transform(sampling.transform(dict(info)))
        return len(info["gt_bboxes"]), int(info["gt_labels"].sum())

    return summed(lambda place=place: sample(place) for place in range(len(data)))


class InOneProcess:
    """What stands in for a pool of 32 processes."""

    def __init__(self, _: int) -> None: ...

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Return what the function gives for each."""
        return [function(item) for item in items]


def ask_mmaction2_measure(root: Path) -> dict[str, Any]:
    """Measure perfect predictions on what is not excluded."""
    from mmaction.evaluation.functional import ava_utils

    ava_utils.multiprocessing = SimpleNamespace(Pool=InOneProcess)
    folder = root / "annotations"
    labels = folder / "ava_action_list_v2.1_for_activitynet_2018.pbtxt"
    truth_file = folder / "ava_val_v2.1.csv"
    excluded_file = folder / "ava_val_excluded_timestamps_v2.1.csv"
    with labels.open() as file:
        classes = ava_utils.read_labelmap(file)[1]
    with excluded_file.open() as file:
        excluded = ava_utils.read_exclusions(file)
    with truth_file.open() as file:
        truth = ava_utils.read_csv(file, classes)
    kept = [key for key in truth[0] if key not in excluded]
    rows = [f"{key},0.1,0.1,0.5,0.9,{label},1.0\n" for key in kept for label in truth[1][key]]
    (root / "found.csv").write_text("".join(rows))
    files = (str(root / "found.csv"), "mAP", str(labels), str(truth_file), str(excluded_file))
    with contextlib.redirect_stdout(io.StringIO()):
        found = ava_utils.ava_eval(*files)
    return counted(truth, kept, found["overall"])


def answers(dataset: Any, measure: Any, root: Path) -> dict[str, dict[str, Any]]:
    """Return what both do with a folder, by the parts' names."""
    found = {
        f"pyslowfast {split}": stopped(lambda split=split: ask_slowfast(dataset, root, split))
        for split in ("train", "val", "test")
    }
    for split in ("train", "val"):
        found[f"mmaction2 {split}"] = stopped(lambda split=split: ask_mmaction2(root, split))
    for split in ("val", "test"):
        found[f"pyslowfast measure of {split}"] = stopped(
            lambda split=split: ask_slowfast_measure(measure, root, split)
        )
    found["mmaction2 measure of val"] = stopped(lambda: ask_mmaction2_measure(root))
    return found


def main() -> int:
    """Ask about every folder; return 1 where an answer differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--slowfast", type=Path, required=True, help="PySlowFast's sources.")
    dataset, measure = import_slowfast(parser.parse_args().slowfast)
    # Once: it waits for seconds before it tries an image again.
    dataset.utils.retry_load_images = partial(dataset.utils.retry_load_images, retry=1)
    from mmengine.registry import DefaultScope

    DefaultScope.get_instance("here", scope_name="mmaction")
    logging.disable(logging.CRITICAL)
    make = runpy.run_path(str(CASES / "conftest.py"))["make"]
    cases = json.loads((CASES / "cases.json").read_text())
    plain, num_other = cases[0]["real"], 0
    picture = cv2.imencode(".jpg", np.full((24, 32, 3), 90, np.uint8))[1].tobytes()
    with tempfile.TemporaryDirectory() as name:
        for number, case in enumerate(cases):
            root = make(Path(name) / str(number) / "ava", Path(name) / "images", **case["folder"])
            for image in (Path(name) / "images").rglob("*.jpg"):
                if not image.stat().st_size:
                    image.write_bytes(picture)
            for part, found in answers(dataset, measure, root).items():
                expected = {**plain, **case["real"]}[part]
                if found != expected:
                    num_other += 1
                    print(f"{case['name']}: {part}: found {found}, expected {expected}")
    print(f"{len(cases)} folders, {num_other} answers that differ")
    return 1 if num_other else 0


if __name__ == "__main__":
    os.environ["PYTHONWARNINGS"] = "ignore"
    sys.exit(main())
