"""The lists of Something-Something: `id;template` in version 1, JSON in version 2."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from kinetics_builder.formats.cells import cells, counted, parsed
from kinetics_builder.formats.checks import not_empty, text_of
from kinetics_builder.formats.clips.file_lists import Lines, id_of
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.json_files import check_shape, items, json_text
from kinetics_builder.formats.losses import EXTRA, extra_of
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip, Kind
from kinetics_builder.formats.splits import split_of_file

_DETAILS = ("label", "template", "placeholders")
_WITHOUT_BRACKETS = str.maketrans("", "", "[]")


def read_v1(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each row: `id;template`, or `id` alone in the test list."""
    rows = cells(path, problems, delimiter=";", encoding=options.encoding)
    first = next(rows, None)
    if first is not None and first[0].strip().lower() in ("id", "video_id"):
        problems.warning("a header, which the official files do not have")
        first = None
    rows = rows if first is None else chain([first], rows)
    yield from parsed(rows, _parser(split_of_file(path, options)), problems)


def _parser(split: str | None) -> Callable[[list[str]], Clip]:
    def parse(row: list[str]) -> Clip:
        video_id, *rest = row
        if len(rest) > 1:
            raise ValueError(f"expected id;template, found {counted(row, ';')}")
        label = not_empty(rest[0], "template") if rest else None
        return Clip(not_empty(video_id, "id"), None, None, label, split)

    return parse


def write_v1(path: Path, records: Iterable[Clip], options: Options, problems: Problems) -> None:
    """Write a row for each clip."""

    def line_of(clip: Clip) -> str:
        found = [not_empty(id_of(clip), "id")]
        if clip.label is not None:
            found.append(not_empty(clip.label, "label"))
        return csv_line(found, ";")

    lines = Lines("something-v1", path, options, problems)
    lines.write(records, line_of)


def read_v2(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each object of the list; its label is the template without brackets.

    What the worker wrote (`label`), the `template` and its `placeholders` go to the details;
    so do other keys, named by the detail `extra`.
    """
    check_shape(path, "", list)
    split = split_of_file(path, options)
    for number, item in enumerate(items(path, "item"), 1):
        problems.item = f"item {number}"
        try:
            clip = _clip(item, split)
        except ValueError as error:
            problems.error(str(error))
        else:
            yield clip


def _clip(item: Any, split: str | None) -> Clip:
    if not isinstance(item, dict):
        raise ValueError(f"expected an object, found {item!r}")
    found = item.get("id")
    video_id = str(found) if isinstance(found, int) else text_of(found, "id")
    template = item.get("template", item.get("label"))
    label = None if template is None else text_of(template, "template")
    details: dict[str, object] = {name: item[name] for name in _DETAILS if name in item}
    if extra := tuple(name for name in item if name not in ("id", *_DETAILS)):
        details |= {EXTRA: extra, **{name: item[name] for name in extra}}
    label = label and _class_of(label)
    return Clip(video_id, None, None, label, split, details=details or NOTHING)


def _class_of(template: str) -> str:
    return template.translate(_WITHOUT_BRACKETS)


def write_v2(path: Path, records: Iterable[Clip], options: Options, problems: Problems) -> None:
    """Write a list with an object for each clip, on a line of its own."""
    lines = Lines("something-v2", path, options, problems)

    def line_of(clip: Clip) -> str:
        if clip.label is not None and clip.label != _class_of(clip.label):
            lines.losses.note("brackets of the label", clip.video_id)
        return json_text(_item(clip))

    with writing_text(path) as file:
        file.write("[")
        comma = "\n"
        for line in lines.of(records, line_of, _DETAILS):
            file.write(f"{comma}{line}")
            comma = ",\n"
        file.write("\n]\n")


def _item(clip: Clip) -> dict[str, object]:
    details = clip.details
    item: dict[str, object] = {"id": not_empty(id_of(clip), "id")}
    known = {name: details[name] for name in _DETAILS if name in details}
    template = known.get("template", known.get("label"))
    if clip.label is not None and _class_of(str(template)) != clip.label:
        known = {
            "label": details.get("label", clip.label),
            "template": not_empty(clip.label, "label"),
            "placeholders": details.get("placeholders", []),
        }
    names = extra_of(clip)
    return {**item, **known, **{name: details[name] for name in names if name in details}}


FORMATS = (
    Format(
        name="something-v1",
        kind=Kind.CLIPS,
        what="Something-Something v1: something-something-v1-train.csv and its siblings",
        source="20bn.com/datasets/something-something (download), arXiv:1706.04261",
        traps="Semicolons, no header, no quotes; test rows are a bare id; the split stands in "
        "the file's name alone.",
        read=read_v1,
        write=write_v1,
    ),
    Format(
        name="something-v2",
        kind=Kind.CLIPS,
        what="Something-Something v2: something-something-v2-train.json and its siblings",
        source="developer.qualcomm.com/software/ai-datasets/something-something",
        traps="The class is the template without its brackets; label is the worker's own "
        "sentence; the split stands in the file's name alone.",
        read=read_v2,
        write=write_v2,
    ),
)
