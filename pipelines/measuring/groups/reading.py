"""Which group the people of a clip are of, as annotators were asked."""

import csv
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.text import open_text
from pipelines.measuring.kinetics.truth import TrueClip

COLUMNS = ("clip", "group")


def read_groups(path: Path, encoding: str | None = None) -> dict[str, str]:
    """Return the group of each clip or video that a CSV file names: columns `clip` and `group`.

    A clip is called as predictions may call it: `id_start_end`, its file, or its video's id alone.
    A row without a group says that it could not be told.

    Raises:
        FormatError: Other columns, a row of another length, or a clip with two groups.

    """
    found: dict[str, str] = {}
    with open_text(path, encoding) as file:
        rows = csv.reader(file)
        header = tuple(cell.strip().lower() for cell in next(rows, ()))
        if header != COLUMNS:
            raise FormatError(
                f"{path}:1: expected the columns {', '.join(COLUMNS)}, found "
                f"{', '.join(header) or 'none'}."
            )
        for cells in rows:
            where = f"{path}:{rows.line_num}"
            if not cells:
                continue
            if len(cells) != len(COLUMNS) or not cells[0].strip():
                raise FormatError(f"{where}: expected a clip and its group, found {cells!r}.")
            clip, group = (cell.strip() for cell in cells)
            if found.setdefault(clip, group) != group:
                raise FormatError(
                    f"{where}: {clip!r} is of {group!r} and, above, of {found[clip]!r}. "
                    "Leave one of the rows out, or the group empty where it cannot be told."
                )
    return found


def group_of(clip: TrueClip, groups: dict[str, str]) -> str:
    """Return the group of a clip; empty where it is not named, or could not be told."""
    names = (clip.key, *clip.names, clip.video_id)
    return next((groups[name] for name in names if name in groups), "")
