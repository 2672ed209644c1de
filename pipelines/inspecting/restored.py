"""What the last `kbuild restore` of each released file gave, by class and by what is gone."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import ReleasedFile, ReleasedStretch, Setting
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.stages import StageStatus, stage_status

RESTORED = "restored"
"""The word for a row that came back, as `pipelines.restoring.outcomes` has it."""


@dataclass(frozen=True)
class RestoredFile:
    """A released file of others, and its rows by what has become of them."""

    path: str
    num_rows: int
    outcomes: dict[str, int]
    by_class: dict[str, dict[str, int]]
    """An empty name where the file says none."""
    parts: tuple[str, ...] = ()
    """What is to be said of videos of which stretches alone came."""

    @property
    def line(self) -> str:
        """Return a sentence for a person."""
        lost = [f"{n:,} {word}" for word, n in self.outcomes.items() if word != RESTORED]
        came = f"{self.outcomes.get(RESTORED, 0):,} of {self.num_rows:,} rows restored"
        return f"{Path(self.path).name}: {came}" + (f"; {', '.join(lost)}" if lost else "")

    @property
    def words(self) -> list[str]:
        """Return the words that stand for any row, what was restored first."""
        return list(self.outcomes)

    @property
    def worst_first(self) -> list[tuple[str, dict[str, int]]]:
        """Return the classes, those first of which the largest share is lost."""
        return sorted(self.by_class.items(), key=lambda pair: (_share(pair[1]), pair[0]))


def restored_files(session: Session) -> list[RestoredFile]:
    """Return every released file that `restore` has gone through to its end."""
    rows = session.execute(
        select(ReleasedFile.path, ReleasedFile.counts).order_by(ReleasedFile.path)
    )
    return [
        RestoredFile(
            path,
            sum(counts["rows"].values()),
            counts["rows"],
            counts["by_class"],
            tuple(counts.get("parts", ())),
        )
        for path, counts in rows
        if counts
    ]


def restoring_stages(session: Session, workspace: Workspace) -> list[StageStatus]:
    """Return how the stretches of released files stand; nothing where none was asked for."""
    if session.scalar(select(ReleasedStretch.id).limit(1)) is None:
        return []
    return [stage_status(session, workspace, "restore cut")]


def next_of_restoring(session: Session, stages: Sequence[StageStatus]) -> str | None:
    """Return the command that leads on where a workspace only restores; None where it does more."""
    files = session.scalars(select(ReleasedFile).order_by(ReleasedFile.id)).all()
    if not files or session.get(Setting, "classes_file") is not None:
        return None
    for file in files:
        command = f"`kbuild restore {shlex.quote(file.path)}`"
        if file.counts is None or any(stage.num_pending for stage in stages):
            return f"{command}, as it was begun (it goes on where it stood)"
        if waiting := file.counts["rows"].get("not fetched yet"):
            return f"{command[:-1]} --retry-failed` ({waiting} rows may come yet)"
    return "`kbuild train-baseline --model i3d_tiny` learns from what came back"


def _share(outcomes: dict[str, int]) -> float:
    return outcomes.get(RESTORED, 0) / max(1, sum(outcomes.values()))
