#!/usr/bin/env bash
# pyarrow's to_numpy() loads pandas wherever pandas is installed, though nothing of it is needed.
#
# A column of plain float64 without nulls becomes a NumPy array, one expects, by a look at its
# buffer: pandas is an optional dependency, and no frame is asked for. Yet the first to_numpy() of
# a process, of an Array or a ChunkedArray, imports all of pandas, if it finds it. The same numbers
# by DLPack, numpy.from_dlpack(array), come without. Who reads one large table in a command that
# must start fast waits for pandas, and only on machines that happen to have it.
#
# Seen with pyarrow 26.0.1, pandas 3.1.1, numpy 2.4.6:
#   after read_csv: False
#   after from_dlpack: False
#   after to_numpy: True
#   equal: True
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyarrow==26.0.1 pandas==3.1.1 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import pyarrow as pa
from pyarrow import csv

table = csv.read_csv(pa.BufferReader(b"x\n0.5\n0.25\n"))
found = []


def note(what: str) -> None:
    found.append("pandas" in sys.modules)
    print(f"after {what}:", found[-1])


note("read_csv")
column = table["x"].chunk(0)
by_dlpack = np.from_dlpack(column)
note("from_dlpack")
by_arrow = column.to_numpy()
note("to_numpy")
is_equal = bool((by_dlpack == by_arrow).all())
print("equal:", is_equal)
sys.exit(0 if found == [False, False, True] and is_equal else 1)
PYTHON
