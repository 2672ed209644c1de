"""Charades' annotations: a row for each video, with all its actions in one cell."""

from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.formats.cells import table
from kinetics_builder.formats.checks import not_empty, seconds
from kinetics_builder.formats.clips.charades.annotations_write import write_charades
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.losses import EXTRA
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip, Kind
from kinetics_builder.formats.splits import split_of_file

_NEEDED = ("id", "actions")
_TEXTS = (
    "subject",
    "scene",
    "quality",
    "relevance",
    "verified",
    "script",
    "objects",
    "descriptions",
)
_KNOWN = {*_NEEDED, *_TEXTS, "length"}
_NUM_CLASSES = 157


def read_charades(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each action, those of one video together; one without label for none.

    Labels are the file's own (`c092`), or the names a label map gives to 92. The other columns
    go to the details as text, `length` as `duration_seconds`. An action that ends where or
    before it starts is told of and kept, as the official evaluation keeps it.
    """
    header, rows = table(path, _NEEDED, problems, encoding=options.encoding)
    split = split_of_file(path, options)
    extra = tuple(name for name in header if name not in _KNOWN)
    actions_of = _Actions(options.labels_from_zero("charades"), problems)
    seen: set[str] = set()
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        try:
            video_id = not_empty(cells["id"], "id").strip()
            details = _details(cells, extra)
        except ValueError as error:
            problems.error(f"{error}, in {row}")
            continue
        if video_id in seen:
            problems.error(f"{video_id} has a row already; expected one for each video")
            continue
        seen.add(video_id)
        problems.item = video_id
        for start, end, label in actions_of(cells["actions"]):
            yield Clip(video_id, start, end, label, split, details=details)
        problems.item = None


def _details(cells: dict[str, str], extra: tuple[str, ...]) -> dict[str, object]:
    details: dict[str, object] = {name: cells[name] for name in _TEXTS if cells.get(name)}
    if cells.get("length"):
        details["duration_seconds"] = seconds(cells["length"])
    if extra:
        details.update({name: cells[name] for name in extra if cells[name]})
        details[EXTRA] = extra
    return details


_Action = tuple[float | None, float | None, str | None]


class _Actions:
    """Reads cells like `c092 11.90 21.20;c147 0.00 12.60`, telling of what does not fit."""

    def __init__(self, labels: LabelMap | None, problems: Problems) -> None:
        self._labels = labels
        self._problems = problems

    def __call__(self, cell: str) -> Iterator[_Action]:
        """Yield start, end and label of each action; three times None for an empty cell."""
        if not cell.strip():
            yield None, None, None
            return
        for text in cell.split(";"):
            try:
                action = self._action(text)
            except ValueError as error:
                self._problems.error(f"{error}, in the action {text!r}")
            else:
                yield action

    def _action(self, text: str) -> _Action:
        parts = text.split()
        if len(parts) != 3:
            raise ValueError("expected class, start and end, like c092 11.90 21.20")
        start, end = seconds(parts[1]), seconds(parts[2])
        label = self._label(parts[0])
        if end <= start:
            self._problems.warning(
                f"the action {text.strip()!r} does not end behind its start; it is kept, as the "
                "official evaluation keeps it"
            )
        return start, end, label

    def _label(self, name: str) -> str:
        digits = name[1:]
        if name[:1] != "c" or not (digits.isascii() and digits.isdigit()):
            raise ValueError(f"expected a class like c092, found {name!r}")
        if self._labels is not None:
            return self._labels.name_of(int(digits))
        if int(digits) >= _NUM_CLASSES:
            raise ValueError(f"expected a class from c000 to c{_NUM_CLASSES - 1}, found {name!r}")
        return name


FORMATS: tuple[Format, ...] = (
    Format(
        name="charades",
        kind=Kind.CLIPS,
        what="Charades and CharadesEgo: Charades_v1_train.csv, Charades_v1_test.csv",
        source="prior.allenai.org/projects/charades, README.txt and Charades_v1_localize.m; "
        "arXiv:1604.01753",
        traps="Columns go by name: the README leaves out `objects`, and files from before "
        "February 2017 have no `length`. A video may have no action, and must not be lost; "
        "a third of the actions end behind their video's length.",
        may_run_backwards=True,
        read=read_charades,
        write=write_charades,
    ),
)
