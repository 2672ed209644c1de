"""Pictures by a list: which file shows a label, which does not, and which is kept back.

`pictures.csv` has the columns of `Listed`. Pictures of one video or uploader are all learnt from
or all kept back; whoever writes the list sees to that.
"""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from kinetics_builder.errors import ModelError
from models.checkpoints.files import write_bytes

LIST = "pictures.csv"
SHOWS, DOES_NOT = "1", "-1"
TRAIN, HELD_OUT = "train", "held-out"


@dataclass(frozen=True, slots=True, order=True)
class Listed:
    """One picture."""

    label: str
    file: str
    """Path relative to the list."""
    shows: str
    """`1` if it shows the label, `-1` if people said that it does not."""
    split: str
    """`train` or `held-out`."""
    video_id: str = ""
    uploader: str = ""


def write_list(path: Path, rows: Iterable[Listed]) -> None:
    """Write `rows` sorted, so that equal pictures give equal bytes."""
    import io

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Listed)])
    writer.writerows(asdict(row).values() for row in sorted(rows))
    write_bytes(path, text.getvalue().encode())


def read_list(path: Path) -> list[Listed]:
    """Return the rows of a list; ModelError, with file and line, for one that does not fit."""
    header = [field.name for field in fields(Listed)]
    rows = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            if (found := next(reader, None)) != header:
                raise ModelError(f"{path}:1: expected the header {','.join(header)}, got {found}.")
            for cells in reader:
                rows.append(_row(cells, f"{path}:{reader.line_num}"))
    except (FileNotFoundError, UnicodeDecodeError, csv.Error) as error:
        raise ModelError(f"{path} cannot be read as a list of pictures: {error}.") from error
    return rows


def _row(cells: list[str], where: str) -> Listed:
    if len(cells) != len(fields(Listed)):
        raise ModelError(f"{where}: expected {len(fields(Listed))} cells, got {len(cells)}.")
    row = Listed(*cells)
    for name, allowed in (("shows", (SHOWS, DOES_NOT)), ("split", (TRAIN, HELD_OUT))):
        if (value := getattr(row, name)) not in allowed:
            raise ModelError(f"{where}: {name} must be {' or '.join(allowed)}, got {value!r}.")
    return row
