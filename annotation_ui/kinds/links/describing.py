"""A stretch as a browser is told of it: key frames, crops, tracks."""

from annotation_ui.kinds.kind import Described
from annotation_ui.kinds.links.questions import Question
from annotation_ui.languages.words import gettext
from annotation_ui.page import page
from kinetics_builder.crowd.links.boxes import Standing

_MARGIN = 1.15
"""How much larger than its box a crop is."""
_ASPECT = 0.75
"""Width of a crop as a share of its height."""


def describe(question: Question) -> Described:
    """Return what the page shows: nothing of the film's name, of persons or of what is known."""
    frames = _frames(question)
    place_of = {frame["frame"]: place for place, frame in enumerate(frames)}
    return {
        "slot": question.slot_id,
        "stretch": question.stretch_id,
        "label": gettext(
            "%(start)s to %(end)s",
            start=clock(question.start_seconds),
            end=clock(question.end_seconds),
        ),
        "frames": frames,
        "boxes": [
            {
                "box": box.box_id,
                "place": place_of[box.frame_id],
                "corners": [box.x1, box.y1, box.x2, box.y2],
                "crop": _crop(box),
            }
            for box in question.boxes
        ],
        "tracks": [list(track) for track in question.tracks],
    }


def clock(seconds: float) -> str:
    """Return a moment as people write it.

    >>> clock(902.5)
    '15:02.5'
    """
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}:{int(rest):02}" + (f"{rest % 1:.1f}"[1:] if rest % 1 else "")


def _frames(question: Question) -> list[Described]:
    step = page().config.keyframes.every_seconds
    found: list[Described] = []
    before: Standing | None = None
    for box in question.boxes:
        if before is not None and box.frame_id == before.frame_id:
            continue
        passed = 0.0 if before is None else box.at_seconds - before.at_seconds
        found.append(
            {
                "frame": box.frame_id,
                "at": clock(box.at_seconds),
                "width": box.width,
                "height": box.height,
                "is_cut": before is not None and box.shot != before.shot,
                "passed": round(passed, 2) if passed > 1.5 * step else 0,
                "is_before": box.at_seconds < question.start_seconds,
            }
        )
        before = box
    return found


def _crop(box: Standing) -> list[float]:
    """Return what is shown of the still, in its pixels: left, top, width, height."""
    width, height = (box.x2 - box.x1) * box.width, (box.y2 - box.y1) * box.height
    tall = max(height, width / _ASPECT) * _MARGIN
    wide = tall * _ASPECT
    left = (box.x1 + box.x2) / 2 * box.width - wide / 2
    top = (box.y1 + box.y2) / 2 * box.height - tall / 2
    return [round(value, 1) for value in (left, top, wide, tall)]
