#!/bin/sh
# Hugging Face datasets 5.2.0 with pyarrow's JSON reader: ids that look like days become times, and
# splits of one data set do not load together.
#
# In metadata.jsonl "video_id": "2020-01-31" is a JSON text. If all ids of a split look so, the
# column is timestamp[s] and rows hold datetimes; if those of another split do not, loading ends
# with "different features". Expected: texts in both. The same table as metadata.parquet loads.
#
# Exits 1 once texts stay texts.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet datasets==5.2.0
cat >"$folder/try.py" <<'PYTHON'
import datetime
import json
import sys
from pathlib import Path

import datasets


def load(name, ids):
    root = Path(sys.argv[1], name)
    for split, video_id in ids.items():
        (root / split).mkdir(parents=True)
        (root / split / f"{split}.mp4").write_bytes(b"film")
        row = {"file_name": f"{split}.mp4", "video_id": video_id}
        (root / split / "metadata.jsonl").write_text(json.dumps(row) + "\n")
    return datasets.load_dataset("videofolder", data_dir=str(root), cache_dir=f"{root}/cache")


one = load("one", {"train": "2020-01-31"})["train"].remove_columns("video")[0]["video_id"]
print("one split:", repr(one))
try:
    load("two", {"train": "2020-01-31", "validation": "x2020-01-31"})
    told = ""
except ValueError as error:
    told = str(error)
print("two splits:", told[:60], "...", "have different features" in told)
is_time = isinstance(one, datetime.datetime)
sys.exit(0 if is_time and "have different features" in told else 1)
PYTHON
HF_HOME="$folder/home" HF_HUB_OFFLINE=1 "$folder/venv/bin/python" "$folder/try.py" "$folder"
