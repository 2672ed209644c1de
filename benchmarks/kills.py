"""Whether `kbuild collect`, killed again and again, ends in the database of an undisturbed run.

    .venv/bin/python -m benchmarks.kills [--kills 50] [--engine local --engine ray] [--out FILE]

The videos are some of the small demo world's, on its site on loopback. After a time that is
drawn anew each time, a third of what an undisturbed collect takes at most, the command is killed by
SIGKILL and begun again; on Ray every second kill hits, instead of the command, the process that
holds a node's children. A dataset that came to its end between two kills is compared, all tables
but times and counters, and its files are read by `kbuild check`; then the next one begins.
With one engine alone, the line of the other stays in FILE as it is.
"""

import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import machine
from kinetics_builder.workspace import Workspace
from pipelines.demo.extractor import SEARCH_KEY
from pipelines.demo.publish import publish_videos
from pipelines.demo.settings import classes_text, settings_text
from pipelines.demo.site import port_of, serve
from pipelines.demo.world import build_world
from tests.contents import Contents, contents
from tests.journeys.ray_cluster import Cluster, two_nodes

RESULTS = Path(__file__).parent / "results" / "kills.md"
KBUILD = Path(sys.executable).with_name("kbuild")
LOCAL, RAY = "local", "ray"
COLUMNS = (
    *("engine", "load", "videos", "undisturbed, s"),
    *("killed: commands", "desks", "datasets", "equal"),
)
LIMIT = "2"
"""Videos that are asked for by a query."""


@dataclass
class Place:
    """Where datasets are made, and on what."""

    folder: Path
    classes: Path
    base: str
    engine: str
    ray: Cluster | None = None

    def workspace(self, name: str) -> Workspace:
        """Make an empty one, which looks at motion instead of having a scorer."""
        settings = settings_text(self.base).replace('scorer = "scorer"', 'scorer = ""')
        address = self.ray.address if self.ray else ""
        run = f'[run]\nengine = "{self.engine}"\nray_address = "{address}"\n'
        return Workspace.create(self.folder / f"{self.engine}-{name}", f"{settings}\n{run}")

    def collect(self, workspace: Workspace) -> "subprocess.Popen[bytes]":
        """Begin a collect, or go on with it."""
        command = [KBUILD, "-C", workspace.root, "collect", "--classes", self.classes]
        with (workspace.root / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [*command, "--source", f"search:{SEARCH_KEY}", "--limit", LIMIT],
                stdout=log,
                stderr=log,
            )


@dataclass
class Tally:
    """What was killed, and how it ended."""

    num_commands: int = 0
    num_desks: int = 0
    num_datasets: int = 0
    num_equal: int = 0
    seconds: float = 0.0
    """Of the undisturbed collect."""
    num_videos: int = 0

    @property
    def num_kills(self) -> int:
        """Of both kinds."""
        return self.num_commands + self.num_desks


def kill_once(place: Place, process: "subprocess.Popen[bytes]", tally: Tally) -> None:
    """Kill the command, or on Ray in turn with it what holds a node's children."""
    desks = place.ray.desks() if place.ray else []
    if desks and tally.num_desks < tally.num_commands:
        random.choice(desks).kill()
        tally.num_desks += 1
        return
    process.kill()
    process.wait()
    tally.num_commands += 1


def finished(process: "subprocess.Popen[bytes]", workspace: Workspace, seconds: float) -> bool:
    """Wait so long, and return whether the collect came to its end."""
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    if code:
        log = (workspace.root / "log.txt").read_text("utf-8").splitlines()[-12:]
        sys.exit("\n".join([f"{workspace.root}: collect ended with {code}:", *log]))
    return True


def made_undisturbed(place: Place, tally: Tally) -> Contents:
    """Return what a collect gives that nobody disturbs."""
    workspace, begun = place.workspace("undisturbed"), time.monotonic()
    assert finished(place.collect(workspace), workspace, 1800.0)
    tally.seconds = time.monotonic() - begun
    expected = contents(workspace.engine)
    tally.num_videos = expected["media"].total()
    return expected


def differences(workspace: Workspace, expected: Contents) -> list[str]:
    """Return the tables that are not as expected, and what `check` found."""
    found = contents(workspace.engine)
    different = [name for name in expected if found[name] != expected[name]]
    check = subprocess.run([KBUILD, "-C", workspace.root, "check"], capture_output=True)
    parts = [str(part) for part in workspace.root.rglob("*.part")]
    return different + ["check"] * (check.returncode != 0) + parts


def disturb(place: Place, num_kills: int) -> Tally:
    """Kill so many times, and compare every dataset that was made meanwhile."""
    tally = Tally()
    expected = made_undisturbed(place, tally)
    while tally.num_kills < num_kills:
        workspace = place.workspace(str(tally.num_datasets))
        process = place.collect(workspace)
        while not finished(process, workspace, random.uniform(0.3, tally.seconds / 3)):
            if tally.num_kills < num_kills:
                kill_once(place, process, tally)
            if process.returncode is not None:
                process = place.collect(workspace)
        unequal = differences(workspace, expected)
        tally.num_datasets += 1
        tally.num_equal += not unequal
        print(
            f"{place.engine}: {tally.num_kills} kills, {tally.num_datasets} datasets",
            unequal,
            flush=True,
        )
    return tally


def measured(engine: str, folder: Path, base: str, num_kills: int) -> Tally:
    """Kill collects on an engine."""
    classes = folder / "classes.yaml"
    classes.write_text(classes_text(), encoding="utf-8")
    if engine == LOCAL:
        return disturb(Place(folder, classes, base, engine), num_kills)
    with two_nodes() as cluster:
        return disturb(Place(folder, classes, base, engine, cluster), num_kills)


def row(engine: str, tally: Tally, load: float) -> str:
    """Return the line of an engine."""
    killed = f"{tally.num_commands} | {tally.num_desks or '-'}"
    ended = f"{tally.num_datasets} | {tally.num_equal}"
    return (
        f"| {engine} | {load:.1f} | {tally.num_videos} | {tally.seconds:.0f} | {killed} | {ended} |"
    )


def kept_rows(file: Path) -> dict[str, str]:
    """Return the lines of engines in results that were written before."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return {e: line for line in lines for e in (LOCAL, RAY) if line.startswith(f"| {e} |")}


def report(rows: dict[str, str]) -> str:
    """Return the text of the results."""
    return "\n".join(
        [
            "# Killed at random moments",
            "",
            f"{machine('cpu')}, {os.cpu_count()} cores, Python {platform.python_version()}. "
            "`python -m benchmarks.kills`: `kbuild collect` on some videos of the small demo "
            "world, killed by SIGKILL and begun again. Equal are datasets of which every table but "
            "times and counters holds what the undisturbed run's does, `kbuild check` finds all "
            "files as promised, and no unfinished file is left. The load is the machine's at the "
            "start, what others did on it included.",
            "",
            f"| {' | '.join(COLUMNS)} |",
            f"|---|{'---:|' * (len(COLUMNS) - 1)}",
            *(rows[engine] for engine in (LOCAL, RAY) if engine in rows),
            "",
        ]
    )


def main() -> None:
    """Kill on each engine, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--engine", action="append", choices=[LOCAL, RAY])
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    world, rows = build_world(0, small=True), dict[str, str]()
    random.seed(0)
    with tempfile.TemporaryDirectory(prefix="kbuild-kills-") as name:
        folder = Path(name)
        publish_videos(world, folder / "media")
        with serve(world, folder / "media", port_of(folder)) as base:
            for engine in options.engine or [LOCAL, RAY]:
                load = os.getloadavg()[0]
                rows[engine] = row(engine, measured(engine, folder, base, options.kills), load)
    text = report(kept_rows(options.out) | rows)
    options.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
