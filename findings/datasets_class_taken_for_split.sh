#!/bin/sh
# Hugging Face datasets 5.2.0, videofolder: the folder of a class is taken for one of a split, and
# validation clips are listed in train as well.
#
# "training dog" is a class of Kinetics. In val/training dog/b.mp4 both "val" and "training" are
# words for splits; each pattern (**/training[-._ 0-9]*/**) is looked for anywhere in the path.
# Expected: train a.mp4, validation b.mp4. Seen: b.mp4 stands in validation and in train, without
# a warning: what is measured on validation was trained on.
#
# Exits 1 once the clip is in one split alone.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet datasets==5.2.0
cat >"$folder/try.py" <<'PYTHON'
import sys
from pathlib import Path

import datasets

root = Path(sys.argv[1], "tree")
for name in ("train/walking/a.mp4", "val/training dog/b.mp4", "val/walking/c.mp4"):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(b"film")
loaded = datasets.load_dataset("videofolder", data_dir=str(root), cache_dir=f"{root}/../cache")
found = {
    split: sorted(
        Path(row["video"]["path"]).name
        for row in rows.cast_column("video", datasets.Video(decode=False))
    )
    for split, rows in loaded.items()
}
print(found)
sys.exit(0 if "b.mp4" in found["train"] and "b.mp4" in found["validation"] else 1)
PYTHON
HF_HOME="$folder/home" HF_HUB_OFFLINE=1 "$folder/venv/bin/python" "$folder/try.py" "$folder"
