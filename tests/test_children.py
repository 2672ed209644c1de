"""How children are started: by a server that has imported what they need."""

import subprocess
import sys
import textwrap
from pathlib import Path

SCRIPT = """
import os, sys
from concurrent.futures import ProcessPoolExecutor
from kinetics_builder.children import served_children

NAMES = ["kinetics_builder.video.cutting.cut", "numpy", "sqlalchemy"]

def said(modules):
    return [name in sys.modules for name in modules], os.environ.get("OMP_NUM_THREADS")

if __name__ == "__main__":
    context = served_children(preload=["pipelines.kinetics.cut", "no.such.module"])
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        print(pool.submit(said, NAMES).result())
    print(*said(NAMES))
"""


def test_children_are_born_with_what_the_stages_import_and_one_thread(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    done = subprocess.run(
        [sys.executable, str(script)],
        env={"PATH": "", "OMP_NUM_THREADS": "7"},
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert done.stdout == "([True, True, True], '1')\n[False, False, False] 7\n"
