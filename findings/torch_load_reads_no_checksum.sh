#!/bin/sh
# torch.save writes a CRC-32 of every record, torch.load reads none of them.
#
# torch 2.11.0. A .pt file is a zip archive, and torch.save fills in the CRC-32 of each record
# (torch.serialization.get_crc32_options() is True by default). After 4 KiB of the file are
# overwritten with zeros, as a disk does that loses a block, torch.load returns other weights
# without a word, also with weights_only=True and with mmap=True. Python's zipfile finds it.
# safetensors 0.6.2, to which one may flee, has no checksum at all and behaves the same.
#
# Ends with 0 while it is so, with 1 when torch or safetensors notices the damage.
#
# Output seen:
#   torch 2.11.0+cu130, checksums on: True
#   of 29 files with 4 KiB of zeros among the weights
#     torch.load gave other weights without an error: 29
#     torch.load(mmap=True) did:                      29
#     zipfile.testzip() found the damage:             29
#     safetensors gave other weights without an error: 29 of 29
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet uv
env/bin/uv pip install --quiet --python env/bin/python torch==2.11.0 safetensors==0.6.2 numpy packaging
cat >try.py <<'PYTHON'
import sys
import zipfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

weights = {"weight": torch.ones(300, 1000)}
torch.save(weights, "good.pt")
save_file(weights, "good.safetensors")
good, plain = Path("good.pt").read_bytes(), Path("good.safetensors").read_bytes()


def is_other(load):
    """Tell whether a file loads without an error, and with other weights."""
    try:
        return not torch.equal(load()["weight"], weights["weight"])
    except Exception as error:
        print("refused:", error)
        return False


def zeroed(data, start):
    return data[:start] + bytes(4096) + data[start + 4096 :]


with zipfile.ZipFile("good.pt") as archive:
    assert archive.testzip() is None
loaded = mapped = found = safe = num_files = 0
for start in range(8192, len(good) - 16384, 40960):
    num_files += 1
    Path("bad.pt").write_bytes(zeroed(good, start))
    Path("bad.safetensors").write_bytes(zeroed(plain, start))
    loaded += is_other(lambda: torch.load("bad.pt", weights_only=True))
    mapped += is_other(lambda: torch.load("bad.pt", weights_only=True, mmap=True))
    safe += is_other(lambda: load_file("bad.safetensors"))
    try:
        with zipfile.ZipFile("bad.pt") as archive:
            found += archive.testzip() is not None
    except zipfile.BadZipFile:
        found += 1

print(f"torch {torch.__version__}, checksums on: {torch.serialization.get_crc32_options()}")
print(f"of {num_files} files with 4 KiB of zeros among the weights")
print(f"  torch.load gave other weights without an error: {loaded}")
print(f"  torch.load(mmap=True) did:                      {mapped}")
print(f"  zipfile.testzip() found the damage:             {found}")
print(f"  safetensors gave other weights without an error: {safe} of {num_files}")
sys.exit(0 if num_files == loaded == mapped == found == safe else 1)
PYTHON
env/bin/python try.py
