"""Which group the people of a clip are of, as annotators were asked."""

from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import table
from kinetics_builder.formats.problems import Problems
from pipelines.measuring.kinetics.truth import TrueClip

COLUMNS = ("clip", "group")


def read_groups(path: Path, encoding: str | None = None) -> dict[str, str]:
    """Return the group of each clip or video that a CSV file names.

    It has the columns `clip` and `group`, and may have others.
    A clip is called as predictions may call it: `id_start_end`, its file, or its video's id
    alone. A row without a group says that it could not be told.

    Raises:
        FormatError: A column that is missing, a row of another length, or a clip with two groups.

    """
    found: dict[str, str] = {}
    problems = Problems(path)
    header, rows = table(path, COLUMNS, problems, encoding=encoding)
    places = [header.index(column) for column in COLUMNS]
    for cells in rows:
        where = f"{path}:{problems.line}"
        clip, group = (cells[place].strip() for place in places)
        if not clip:
            raise FormatError(f"{where}: expected a clip and its group, found {cells!r}.")
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
