#!/bin/sh
# MMAction2 1.2.0: key frames in AVA's list of exclusions are not shown to the network, and their
# labels count as missed all the same: perfect predictions get an mAP of 0.5.
#
# AVA's excluded key frames count neither for nor against (ActivityNet's evaluator drops them from
# truth and predictions). AVADataset leaves them out too, so nothing is predicted there; ava_eval
# leaves them out of the matching, but counts the labels to be found (gt_count) before it does.
# AVA's own truth has no rows at excluded key frames, so its numbers are right.
#
# Ends with 1 once excluded labels are not counted.
#
# Output seen:
#   AVADataset shows 1 of 2 key frames
#   mAP of perfect predictions: 0.5, without rows of excluded key frames: 1.0
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
import contextlib
import io
import sys
from pathlib import Path

from mmengine.registry import DefaultScope

from mmaction.datasets import AVADataset
from mmaction.evaluation import ava_eval

BOX = "0.1,0.1,0.5,0.9"
Path("labels.pbtxt").write_text('item {\n  name: "stand"\n  id: 12\n}\n')
Path("truth.csv").write_text(f"a,0902,{BOX},12,0\na,0904,{BOX},12,0\n")
Path("kept.csv").write_text(f"a,0904,{BOX},12,0\n")
Path("excluded.csv").write_text("a,0902\n")
Path("found.csv").write_text(f"a,0904,{BOX},12,1.0\n")


def measured(truth):
    with contextlib.redirect_stdout(io.StringIO()):
        found = ava_eval("found.csv", "mAP", "labels.pbtxt", truth, "excluded.csv")
    return float(found["overall"])


if __name__ == "__main__":
    DefaultScope.get_instance("here", scope_name="mmaction")
    shown = AVADataset(ann_file="truth.csv", exclude_file="excluded.csv", pipeline=[])
    print(f"AVADataset shows {len(shown)} of 2 key frames")
    values = measured("truth.csv"), measured("kept.csv")
    print(f"mAP of perfect predictions: {values[0]}, "
          f"without rows of excluded key frames: {values[1]}")
    sys.exit(0 if (len(shown), *values) == (1, 0.5, 1.0) else 1)
PYTHON
env/bin/python -W ignore try.py
