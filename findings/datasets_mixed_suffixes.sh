#!/bin/sh
# Hugging Face datasets 5.2.0, webdataset loader: samples whose video has a suffix that is not
# among the first five samples come back with their labels and with None for a video.
#
# Expected: an error, or a column for each suffix. Seen: six .mp4 and two .webm samples load
# without a word; the last two rows have mp4=None and no column webm, cls is right in all eight.
# Cause: packaged_modules/webdataset takes the columns from NUM_EXAMPLES_FOR_FEATURES_INFERENCE
# (5) samples of the last split; other fields are dropped, missing ones filled with None.
#
# Exits 1 once the rows are no longer lost like this.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet datasets==5.2.0
cat >"$folder/try.py" <<'PYTHON'
import io
import sys
import tarfile

import datasets

folder = sys.argv[1]
names = [f"clip{n}.mp4" for n in range(6)] + ["clip6.webm", "clip7.webm"]
with tarfile.open(f"{folder}/train-000000.tar", "w") as tar:
    for number, name in enumerate(names):
        for file, content in ((name, b"film"), (name.split(".")[0] + ".cls", b"%d" % number)):
            member = tarfile.TarInfo(file)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
rows = datasets.load_dataset(
    "webdataset", data_files=f"{folder}/train-000000.tar", split="train", cache_dir=f"{folder}/cache"
).cast_column("mp4", datasets.Video(decode=False))
print("columns:", rows.column_names)
for row in rows:
    print(row["cls"], "no video" if row["mp4"] is None else "video")
lost = [row["cls"] for row in rows if row["mp4"] is None]
sys.exit(0 if lost == [6, 7] and "webm" not in rows.column_names else 1)
PYTHON
HF_HOME="$folder/home" HF_HUB_OFFLINE=1 "$folder/venv/bin/python" "$folder/try.py" "$folder"
