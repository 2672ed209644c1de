#!/bin/sh
# What Ultralytics' save_txt writes of followed persons, its own loader takes for polygons.
#
# ultralytics 8.4.190. Results.save_txt writes "class x y w h", then the confidence if asked for,
# then the track's number if there is one. The loader of YOLO labels takes every row of more than
# six cells for a polygon, also in a dataset for boxes: x, y, w, h, confidence and track are three
# corners. Where all are at most 1.01, as for track 1, the image is loaded without a word with a
# box around those corners; for other tracks the image is left out. And without confidences the
# track's number stands where a confidence stands otherwise: the two rows "... 1" of a detection
# that is certain and of track 1 cannot be told apart.
#
# Ends with 0 while it is so, with 1 when the loader reads back the box or refuses it, or when the
# two rows differ.
#
# Output seen:
#   ultralytics 8.4.190
#   found, confidence 1:    0 0.2 0.35 0.2 0.5 1
#   followed as track 1:    0 0.2 0.35 0.2 0.5 1
#   followed, confidence:   0 0.2 0.35 0.2 0.5 0.5 1
#   the loader's box of it: 0 0.35 0.675 0.3 0.65 (messages: none)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet uv
env/bin/uv pip install --quiet --python env/bin/python torch==2.11.0 torchvision==0.26.0 \
    numpy opencv-python-headless pillow pyyaml requests psutil scipy matplotlib py-cpuinfo polars
env/bin/uv pip install --quiet --python env/bin/python --no-deps ultralytics==8.4.190
cat >try.py <<'PYTHON'
import sys

import numpy as np
import torch
import ultralytics
from PIL import Image
from ultralytics.data.utils import verify_image_label
from ultralytics.engine.results import Results

Image.new("RGB", (200, 100)).save("frame.jpg")
corners = [20, 10, 60, 60]


def saved(name, box, with_confidence):
    results = Results(
        np.zeros((100, 200, 3), np.uint8),
        path="frame.jpg",
        names={0: "person"},
        boxes=torch.tensor([box], dtype=torch.float32),
    )
    results.save_txt(name, save_conf=with_confidence)
    return open(name).read().strip()


found = saved("found.txt", [*corners, 1.0, 0], True)
track = saved("track.txt", [*corners, 1, 0.5, 0], False)
both = saved("both.txt", [*corners, 1, 0.5, 0], True)
loaded = verify_image_label(("frame.jpg", "both.txt", "", False, 1, 0, 0, False))
labels, message = loaded[1], loaded[-1]
row = "none" if labels is None else " ".join(f"{value:g}" for value in labels[0])
print("ultralytics", ultralytics.__version__)
print("found, confidence 1:   ", found)
print("followed as track 1:   ", track)
print("followed, confidence:  ", both)
print(f"the loader's box of it: {row} (messages: {message or 'none'})")
is_other = labels is not None and not np.allclose(labels[0], [0, 0.2, 0.35, 0.2, 0.5])
sys.exit(0 if found == track and is_other and not message else 1)
PYTHON
YOLO_CONFIG_DIR="$folder" YOLO_OFFLINE=true env/bin/python try.py
