"""Writing the folders of AVA's files for PySlowFast and MMAction2."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from kinetics_builder.formats.boxes.actions import action_of, boxes_alone, item_of, note_losses
from kinetics_builder.formats.boxes.ava.row_texts import share_text, timestamp_text
from kinetics_builder.formats.boxes.ava_folders.frame_lists import write_frame_list
from kinetics_builder.formats.boxes.ava_folders.layouts import (
    ANNOTATIONS,
    SPLIT,
    Layout,
    loaded_videos,
    split_of_box,
)
from kinetics_builder.formats.boxes.ava_folders.predicted import read_predicted
from kinetics_builder.formats.boxes.ava_folders.seconds import Seconds
from kinetics_builder.formats.boxes.shapes import corners_of
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import csv_line, writing_folder
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Label
from kinetics_builder.formats.registry import find_format


def write(
    layout: Layout, path: Path, records: Iterable[Box], options: Options, problems: Problems
) -> None:
    """Write a folder: the ground truth of each split, boxes with scores in a file apart."""
    losses, seconds = Losses(problems, layout.name), Seconds(layout)
    with writing_folder(path) as folder:
        (folder / ANNOTATIONS).mkdir()
        words: dict[str, None] = {}
        with ExitStack() as stack:
            files: dict[str, TextIO] = {}
            for box, word, name, line in _lines(layout, records, options, problems, losses):
                words[word] = None
                seconds.note(box)
                if name not in files:
                    target = (folder / ANNOTATIONS / name).open("w", encoding="utf-8")
                    files[name] = stack.enter_context(target)
                files[name].write(line)
        seconds.rewrite(folder, files, losses)
        for word in words:
            _write_rest(layout, folder, word, seconds, options, problems)
        _write_labels(folder / ANNOTATIONS / layout.labels, options, problems)
        losses.tell()


def _lines(
    layout: Layout,
    records: Iterable[Box],
    options: Options,
    problems: Problems,
    losses: Losses,
) -> Iterator[tuple[Box, str, str, str]]:
    """Yield each box that the tool takes, its split, its file and its line there."""
    for box in boxes_alone(records, losses):
        problems.item = item_of(box)
        note_losses(box, losses, said=(SPLIT,), has_score=True)
        if box.score is not None and box.person_id is not None:
            losses.note("person of a box with a score", item_of(box))
        if box.score is not None and layout.has_proposals and box.action_id is not None:
            losses.note("action of a box with a score", item_of(box))
        if box.score is not None and layout.has_proposals:
            box = _cut_to_frame(box, losses)
        try:
            layout.check(box)
            word = split_of_box(box, options)
            name = layout.truth if box.score is None else _spool(layout)
            yield box, word, name.format(word), _line(layout, box, options)
        except ValueError as error:
            problems.error(str(error))


def _cut_to_frame(box: Box, losses: Losses) -> Box:
    """Return a proposal inside of the frame: MMAction2 stops at any other."""
    corners = corners_of(box)
    assert corners is not None
    if all(0 <= corner <= 1 for corner in corners):
        return box
    losses.note_oddity("is cut to the frame, for MMAction2 stops outside of [0, 1]", item_of(box))
    x1, y1, x2, y2 = (min(max(corner, 0.0), 1.0) for corner in corners)
    return box._replace(x1=x1, y1=y1, x2=x2, y2=y2)


def _spool(layout: Layout) -> str:
    """Return where rows with scores go first: a pickle is made of them in the end."""
    return "ava_{}_predicted_boxes.csv" if layout.has_proposals else layout.predicted


def _line(layout: Layout, box: Box, options: Options) -> str:
    number = action_of(box, layout.name, options)
    if number is None and box.score is None:
        raise ValueError(f"found a box with neither action nor score; {layout.name} needs one")
    corners = corners_of(box)
    assert corners is not None
    last: list[object] = [box.person_id] if box.score is None else [box.score]
    key = [box.video_id, timestamp_text(box.timestamp_seconds)]
    return csv_line([*key, *map(share_text, corners), number, *(last if last != [None] else [])])


def _write_rest(
    layout: Layout,
    folder: Path,
    word: str,
    seconds: Seconds,
    options: Options,
    problems: Problems,
) -> None:
    """Write what else belongs to the rows of a split."""
    annotations = folder / ANNOTATIONS
    (annotations / layout.excluded.format(word)).touch()
    spool = annotations / _spool(layout).format(word)
    if layout.has_frame_lists:
        lists = folder / "frame_lists"
        lists.mkdir(exist_ok=True)
        truth = _videos_in(annotations / layout.truth.format(word))
        videos = loaded_videos(word, truth, _videos_in(spool))
        numbers = {video_id: seconds.num_images(video_id) for video_id in videos}
        with (lists / f"{word}.csv").open("w", encoding="utf-8") as file:
            write_frame_list(file, numbers, options.media, problems)
    if layout.has_proposals and spool.exists():
        _write_proposals(spool, annotations / layout.predicted.format(word), options, problems)
        spool.unlink()


def _videos_in(path: Path) -> dict[str, None]:
    """Return the videos of a file's rows, in their order."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as file:
        return dict.fromkeys(line.partition(",")[0] for line in file)


def _write_labels(path: Path, options: Options, problems: Problems) -> None:
    problems.item = path.name
    if options.labels is None:
        problems.warning("not written, but needed: the label map was not given")
        return
    writer = find_format("activitynet-pbtxt").write
    assert writer is not None
    writer(path, (Label(one.id, one.name) for one in options.labels), options, problems)


def _write_proposals(spool: Path, target: Path, options: Options, problems: Problems) -> None:
    proposals = find_format("ava-proposals")
    assert proposals.write is not None
    boxes = read_predicted(spool, Options(), Problems(spool))
    bare = (box._replace(action_id=None, label=None) for box in boxes)
    proposals.write(target, bare, options, problems)
