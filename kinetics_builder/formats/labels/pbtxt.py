"""AVA's label maps: protocol buffers as text, in two dialects.

`label { name: "..." label_id: 1 label_type: PERSON_MOVEMENT }` is the full list, `item { name:
"..." id: 1 }` what the challenges evaluate. Either name of a format reads both.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava.csv_rows import FIRST_ACTION, NO_ACTION
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.labels.checking import checked, number_of, sayable
from kinetics_builder.formats.labels.protobuf_text import entries, quoted
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Kind, Label
from kinetics_builder.formats.text import closing_if_broken, open_text

_SEEN = re.compile(r'^  name:[^"\n]*"[^"\\\n]+".*\n(?:.*\n)*?  (?:label_)?id:.* \d+\s*$', re.M)
"""What the official evaluator sees of an entry: it looks at lines, and at two spaces."""
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_KNOWN = ("name", "id", "label_id", "label_type")


def _read(path: Path, options: Options, problems: Problems) -> Iterator[Label]:
    file = open_text(path, options.encoding)
    with file, closing_if_broken(path, file):
        text = file.read()
    if not text.strip():
        raise FormatError(f"{path}: the file is empty.")
    return checked(_labels(path, text, problems), problems)


def _labels(path: Path, text: str, problems: Problems) -> Iterator[Label]:
    for entry in entries(path, text):
        problems.line = entry.line
        fields = entry.fields
        try:
            if "name" not in fields:
                raise ValueError("expected a name")
            number = number_of(fields.get("label_id", fields.get("id", "")))
            if number < FIRST_ACTION:
                raise ValueError(f"expected a number of 1 or more, found {number}: {NO_ACTION}")
        except ValueError as error:
            problems.error(f"{error}, in {' '.join(entry.text.split())}")
            continue
        if not _SEEN.search(entry.text):
            problems.warning(
                "the official evaluator does not see this entry as it is: it wants the name and "
                "then the id on lines of their own, behind two spaces"
            )
        details = {key: value for key, value in fields.items() if key not in _KNOWN}
        yield Label(number, fields["name"], fields.get("label_type"), details)


def _write(
    message: str,
    number: str,
    path: Path,
    records: Iterable[Label],
    options: Options,
    problems: Problems,
) -> None:
    """Write the labels; of a list that counts from 0 each number is one more, which is told."""
    is_full = message == "label"
    labels = list(records)
    if any(label.id < FIRST_ACTION for label in labels):
        problems.warning(f"each number is written as one more: {NO_ACTION}")
        labels = [label._replace(id=label.id + FIRST_ACTION) for label in labels]
    known = sayable(
        labels,
        problems,
        "ava-pbtxt" if is_full else "activitynet-pbtxt",
        says_group=lambda label: is_full and bool(_WORD.fullmatch(label.group or "")),
        details=frozenset(("display_name",)),
        keeps_spaces=True,
    )
    with writing_text(path) as file:
        for label in known:
            file.write(f"{message} {{\n  name: {quoted(label.name)}\n  {number}: {label.id}\n")
            if label.group is not None:
                file.write(f"  label_type: {label.group}\n")
            if "display_name" in label.details:
                file.write(f"  display_name: {quoted(str(label.details['display_name']))}\n")
            file.write("}\n")


FORMATS = (
    Format(
        name="ava-pbtxt",
        kind=Kind.LABELS,
        what="AVA's full list of classes, ava_action_list_v2.x.pbtxt, each with its type",
        source="research.google.com/ava; ActivityNet Evaluation/get_ava_performance.py",
        traps="The official reader knows lines that begin with two spaces and `name:`, `id:` or "
        "`label_id:` alone, and cuts names at quotes; other spacing, legal as it is, gives it "
        "no classes. Evaluating with these 80 classes instead of the 60 changes the number.",
        read=_read,
        write=partial(_write, "label", "label_id"),
    ),
    Format(
        name="activitynet-pbtxt",
        kind=Kind.LABELS,
        what="The 60 classes the AVA challenges evaluate, ava_action_list_*_for_activitynet_*",
        source="ActivityNet Evaluation/ava; TensorFlow Object Detection's label maps",
        traps="The numbers are those of the full list, with gaps: 1, 3, 4, 5, 6 ... 80. "
        "Spacing counts for the official reader, as in ava-pbtxt.",
        read=_read,
        write=partial(_write, "item", "id"),
    ),
)
