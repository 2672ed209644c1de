"""The report: one self-contained HTML page about a workspace, with pictures."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from kinetics_builder.database.engine import reading
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.html_page import png_address, write_page
from pipelines.inspecting import facts
from pipelines.inspecting.agreement import read_agreement
from pipelines.inspecting.films.gathering import gather_films
from pipelines.inspecting.gathering import gather_clips
from pipelines.inspecting.status import count_failures, failures, status
from pipelines.stages import AVA_MODULES, ON_REQUEST

REPORT = "report.html"
"""Its name in a workspace, where none is given."""
_MAX_FAILURES = 200
_TITLE = " kbuild report</title>"
_HEAD_BYTES = 4096


@dataclass(frozen=True)
class Run:
    """A trained network's results, as its files tell them."""

    name: str
    metrics: dict[str, float]
    loss: str
    """The training loss over the steps, as the points of an SVG line 100 by 40; may be empty."""
    accuracy: str
    """The training accuracy, likewise; its scale is 0 to 1."""
    num_steps: int
    pictures: list[str]
    """`data:` addresses."""


def write_report(
    workspace: Workspace, path: Path, on_unread: Callable[[str], None] = lambda _: None
) -> Path:
    """Write the page to `path` and return it.

    Args:
        workspace: What it is about.
        path: Of the page.
        on_unread: Is told why files could not be shown.

    """
    found = gather(workspace)
    for text in (found["clips"] or {}).get("unread", ()):
        on_unread(text)
    return write_page(path, "pipelines.inspecting", "report.html", found)


def is_report(path: Path) -> bool:
    """Say whether a file is such a page, and no other that somebody called so."""
    try:
        with path.open("rb") as file:
            return _TITLE.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False


def gather(workspace: Workspace) -> dict[str, Any]:
    """Return everything the page shows."""
    failed = failures(workspace, but=[Reason.NO_MATCH], most=_MAX_FAILURES)
    of_films = list(failures(workspace, (*AVA_MODULES, *ON_REQUEST)))
    found = status(workspace)
    with reading(workspace.engine) as session:
        return {
            "name": workspace.root.absolute().name,
            "status": found,
            "clips": None if found.is_of_films else gather_clips(session, workspace),
            "films": gather_films(session, workspace, of_films) if found.films else None,
            "workers": facts.worker_facts(session),
            "agreement": read_agreement(session, workspace),
            "failures": list(islice(failed, _MAX_FAILURES)),
            "num_failures": count_failures(workspace, but=[Reason.NO_MATCH]),
            "runs": _runs(workspace.runs),
        }


def _runs(folder: Path) -> list[Run]:
    return [_run(card.parent, folder) for card in sorted(folder.rglob("card.json"))]


def _run(run: Path, base: Path) -> Run:
    card = json.loads((run / "card.json").read_text(encoding="utf-8"))
    files = sorted(run.rglob("evaluation.json"))
    metrics = {
        key if len(files) == 1 else f"{file.parent.name}: {key}": value
        for file in files
        for key, value in json.loads(file.read_text(encoding="utf-8")).items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    log = _training_log(run)
    return Run(
        name=str(run.relative_to(base)),
        metrics=metrics or card.get("metrics", {}),
        loss=_points(log, "loss", max((row["loss"] for row in log), default=1.0)),
        accuracy=_points(log, "accuracy", 1.0),
        num_steps=int(log[-1]["step"]) if log else 0,
        pictures=[png_address(picture.read_bytes()) for picture in sorted(run.rglob("*.png"))],
    )


def _training_log(run: Path) -> list[dict[str, float]]:
    """Return the lines of a run's log that tell of a training step."""
    path = run / "log.jsonl"
    if not path.exists():
        return []
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if "loss" in line]


def _points(log: list[dict[str, float]], key: str, top: float) -> str:
    """Return a curve as the points of an SVG line in a box of 100 by 40."""
    last = max((row["step"] for row in log), default=1.0)
    return " ".join(
        f"{100 * row['step'] / last:.2f},{40 * (1 - row[key] / top):.2f}" for row in log
    )
