"""AVA's lists of key frames: excluded timestamps, and the timestamps that are included."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from kinetics_builder.formats.boxes.actions import item_of, note_losses
from kinetics_builder.formats.boxes.ava.csv_rows import seconds_of
from kinetics_builder.formats.boxes.ava.row_texts import OddMoments, timestamp_text, video_text
from kinetics_builder.formats.cells import cells, counted
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind

EVERY_VIDEO = ""
"""The video id of a timestamp that holds for all videos."""


def _read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    width: int | None = None
    moments = OddMoments(problems)
    for row in cells(path, problems, encoding=options.encoding, may_be_empty=True):
        width = width or (len(row) if len(row) in (1, 2) else None)
        try:
            if len(row) != width:
                raise ValueError(f"expected {width or '1 or 2'} cells, found {counted(row)}")
            seconds = seconds_of("every" if width == 1 else row[0], row[-1])
        except ValueError as error:
            problems.error(f"{error}, in {row}")
            continue
        moments.see(seconds)
        yield Box(EVERY_VIDEO if width == 1 else row[0], seconds)
    moments.tell()


def _write(path: Path, records: Iterable[Box], options: Options, problems: Problems) -> None:
    losses = Losses(problems, "ava-timestamps")
    last: tuple[str, float] | None = None
    with writing_text(path) as file:
        for box in records:
            note_losses(box, losses, has_score=False)
            if box.x1 is not None or box.action_id is not None:
                losses.note("box", item_of(box))
                if (box.video_id, box.timestamp_seconds) == last:
                    losses.note_left_out("boxes of one key frame are one line", item_of(box), 1)
                    continue
            last = (box.video_id, box.timestamp_seconds)
            try:
                key = "" if box.video_id == EVERY_VIDEO else f"{video_text(box.video_id)},"
            except ValueError as error:
                problems.item = item_of(box)
                problems.error(str(error))
            else:
                file.write(f"{key}{timestamp_text(box.timestamp_seconds)}\n")
        losses.tell()


FORMATS = (
    Format(
        name="ava-timestamps",
        kind=Kind.BOXES,
        what="AVA's ava_*_excluded_timestamps_v2.x.csv, and ava_included_timestamps_v2.x.txt "
        "(timestamps alone, which hold for every video)",
        source="research.google.com/ava; ActivityNet Evaluation/get_ava_performance.py (2018)",
        traps="Excluded key frames count neither for nor against a result; since 2020 the "
        "official evaluator does not read this file and leaves out what the ground truth does "
        "not list. An empty file excludes nothing.",
        read=_read,
        write=_write,
    ),
)
