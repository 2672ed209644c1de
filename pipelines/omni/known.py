"""Whether items show their class, as people said: by the votes, or by a file.

file,label,is_right
pictures/search/arm wrestling/4f2a.jpg,arm wrestling,yes
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Clip, Decision, Label, Verdict, Video
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import parsed, table
from kinetics_builder.formats.problems import Problems
from kinetics_builder.intervals import Interval, temporal_iou
from pipelines.omni.scored import Scored

MIN_IOU = 0.5
"""Of a window with a clip that people judged, whose verdict then holds for it."""
HEADER = ("file", "label", "is_right")
_WORDS = {"yes": True, "no": False}


def rights_by_votes(session: Session, items: Sequence[Scored]) -> list[bool | None]:
    """Return whether each item is right, as the decisions about clips say; None for not known.

    A window of a video is what the decided clip of its class is that shares most of it.
    """
    judged: dict[tuple[str, str], list[tuple[Interval, bool]]] = defaultdict(list)
    rows = session.execute(
        select(Video.video_id, Label.name, Clip.start_seconds, Clip.end_seconds, Decision.verdict)
        .join(Clip, Clip.id == Decision.clip_id)
        .join(Video, Video.id == Clip.video_id)
        .join(Label, Label.id == Clip.label_id)
        .where(Decision.verdict.in_((Verdict.ACCEPTED, Verdict.REJECTED)))
        .order_by(Clip.id)
    )
    for video_id, label, start, end, verdict in rows:
        judged[video_id, label].append((Interval(start, end), verdict is Verdict.ACCEPTED))
    of_clips = _verdicts(session)
    return [
        of_clips.get(one.clip_id)
        if one.clip_id is not None
        else _of_window(one, judged.get((one.video_id, one.label), ()))
        for one in items
    ]


def _verdicts(session: Session) -> dict[int, bool]:
    rows = session.execute(
        select(Decision.clip_id, Decision.verdict).where(
            Decision.verdict.in_((Verdict.ACCEPTED, Verdict.REJECTED))
        )
    )
    return {clip_id: verdict is Verdict.ACCEPTED for clip_id, verdict in rows}


def _of_window(one: Scored, judged: Sequence[tuple[Interval, bool]]) -> bool | None:
    if one.start_seconds is None or one.end_seconds is None:
        return None
    window = Interval(one.start_seconds, one.end_seconds)
    found = [(temporal_iou(window, clip), -place) for place, (clip, _) in enumerate(judged)]
    share, place = max(found, default=(0.0, 0))
    return judged[-place][1] if share >= MIN_IOU else None


def rights_by_file(path: Path, items: Sequence[Scored]) -> list[bool | None]:
    """Return whether each item is right, as a CSV says; None for those that it does not name.

    Raises:
        FormatError: Another header, a row that does not fit, or none of the items.

    """
    said = _read(path)
    found = [said.get((one.file, one.label)) for one in items]
    if items and not any(right is not None for right in found):
        raise FormatError(
            f"{path} names none of the {len(items)} items. Name files by their paths in the "
            f"workspace, as {items[0].file!r}, with what was searched for."
        )
    return found


def _read(path: Path) -> Mapping[tuple[str, str], bool]:
    problems = Problems(path)
    header, rows = table(path, HEADER, problems)
    places = [header.index(name) for name in HEADER]
    return dict(parsed(([row[at] for at in places] for row in rows), _right, problems))


def _right(cells: Sequence[str]) -> tuple[tuple[str, str], bool]:
    file, label, word = cells
    if word not in _WORDS:
        raise ValueError(f"expected yes or no, found {word!r}")
    return (file, label), _WORDS[word]
