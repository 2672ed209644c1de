"""Verb `gold`: questions whose answer is known, from a file."""

import difflib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import note_act
from kinetics_builder.database.tables import (
    Act,
    Answer,
    Clip,
    ClipFile,
    Gold,
    Label,
    Video,
)
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.formats.cells import counted, split_cells
from kinetics_builder.text import counting
from kinetics_builder.text.foreign import flaw_of, spelled

COLUMNS = ["youtube_id", "time_start", "label", "answer"]


@dataclass(frozen=True)
class GoldReport:
    """What `gold` added."""

    num_new: int
    num_known_before: int
    num_yes: int
    """Of all gold questions there are now, those whose answer is yes."""
    num_other: int


def add_gold(session: Session, path: Path) -> GoldReport:
    """Add the gold questions of a CSV file with the columns `youtube_id,time_start,label,answer`.

    `time_start` is the start of a cut clip, rounded down to whole seconds; of several
    clips that start there, the one proposed for `label` is meant, else the first by label.
    A question that is known already with the same answer is left as it is.

    Raises:
        FormatError: A row names an unknown clip, label or answer, or contradicts a known
            one; with file, line and what is known. Nothing is added then.
        StageOrderError: No clip was cut.

    """
    if session.scalar(select(ClipFile.clip_id).limit(1)) is None:
        raise StageOrderError("gold", needs="cut", what="cut clips")
    rows = session.execute(select(Label.id, Label.name))
    labels = {spelled(name): number for number, name in rows}
    known = known_gold(session)
    new: dict[tuple[int, int], Answer] = {}
    for line, row in read_rows(path, COLUMNS):
        try:
            question, answer = _question(session, row, labels)
            expected = known.get(question, new.get(question))
            if expected not in (None, answer):
                raise ValueError(
                    f"this question is known with the answer {expected.value!r}, "
                    f"found {answer.value!r}; gold is only ever added, so mend the row"
                )
        except ValueError as error:
            raise FormatError(f"{path}:{line}: {error}.") from error
        if question not in known:
            new[question] = answer
    return write_gold(session, new)


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV file with these columns, each with its line.

    Raises:
        FormatError: It cannot be read, or a line has other columns.

    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormatError(
            f"{path}: {error.strerror}. Name a CSV file of gold questions."
        ) from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: not UTF-8 ({error}). Save the file as UTF-8.") from error
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            cells = _cells(line, columns, is_header=number == 1)
        except ValueError as error:
            raise FormatError(f"{path}:{number}: {error}.") from error
        if cells and number > 1:
            yield number, dict(zip(columns, cells, strict=True))


def _cells(line: str, columns: Sequence[str], *, is_header: bool) -> list[str]:
    """Return the cells of a line, none of a blank one."""
    if flaw := flaw_of(line.expandtabs()):
        raise ValueError(f"{line[:60]!r} holds {flaw}")
    found = split_cells(line) if line.strip() else []
    cells = list(map(spelled, found))
    if cells and len(cells) != len(columns):
        raise ValueError(f"expected {','.join(columns)}, found {counted(found)}")
    if is_header and cells != list(columns):
        raise ValueError(f"expected the header {','.join(columns)}, found {cells}")
    return cells


def _question(
    session: Session, row: dict[str, str], labels: dict[str, int]
) -> tuple[tuple[int, int], Answer]:
    """Return (clip id, label id) and the answer of a row."""
    label, answer = row["label"], row["answer"]
    if label not in labels:
        near = difflib.get_close_matches(label, sorted(labels), n=3) or sorted(labels)[:5]
        raise ValueError(f"unknown label {label[:100]!r}. Known: {', '.join(near)}")
    if answer not in list(map(str, Answer)):
        raise ValueError(f"unknown answer {answer!r}. Known: {', '.join(Answer)}")
    return (clip_at(session, row, labels[label]), labels[label]), Answer(answer)


def clip_at(session: Session, row: dict[str, str], label_id: int) -> int:
    """Return the cut clip that a row names, first of all the one proposed for the label.

    Raises:
        ValueError: There is none; with those that there are.

    """
    video, start = row["youtube_id"], row["time_start"]
    query = (
        select(Clip.id, Clip.label_id, Clip.start_seconds)
        .join(Video, Video.id == Clip.video_id)
        .join(Label, Label.id == Clip.label_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .where(Video.video_id == video)
        .order_by(Clip.start_seconds, Clip.part_of_id.is_not(None), Label.name, Clip.end_seconds)
    )
    clips: Sequence[Any] = session.execute(query).all()
    if not clips:
        raise ValueError(f"no cut clip is of the video {video!r}")
    here = [clip for clip in clips if str(math.floor(clip.start_seconds)) == start]
    if not here:
        starts = ", ".join(
            str(number) for number in sorted({math.floor(c.start_seconds) for c in clips})
        )
        raise ValueError(f"no clip of {video!r} starts at {start!r}. Clips start at: {starts}")
    return int(next((c.id for c in here if c.label_id == label_id), here[0].id))


def known_gold(session: Session) -> dict[tuple[int, int], Answer]:
    """Return the expected answer of each gold question by (clip id, label id)."""
    query = select(Gold.clip_id, Gold.label_id, Gold.expected).where(Gold.label_id.is_not(None))
    rows: Iterable[Any] = session.execute(query)
    return {(clip_id, label_id): answer for clip_id, label_id, answer in rows}


def write_gold(session: Session, new: dict[tuple[int, int], Answer]) -> GoldReport:
    """Add gold questions, none of which is known, by (clip id, label id)."""
    before = len(known_gold(session))
    if new:
        session.execute(
            insert(Gold),
            [
                {"clip_id": clip_id, "label_id": label_id, "expected": answer}
                for (clip_id, label_id), answer in new.items()
            ],
        )
        note_act(session, Act.GOLD, counting.counted(len(new), "question"))
    answers = list(known_gold(session).values())
    num_yes = answers.count(Answer.YES)
    return GoldReport(len(new), before, num_yes, len(answers) - num_yes)
