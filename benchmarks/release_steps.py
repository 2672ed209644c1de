"""The steps of `release.py`, one a process: by this program, and by a plain script of pandas.

    python -m benchmarks.release_steps STEP FOLDER

Prints a JSON line: seconds, CPU seconds with those of children, and the most bytes of memory.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.family import Family
from kinetics_builder.database.engine import writing
from kinetics_builder.formats.released_clips import released_pages
from kinetics_builder.workspace import Workspace


def curate(folder: Path) -> None:
    """Deal all clips out to splits."""
    from pipelines.publishing.curating.curate import curate as run

    workspace = Workspace.open(folder)
    with writing(workspace.engine) as session:
        run(session, workspace.config)


def release(folder: Path) -> None:
    """Release them."""
    from pipelines.publishing.release import release as run

    run(Workspace.open(folder), "ours")


def check(folder: Path) -> None:
    """Check the release."""
    from pipelines.publishing.checking import check_release
    from pipelines.publishing.kinds import find_folder

    workspace = Workspace.open(folder)
    found = check_release(workspace, find_folder(workspace, "ours"))
    if found.findings:
        raise SystemExit(f"{len(found.findings)} findings, as {found.findings[0]}")


def compare(folder: Path) -> None:
    """Refuse lists of the two that are not the same."""
    ours, theirs = folder / "releases" / "ours", folder / "pandas"
    for path in theirs.glob("*.[cj]s*"):
        is_list = path.name not in ("statistics.json", "taxonomy.json")
        if is_list and path.read_bytes() != (ours / path.name).read_bytes():
            raise SystemExit(f"{path.name} is not the same")
    for one, other in zip(
        released_pages(ours / "clips.parquet"),
        released_pages(theirs / "clips.parquet"),
        strict=True,
    ):
        if one != other:
            raise SystemExit("clips.parquet does not hold the same")


def release_by_pandas(folder: Path) -> None:
    """Release them by the script."""
    from benchmarks.release_peer import release_by_pandas as run

    run(folder)


def check_by_pandas(folder: Path) -> None:
    """Check what the script has released."""
    from benchmarks.release_peer import check_by_pandas as run

    run(folder)


STEPS: dict[str, Callable[[Path], None]] = {
    step.__name__: step
    for step in (curate, release, check, release_by_pandas, compare, check_by_pandas)
}


def cpu_seconds() -> float:
    """Return what this process has taken, and the children that have ended."""
    found = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in found)


def main() -> None:
    """Do one step."""
    name, folder = sys.argv[1:]
    begun, spent = time.monotonic(), cpu_seconds()
    with Family() as family:
        STEPS[name](Path(folder))
    seconds, cpu = time.monotonic() - begun, cpu_seconds() - spent
    print(json.dumps({"seconds": seconds, "cpu": cpu, "bytes": family.peak_bytes}))


if __name__ == "__main__":
    main()
