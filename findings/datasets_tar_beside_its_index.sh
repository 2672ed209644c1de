#!/bin/sh
# Hugging Face datasets 5.2.0 and WebDataset's own index (wids): a folder with one shard whose
# name holds no word for a split, the index of that shard and a text file is loaded as its index.
#
# Expected: the samples of the shard, or an error. Seen: the split "train" with one row, which is
# the index (`name`, `shardlist` ...), and no video; the same shard alone gives its three samples,
# and called train-000000.tar it gives them beside the same files.
# Cause: without such a word every file is data; the loader is chosen by the commonest suffix, and
# among equals the webdataset loader loses to that of JSON.
#
# Exits 1 once the index is no longer taken for the data.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet datasets==5.2.0
cat >"$folder/try.py" <<'PYTHON'
import io
import json
import sys
import tarfile
from pathlib import Path

import datasets


def loaded(name: str, shard: str, *, with_index: bool) -> datasets.Dataset:
    folder = Path(sys.argv[1], name)
    folder.mkdir()
    with tarfile.open(folder / shard, "w") as tar:
        for number in range(3):
            for suffix, content in ((".mp4", b"film"), (".cls", b"%d" % number)):
                member = tarfile.TarInfo(f"clip{number}{suffix}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    if with_index:
        index = {
            "__kind__": "wids-shard-index-v1",
            "wids_version": 1,
            "name": "all",
            "shardlist": [{"url": shard, "nsamples": 3}],
        }
        (folder / f"{shard.partition('-')[0]}shards.json").write_text(json.dumps(index))
        (folder / "classes.txt").write_text("bend\nwave\nsit\n")
    found = datasets.load_dataset(str(folder), cache_dir=f"{folder}.cache", split="train")
    print(name, found.num_rows, found.column_names)
    return found


alone = loaded("alone", "all-000000.tar", with_index=False)
beside = loaded("beside", "all-000000.tar", with_index=True)
named = loaded("named", "train-000000.tar", with_index=True)
is_so = "shardlist" in beside.column_names and "mp4" not in beside.column_names
sys.exit(0 if is_so and alone.num_rows == named.num_rows == 3 else 1)
PYTHON
HF_HOME="$folder/home" HF_HUB_OFFLINE=1 "$folder/venv/bin/python" "$folder/try.py" "$folder"
