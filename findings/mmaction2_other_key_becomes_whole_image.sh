#!/bin/sh
# MMAction2 1.2.0: where the proposals have no key of a key frame, AVADataset takes the whole image
# for the only person there, without a word; every detection is then 0,0,1,1 and the mAP is 0.
#
# Keys are text, 'VIDEO,0902' with four digits at least, however the seconds of the truth are
# written: a truth with 5 for its second and proposals under 'a,5' do not meet ('a,0005' would).
# A key frame without proposals is no error and no empty array either, but a person of full size.
#
# Ends with 1 once another key is told of, or gives no person.
#
# Output seen:
#   second 5 of the truth, proposals under a,5:    [[0, 0, 1, 1]]
#   second 5 of the truth, proposals under a,0005: [[0.2, 0.2, 0.4, 0.9]]
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
import pickle
import sys
from pathlib import Path

import numpy as np
from mmengine.registry import DefaultScope

from mmaction.datasets import AVADataset

Path("truth.csv").write_text("a,5,0.2,0.2,0.4,0.9,12,0\n")


def proposed(key):
    person = np.array([[0.2, 0.2, 0.4, 0.9, 0.99]])
    Path("proposals.pkl").write_bytes(pickle.dumps({key: person}))
    data = AVADataset(ann_file="truth.csv", pipeline=[], proposal_file="proposals.pkl")
    return data.get_data_info(0)["proposals"].tolist()


if __name__ == "__main__":
    DefaultScope.get_instance("here", scope_name="mmaction")
    short, padded = proposed("a,5"), proposed("a,0005")
    print(f"second 5 of the truth, proposals under a,5:    {short}")
    print(f"second 5 of the truth, proposals under a,0005: {padded}")
    sys.exit(0 if (short, padded) == ([[0, 0, 1, 1]], [[0.2, 0.2, 0.4, 0.9]]) else 1)
PYTHON
env/bin/python -W ignore try.py
