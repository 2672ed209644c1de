"""FineGym's lists of sub-actions with their class: gym99, gym288 and gym530."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from kinetics_builder.formats.cells import is_one_cell, parsed, words
from kinetics_builder.formats.clips.finegym.names import InstanceName, parse_instance
from kinetics_builder.formats.clips.saying import Language, name_of, sayable
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip, Kind
from kinetics_builder.formats.splits import split_of_file

_LANGUAGE = Language(
    name="finegym-split",
    needs=(),
    says=frozenset({"label", "split"}),
    details=frozenset({"event_id", "action_id", "label_index"}),
)


def read_split(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield the rows `name label`; with a label map the label has its name too.

    The split is the options', or what the file's name says (gym99_train_element.txt).
    """
    rows = words(path, problems, options.encoding)
    split = split_of_file(path, options)
    return parsed(rows, partial(_clip, split, options.labels_from_zero("finegym-split")), problems)


def _clip(split: str | None, labels: LabelMap | None, cells: list[str]) -> Clip:
    if len(cells) != 2:
        raise ValueError(f"expected a name and a class number, found {len(cells)} cells")
    name, number = parse_instance(cells[0]), int(cells[1])
    start, end = name.seconds()
    if start >= end or number < 0:
        raise ValueError("expected seconds that do not run backwards and a class from 0")
    details = {"event_id": name.event_id, "action_id": name.action_id, "label_index": number}
    label = None if labels is None else labels.name_of(number)
    return Clip(name.video_id, float(start), float(end), label, split, details=details)


def write_split(path: Path, records: Iterable[Clip], options: Options, problems: Problems) -> None:
    """Write sub-actions of FineGym, which carry their identifiers in their details."""
    split = split_of_file(path, options)
    labels = options.labels_from_zero("finegym-split")
    with writing_text(path) as file:
        for clip in sayable(records, _LANGUAGE, options, problems):
            problems.item = name_of(clip)
            try:
                file.write(_line(clip, labels))
            except ValueError as error:
                problems.error(str(error))
            else:
                _compare_split(clip, split, problems)


def _compare_split(clip: Clip, split: str | None, problems: Problems) -> None:
    if clip.split is not None and clip.split != split:
        problems.warning(
            f"the split {clip.split} stands in the file's name alone, which says {split or 'none'}"
        )


def _line(clip: Clip, labels: LabelMap | None) -> str:
    event_id, action_id = clip.details.get("event_id"), clip.details.get("action_id")
    if event_id is None or action_id is None:
        raise ValueError("no event_id and action_id; finegym-split writes sub-actions of FineGym")
    name = InstanceName(clip.video_id, str(event_id), str(action_id))
    if not is_one_cell(str(name)):
        raise ValueError(f"expected a name without spaces, found {str(name)!r}")
    return f"{parse_instance(str(name))} {_number(clip, labels)}\n"


def _number(clip: Clip, labels: LabelMap | None) -> object:
    if labels is not None and clip.label is not None:
        return labels.id_of(clip.label)
    if (number := clip.details.get("label_index")) is None:
        raise ValueError("no class number; give --label-map FILE, or rows with a label_index")
    return number


FORMATS: tuple[Format, ...] = (
    Format(
        name="finegym-split",
        kind=Kind.CLIPS,
        what="FineGym split files: gym99, gym288 and gym530, train and val: name and class",
        source="sdolivia.github.io/FineGym, splits v1.0 and v1.1 (arXiv:2004.06704)",
        traps="Times come out of the names: whole seconds, cut off, first of the event in the "
        "video and then of the sub-action in the event, so that both ends may be up to two "
        "seconds early; the annotation file has them to the millisecond. Names of v1.0 and v1.1 "
        "differ. Class numbers start at 0 and each of the three lists has its own.",
        read=read_split,
        write=write_split,
    ),
)
