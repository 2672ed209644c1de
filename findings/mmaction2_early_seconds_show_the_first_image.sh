#!/bin/sh
# MMAction2 1.2.0: key frames before second 900 are all shown as the first image, 32 times.
#
# AVA's rows count seconds from the start of the film, and frames are cut out from second 900 on.
# For rows of a short video, from second 5 say, the place of the clip is negative; SampleAVAFrames
# clips it to the video's span instead of refusing it, so every key frame is the same still, a
# network trains on it, and the loss falls. (timestamp_start=0 is what one has to set.)
#
# Ends with 1 once such a key frame is refused, or shown where it is.
#
# Output seen:
#   second   5: images 1 to 1, 1 different
#   second  40: images 1 to 1, 1 different
#   second 902: images 30 to 92, 32 different
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet uv
env/bin/uv pip install --quiet --python env/bin/python --no-deps mmaction2==1.2.0 mmcv-lite==2.1.0
env/bin/uv pip install --quiet --python env/bin/python mmengine==0.10.7 torch==2.11.0 \
    numpy==1.26.4 scipy einops opencv-python-headless==4.11.0.86 packaging decord
cat >try.py <<'PYTHON'
import sys
from pathlib import Path

from mmengine.registry import DefaultScope

from mmaction.datasets import AVADataset
from mmaction.datasets.transforms import SampleAVAFrames

SECONDS = (5, 40, 902)
Path("truth.csv").write_text("".join(f"a,{s},0.2,0.2,0.4,0.9,12,0\n" for s in SECONDS))

if __name__ == "__main__":
    DefaultScope.get_instance("here", scope_name="mmaction")
    data = AVADataset(ann_file="truth.csv", pipeline=[], test_mode=True)
    sample = SampleAVAFrames(clip_len=32, frame_interval=2, test_mode=True)
    found = []
    for place, second in enumerate(SECONDS):
        images = sample.transform(data.get_data_info(place))["frame_inds"].tolist()
        found.append((min(images), max(images), len(set(images))))
        print("second {:3}: images {} to {}, {} different".format(second, *found[-1]))
    sys.exit(0 if found == [(1, 1, 1), (1, 1, 1), (30, 92, 32)] else 1)
PYTHON
env/bin/python -W ignore try.py
