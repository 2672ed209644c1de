"""Label maps as CSV with a header: `id,name` or `name,id`, and what else stands there."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from kinetics_builder.formats.cells import parsed, table
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.labels.checking import checked, number_of, sayable
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Kind, Label

OWN = ("id", "name")


def _read(path: Path, options: Options, problems: Problems) -> Iterator[Label]:
    header, rows = table(path, OWN, problems, encoding=options.encoding, has_comments=True)

    def parse(cells: list[str]) -> Label:
        row = dict(zip(header, cells, strict=True))
        number, name = number_of(row.pop("id")), row.pop("name").strip()
        return Label(number, name, row.pop("group", None) or None, row)

    return checked(parsed(rows, parse, problems), problems)


def _write(path: Path, records: Iterable[Label], options: Options, problems: Problems) -> None:
    labels = list(records)
    extra = list(dict.fromkeys(key for label in labels for key in label.details))
    groups = ["group"] if any(label.group is not None for label in labels) else []
    known = sayable(
        labels, problems, "labels-csv", says_group=lambda _: True, details=frozenset(extra)
    )
    with writing_text(path) as file:
        file.write(csv_line([*OWN, *groups, *extra]))
        for label in known:
            group = [label.group] * len(groups)
            details = [label.details.get(key) for key in extra]
            try:
                line = csv_line([label.id, label.name, *group, *details])
            except ValueError as error:
                problems.error(str(error))
            else:
                file.write(line)


FORMATS = (
    Format(
        name="labels-csv",
        kind=Kind.LABELS,
        what="`id,name` or `name,id` with a header, which decides: kinetics_700_labels.csv",
        source="labels files of X-CLIP, VideoMAE and others for Kinetics",
        traps="Without the header the two orders look alike: it must be there. Other columns are "
        "kept as details, `group` as the group.",
        read=_read,
        write=_write,
    ),
)
