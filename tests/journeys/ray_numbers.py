"""A stage on Ray whose items misbehave: prints how many were done, why others failed, notes."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Setting
from kinetics_builder.workspace import Workspace
from pipelines.running.runner import run_stage
from pipelines.running.stage import Stage, one_by_one

HANGS, DIES, GREEDY = 1, 2, 3


def work(number: int) -> int:
    if number == HANGS:
        time.sleep(600)
    if number == DIES:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == GREEDY:
        return len(bytearray(8 << 30))
    time.sleep(0.4)
    return number


def save(session: Session, number: int, result: int) -> None:
    session.merge(Setting(key=f"number {number}", value=str(result)))


def main(root: Path, num_items: int) -> None:
    stage = Stage(
        name="work",
        needs="count",
        what="numbers",
        settings_hash="first",
        items=lambda _session, _page: [(str(n), n) for n in range(num_items)],
        work=work,
        save=one_by_one(save),
        timeout_seconds=5.0,
    )
    report = run_stage(Workspace.open(root), stage)
    told = {"done": report.num_done, "failures": report.failures, "notes": report.notes}
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    # By its name: what `__main__` holds is no module that a node could import.
    from tests.journeys import ray_numbers

    ray_numbers.main(Path(sys.argv[1]), int(sys.argv[2]))
