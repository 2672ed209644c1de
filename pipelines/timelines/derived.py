"""What a release of segments has for others' readers, and its sums: made of its tables alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from statistics import fmean, median
from typing import Any

from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import SPLITS, Clip
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.release_files import SEGMENTS
from pipelines.publishing.folders.facts import STATISTICS, write_json
from pipelines.timelines.marked import OWNER
from pipelines.timelines.tables import LEFT_OUT, MARKS, QUESTIONS, VIDEOS, Rows, rows_of

ACTIVITYNET, CHARADES, CLASSES = "activitynet.json", "charades_{}.csv", "classes.txt"


def derive(folder: Path, out: Path) -> dict[str, Any]:
    """Write ActivityNet's file, Charades' files, the classes and the sums; return the sums.

    Args:
        folder: Where the tables are.
        out: Where all this is written to.

    """
    videos, segments = rows_of(folder / VIDEOS), rows_of(folder / SEGMENTS)
    classes = sorted({row["label"] for row in rows_of(folder / QUESTIONS)})
    labels = LabelMap.of_names(classes)
    by_video: dict[str, list[Mapping[str, str]]] = {}
    for row in segments:
        by_video.setdefault(row["video"], []).append(row)
    _write(out / CLASSES, "charades-classes", labels.labels, None)
    _write(out / ACTIVITYNET, "activitynet", _clips(videos, by_video), labels)
    for split in SPLITS:
        if some := [row for row in videos if row["split"] == split]:
            path = out / CHARADES.format(split)
            _write(path, "charades", _clips(some, by_video, has_subject=True), labels)
    sums = sums_of(folder)
    write_json(out / STATISTICS, sums)
    return sums


def _write(path: Path, name: str, records: Iterable[object], labels: LabelMap | None) -> None:
    write = find_format(name).write
    assert write is not None
    write(path, records, Options(labels=labels), Problems(path))


def _clips(
    videos: Rows, segments: Mapping[str, Rows], *, has_subject: bool = False
) -> Iterator[Clip]:
    """Yield a clip for each segment; of a video without any that it has none."""
    for row in videos:
        video, split = row["video"], row["split"]
        details: dict[str, object] = {"duration_seconds": float(row["duration"])}
        if has_subject:
            details |= {"subject": row["uploader"]} if row["uploader"] else {}
        else:
            details["resolution"] = f"{row['width']}x{row['height']}"
            details |= {"url": row["url"]} if row["url"] else {}
        for one in segments.get(video, ()):
            times = float(one["start"]), float(one["end"])
            yield Clip(video, *times, one["label"], split, details=details)
        if video not in segments:
            yield Clip(video, split=split, details=details)


def sums_of(folder: Path) -> dict[str, Any]:
    """Return the sums of a release."""
    videos, segments, questions, marks = (
        rows_of(folder / name) for name in (VIDEOS, SEGMENTS, QUESTIONS, MARKS)
    )
    by_class: dict[str, Counter[str]] = {row["label"]: Counter() for row in questions}
    for row in segments:
        by_class[row["label"]][row["split"]] += 1
    answers = {(row["worker"], row["video"], row["label"]): row["counts"] for row in marks}
    return {
        "num_videos": len(videos),
        "num_segments": len(segments),
        "num_classes": len(by_class),
        "num_questions": len(questions),
        "num_workers": len({worker for worker, _, _ in answers}),
        "num_answers": sum(counts == "1" for counts in answers.values()),
        "num_set_aside": sum(counts != "1" for counts in answers.values()),
        "said_by_owner": sum(row["said_by"] == OWNER for row in segments),
        "left_out": len(rows_of(folder / LEFT_OUT)),
        "overlap": _of(fmean, segments, "overlap"),
        "start_spread": _of(median, segments, "start_spread"),
        "end_spread": _of(median, segments, "end_spread"),
        "licences": dict(sorted(Counter(row["licence"] or "not stated" for row in videos).items())),
        "splits": {split: _of_split(split, videos, segments) for split in SPLITS},
        "classes": {
            label: {split: found[split] for split in SPLITS}
            for label, found in sorted(by_class.items())
        },
    }


def _of(mean: Callable[[list[float]], float], rows: Rows, name: str) -> float | None:
    values = [float(row[name]) for row in rows if row[name]]
    return round(mean(values), 4) if values else None


def _of_split(split: str, videos: Rows, segments: Rows) -> dict[str, Any]:
    some = [row for row in videos if row["split"] == split]
    of_them = [row["video"] for row in segments if row["split"] == split]
    return {
        "videos": len(some),
        "without_segments": len({row["video"] for row in some} - {*of_them}),
        "segments": len(of_them),
        "hours": round(sum(float(row["duration"]) for row in some) / 3600, 4),
    }
