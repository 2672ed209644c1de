"""Film strips of clips, small enough to stand inside an HTML page."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Clip, ClipFile, Decision, Label, Verdict, Video
from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.sandbox import Limits, run_limited
from pipelines.html_page import jpeg_address
from pipelines.inspecting.reaching import Reaching
from pipelines.verifying.aggregate import may_be_released

_FRAMES = 4
_HEIGHT = 90
_LIMITS = Limits(seconds=120, memory_bytes=2 << 30)


@dataclass(frozen=True)
class Strip:
    """A clip as a row of frames."""

    label: str
    title: str
    where: str
    votes: str
    picture: str
    """A `data:` address of a JPEG; empty where the file could not be read."""


def strips(
    session: Session, reaching: Reaching, verdict: Verdict, *, per_label: int, max_total: int
) -> list[Strip]:
    """Return film strips of clips with `verdict`: the best scored of each label, one a video."""
    rows = session.execute(
        select(Label.name, Video.title, Video.video_id, Clip, Decision, ClipFile.file)
        .join(Clip, Clip.label_id == Label.id)
        .join(Video, Video.id == Clip.video_id)
        .join(Decision, Decision.clip_id == Clip.id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .where(Decision.verdict == verdict, may_be_released())
        .order_by(Label.name, Clip.score.desc(), Video.video_id, Clip.start_seconds)
    )
    chosen: list[Any] = []
    videos: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        label, _, video_id = row[:3]
        is_new = video_id not in videos[label] and len(videos[label]) < per_label
        if is_new and len(chosen) < max_total:
            videos[label].add(video_id)
            chosen.append(row)
    pictures = pictures_of(reaching, [row[5] for row in chosen])
    return [
        Strip(
            label=label,
            title=title,
            where=f"{video_id}, {clip.start_seconds:g} to {clip.end_seconds:g} s",
            votes=_votes(decision),
            picture=picture,
        )
        for (label, title, video_id, clip, decision, _), picture in zip(
            chosen, pictures, strict=True
        )
    ]


def _votes(decision: Decision) -> str:
    parts = (
        (decision.num_yes, "yes"),
        (decision.num_no, "no"),
        (decision.num_unsure, "unsure"),
        (decision.num_bad, "bad"),
    )
    return ", ".join(f"{count} {name}" for count, name in parts if count)


def pictures_of(reaching: Reaching, files: list[str]) -> list[str]:
    """Return a film strip of each clip file, as `Strip.picture`."""
    if not files:
        return []
    paths = [reaching.path(file) for file in files]
    try:
        return run_limited(draw_strips, paths, limits=_LIMITS)
    except ItemFailed:
        return [""] * len(paths)


def draw_strips(paths: list[Path | None]) -> list[str]:
    """Return one `data:` address a clip file; runs in a child, since it decodes video."""
    return ["" if path is None else _draw_strip(path) for path in paths]


def _draw_strip(path: Path) -> str:
    from kinetics_builder.video.reading.frames import iterate_frames

    try:
        frames = [frame.rgb_HWC for frame in iterate_frames(path, every_seconds=0.2)]
    except (ItemFailed, OSError):
        return ""
    if not frames:
        return ""
    chosen = [frames[i * (len(frames) - 1) // (_FRAMES - 1)] for i in range(_FRAMES)]
    images = [Image.fromarray(frame) for frame in chosen]
    width = round(images[0].width * _HEIGHT / images[0].height)
    strip = Image.new("RGB", (_FRAMES * width, _HEIGHT))
    for position, image in enumerate(images):
        strip.paste(image.resize((width, _HEIGHT)), (position * width, 0))
    return jpeg_address(strip)
