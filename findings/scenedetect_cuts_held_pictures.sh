#!/usr/bin/env bash
# PySceneDetect's adaptive detector cuts a film again and again if each picture is held three times.
#
# A camera pans over one place, and over another behind one cut. Stored at 24 pictures a second,
# all of them different, the detector finds the cut and nothing else. Stored as 8 different
# pictures a second in a file of 24 (drawn films "on threes", converted films, slow cameras), it
# cuts about as often as its least length allows: two neighbours to each side of a change are
# the same picture, so their average change is zero, and zero makes the ratio 255.
# Held twice it is right again, for a change is then among the neighbours of the next one.
#
# Seen with scenedetect 0.6.7.1, opencv-python-headless 4.13.0.92, numpy 2.3.5:
#   each picture once: cuts at [30]
#   each picture held 2 times: cuts at [60]
#   each picture held 3 times: cuts at [15, 30, 45, 60, 75, 90, 105, 120, 135, 150, 165]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scenedetect==0.6.7.1 opencv-python-headless==4.13.0.92 numpy==2.3.5
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import cv2
import numpy as np
from scenedetect import detect
from scenedetect.detectors import AdaptiveDetector


def pan(seed):
    tiles = np.random.default_rng(seed).integers(0, 256, (18, 30, 3), dtype=np.uint8)
    place = np.kron(tiles, np.ones((8, 8, 1), dtype=np.uint8))
    return [np.ascontiguousarray(place[:, 2 * i : 2 * i + 160]) for i in range(30)]


def cuts(held):
    writer = cv2.VideoWriter("film.avi", cv2.VideoWriter_fourcc(*"MJPG"), 24, (160, 144))
    for picture in pan(1) + pan(2):
        for _ in range(held):
            writer.write(picture)
    writer.release()
    found = detect("film.avi", AdaptiveDetector())
    return [scene[0].get_frames() for scene in found[1:]]


seen = {held: cuts(held) for held in (1, 2, 3)}
for held, at in seen.items():
    print(f"each picture {'once' if held == 1 else f'held {held} times'}: cuts at {at}")
is_as_described = seen[1] == [30] and seen[2] == [60] and len(seen[3]) > 5
sys.exit(0 if is_as_described else "the behaviour has changed")
PYTHON
