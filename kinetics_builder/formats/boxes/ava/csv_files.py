"""AVA's CSV files: ground truth of all versions, detections, AVA-Kinetics."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from kinetics_builder.formats.boxes.actions import action_of, has_box, item_of, note_losses
from kinetics_builder.formats.boxes.ava.csv_rows import (
    DETECTIONS,
    GROUND_TRUTH,
    WITHOUT_PERSONS,
    Layout,
    read_boxes,
)
from kinetics_builder.formats.boxes.ava.row_texts import (
    OddMoments,
    share_text,
    timestamp_text,
    video_text,
)
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.remembering import Remembered


def _read(
    layout: Layout, is_movie: bool, path: Path, options: Options, problems: Problems
) -> Iterator[Box]:
    names = None if options.labels is None else options.labels.names
    moments = OddMoments(problems)
    last: tuple[str, float] | None = None
    for box in read_boxes(path, problems, layout, options.encoding):
        if is_movie and box[:2] != last:
            last = box[:2]
            moments.see(box.timestamp_seconds)
        if names is not None and box.action_id is not None:
            name = names.get(box.action_id)
            if name is None:
                problems.warning(f"the action_id {box.action_id} is not in the label map")
            yield box._replace(label=name)
        else:
            yield box
    moments.tell()


def _write(
    layout: Layout,
    name: str,
    path: Path,
    records: Iterable[Box],
    options: Options,
    problems: Problems,
) -> None:
    losses = Losses(problems, name)
    ids, moments, corners = (
        Remembered(video_text),
        Remembered(timestamp_text),
        Remembered(share_text),
    )
    with writing_text(path) as file:
        for box in records:
            if box.person_id is not None and (layout.has_scores or not layout.has_last):
                losses.note("person", item_of(box))
            if layout.has_scores and box.score is None and has_box(box):
                losses.note_oddity(
                    "no score, which the official evaluator takes as 1.0", item_of(box)
                )
            note_losses(box, losses, has_score=layout.has_scores)
            try:
                key = f"{ids[box.video_id]},{moments[box.timestamp_seconds]}"
                if box.x1 is None or box.y1 is None or box.x2 is None or box.y2 is None:
                    file.write(f"{key}\n")
                    continue
                number = action_of(box, name, options)
                if number is None:
                    raise ValueError(f"found a box without an action; {name} needs one")
            except ValueError as error:
                problems.item = item_of(box)
                problems.error(str(error))
                continue
            top_left = f"{corners[box.x1]},{corners[box.y1]}"
            shares = f"{top_left},{corners[box.x2]},{corners[box.y2]}"
            file.write(f"{key},{shares},{number}{_last(box, layout)}\n")
        losses.tell()


def _last(box: Box, layout: Layout) -> str:
    value = box.score if layout.has_scores else box.person_id
    return "" if value is None or not layout.has_last else f",{value!r}"


def _format(
    name: str, layout: Layout, *, what: str, source: str, traps: str, is_movie: bool = False
) -> Format:
    return Format(
        name=name,
        kind=Kind.BOXES,
        what=what,
        source=source,
        traps=traps,
        read=partial(_read, layout, is_movie),
        write=partial(_write, layout, name),
    )


FORMATS = (
    _format(
        "ava",
        GROUND_TRUTH,
        what="AVA v2.1 and v2.2, ava_{train,val}_v2.x.csv: one row for each person and action",
        source="research.google.com/ava; ActivityNet Evaluation/get_ava_performance.py",
        traps="No header; rows of 2 (a key frame without a box), 7 (no person_id) or 8 cells. "
        "Boxes outside [0, 1] or without an area and repeated rows count as they stand; an "
        "inverted box stops the official evaluator and is an error here.",
        is_movie=True,
    ),
    _format(
        "ava-detections",
        DETECTIONS,
        what="Detections as the AVA challenge takes them: the ground truth's rows, a score last",
        source="ActivityNet Evaluation/get_ava_performance.py",
        traps="A row without its score counts as 1.0; boxes with x1 >= x2 or y1 >= y2 are left "
        "out by the evaluator; NaN scores sort anywhere there and are errors here.",
    ),
    _format(
        "ava-kinetics",
        WITHOUT_PERSONS,
        what="AVA-Kinetics, kinetics_{train,val,test}_v1.0.csv: one key frame a clip",
        source="arXiv 2005.00214; ActivityNet Evaluation/get_ava_performance.py",
        traps="Timestamps are fractions of seconds in the whole YouTube video, not in the clip, "
        "and one video can have several clips; there is no person_id.",
    ),
    _format(
        "ava-v1",
        WITHOUT_PERSONS,
        what="AVA v1.0, ava_{train,test}_v1.0.csv: segments of 3 s",
        source="research.google.com/ava, October 2017",
        traps="The timestamp is the middle of a segment of 3 s, so that 300 of them fill the "
        "15 minutes; the boxes and videos are not those of v2.",
    ),
)
