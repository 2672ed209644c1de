#!/usr/bin/env bash
# With pytest 9.2 and pytest-xdist 3.8 tests of one group run in several processes, without a word.
#
# `--dist loadgroup` keeps tests marked `xdist_group` together, so that what they share is made once.
# pytest-xdist hands the group on as a suffix of the tests' ids, which pytest 9.2 keeps no longer:
# nothing fails and nothing is said, but each process makes fixtures of the module anew. A suite that
# relies on it for time grows slower, one that relies on it for a port or a file meets itself.
#
# Seen with pytest-xdist 3.8.0, eight tests of one group, two processes:
#   pytest 9.1.1: ran in 1 process
#   pytest 9.2.0: ran in 2 processes
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >test_group.py <<'PYTHON'
import os
import time

import pytest

pytestmark = pytest.mark.xdist_group("one")


@pytest.mark.parametrize("number", range(8))
def test_one_of_the_group(number):
    time.sleep(0.3)
    with open("processes.txt", "a") as file:
        print(os.getpid(), file=file)
PYTHON
seen=""
for version in 9.1.1 9.2.0; do
    python3 -m venv "venv-$version"
    "venv-$version/bin/pip" install --quiet "pytest==$version" pytest-xdist==3.8.0
    rm -f processes.txt
    "venv-$version/bin/pytest" -q -p no:cacheprovider -n 2 --dist loadgroup test_group.py >/dev/null
    seen="$seen$version:$(sort -u processes.txt | wc -l) "
done
echo "pytest and processes: $seen"
[ "$seen" = "9.1.1:1 9.2.0:2 " ]
