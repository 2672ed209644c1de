"""How children are started: by a server that has imported what they need."""

import multiprocessing
import signal
import subprocess
import sys
import textwrap
from multiprocessing import forkserver
from pathlib import Path

import pytest

from kinetics_builder import children
from pipelines.cli.ending import Terminated, stoppable
from pipelines.running.engines.children import Children

SCRIPT = """
import os, sys
from concurrent.futures import ProcessPoolExecutor
from kinetics_builder.children import served_children

NAMES = ["kinetics_builder.video.cutting.cut", "numpy", "sqlalchemy"]

def said(modules):
    return [name in sys.modules for name in modules], os.environ.get("OMP_NUM_THREADS")

if __name__ == "__main__":
    context = served_children(preload=["pipelines.kinetics.cut", NAMES[0], "no.such.module"])
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


STOPPED = """
import signal, sys, time
from pathlib import Path
from pebble import ProcessPool
from kinetics_builder import children

class Slow:
    def __init__(self, folder):
        self.folder = folder

    def __setstate__(self, state):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (state["folder"] / "begun").touch()
        time.sleep(1.0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

if __name__ == "__main__":
    context, folder = getattr(children, sys.argv[1])(), Path(sys.argv[2])
    pool = ProcessPool(1, initializer=id, initargs=[Slow(folder)], context=context)
    pool.schedule(abs, args=[-3])
    while not (folder / "begun").exists():
        time.sleep(0.01)
    pool.stop()
    pool.join()
"""


@pytest.mark.parametrize("begin", ["served_children", "fresh_children"])
def test_a_pool_that_is_stopped_while_its_children_start_says_nothing(
    tmp_path: Path, begin: str
) -> None:
    """A child that is on its way to the pool's locks finds them there."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(STOPPED))
    done = subprocess.run(
        [sys.executable, str(script), begin, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.long
def test_many_pools_that_are_soon_over_say_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(12):
        children = Children(3, 8 << 30)
        future = children.begin(abs, -number, 60.0)
        if number % 2:
            assert future.result()[0] == number
        children.stop()
    assert capfd.readouterr() == ("", "")


INTERRUPTED = """
import os, signal, sys, time
from pathlib import Path
from kinetics_builder.children import served_children

if __name__ == "__main__":
    served_children(preload=["slow_to_import"])
    while not Path(sys.argv[1]).exists():
        time.sleep(0.01)
    try:
        os.killpg(0, signal.SIGINT)
        time.sleep(60)
    except KeyboardInterrupt:
        print("heard")
"""


def test_a_server_that_is_still_importing_leaves_ctrl_c_to_its_parent(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    (tmp_path / "script.py").write_text(textwrap.dedent(INTERRUPTED))
    slow = f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\ntime.sleep(1)\n"
    (tmp_path / "slow_to_import.py").write_text(slow)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py"), str(begun)],
        env={"PATH": "", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
        start_new_session=True,
    )
    assert (done.stdout, done.stderr) == ("heard\n", "")


def test_who_is_stopped_while_children_begin_knows_each_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first two answers of their server are about the one that is waited for."""
    ask, num_asked = forkserver.read_signed, 0

    def stop_soon(source: int) -> int:
        nonlocal num_asked
        num_asked += 1
        if num_asked == 3:
            signal.raise_signal(signal.SIGTERM)
        return ask(source)

    monkeypatch.setattr(forkserver, "read_signed", stop_soon)
    children = Children(2, 8 << 30)
    with stoppable(), pytest.raises(Terminated):
        children.begin(abs, -3, 60.0)
    assert len(multiprocessing.active_children()) == 2
    children.stop()
    assert multiprocessing.active_children() == []


def test_a_child_whose_parent_has_gone_before_it_began_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Gone(Exception):
        pass

    class Parent:
        def is_alive(self) -> bool:
            return False

    def ended(code: int) -> None:
        raise Gone(code)

    monkeypatch.setattr(children.multiprocessing, "parent_process", Parent)
    monkeypatch.setattr(children.os, "_exit", ended)
    with pytest.raises(Gone, match="1"):
        children.leave_with_parent()
