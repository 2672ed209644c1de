"""The flow of a release: a folder beside its clips, or elsewhere, with a file for each clip.

flow/flow.json    how it was computed
flow/flow.csv     a row for each clip: its flow's file, or why there is none
flow/<file of the clip>.arrow
flow/<shard>.tar  in place of these, where it is kept as the clips' shards are
"""

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.cells import parsed, table
from kinetics_builder.formats.checks import inside_folder
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.video.flow.settings import FlowSettings

NAME = "flow"
SETTINGS = "flow.json"
ROWS = "flow.csv"
SUFFIX = ".arrow"
LOCK = ".lock"


@dataclass(frozen=True, slots=True, order=True)
class FlowRow:
    """What became of one clip."""

    file: str
    """The clip's, relative to the release."""
    clip_sha256: str
    """Of the clip that the flow is of."""
    num_fields: int
    bytes: int
    sha256: str
    """Of the flow's file; empty where there is none."""
    reason: str = ""
    """Why there is none; empty where there is."""
    message: str = ""


HEADER = [field.name for field in fields(FlowRow)]


def flow_name(file: str) -> str:
    """Return what the flow of the clip `file` is called, in its folder, shard or store."""
    return f"{file}{SUFFIX}"


@dataclass(frozen=True, slots=True)
class FlowFolder:
    """Where the flow of a release lies, or its lists alone."""

    root: Path

    @classmethod
    def of(cls, release: Path) -> "FlowFolder":
        """Return the folder for the release folder `release`, whether it is there or not."""
        return cls(release / NAME)

    def path(self, file: str) -> Path:
        """Return where the flow of the clip `file` lies."""
        return self.root / flow_name(file)

    def shards(self) -> list[Path]:
        """Return the tar files that hold it, sorted; none where each file lies on its own."""
        return sorted(self.root.glob("*.tar"))

    def names(self) -> set[str]:
        """Return the files that belong to it, relative to the release."""
        files = [flow_name(row.file) for row in self.rows() if not row.reason]
        shards = [path.name for path in self.shards()]
        return {f"{NAME}/{name}" for name in (SETTINGS, ROWS, LOCK, *files, *shards)}

    def settings(self) -> FlowSettings | None:
        """Return how it was computed; None where there is no flow.

        Raises:
            ModelError: Nobody can tell.

        """
        path = self.root / SETTINGS
        try:
            return FlowSettings.from_json(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} does not say how the flow was computed ({error}). "
                "`kbuild flow --fresh` computes it again."
            ) from error

    def note_settings(self, settings: FlowSettings) -> None:
        """Write down how it is computed."""
        with writing_text(self.root / SETTINGS) as file:
            file.write(json.dumps(settings.to_json(), indent=2, sort_keys=True) + "\n")

    def rows(self) -> list[FlowRow]:
        """Return what became of each clip; nothing where no run has ended yet.

        Raises:
            FormatError: A row that does not fit.

        """
        path = self.root / ROWS
        if not path.is_file():
            return []
        problems = Problems(path)
        header, rows = table(path, HEADER, problems)
        places = [header.index(name) for name in HEADER]
        return list(parsed(([row[at] for at in places] for row in rows), _row, problems))

    def note_rows(self, rows: Iterable[FlowRow]) -> None:
        """Write down what became of each clip, sorted."""
        with writing_text(self.root / ROWS) as file:
            file.write(csv_line(HEADER))
            file.writelines(csv_line(astuple(row)) for row in sorted(rows))


def _row(cells: list[str]) -> FlowRow:
    file, clip_sha256, num_fields, size, sha256, reason, message = cells
    return FlowRow(
        inside_folder(file, "file"),
        clip_sha256,
        int(num_fields),
        int(size),
        sha256,
        reason,
        message,
    )
