"""Stage 4, score: videos -> how much each sampled frame looks like what the title names."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import SelectBase, select
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.tables import Candidate, FrameScores, Label, Media, Method, Video
from kinetics_builder.errors import ConfigError
from kinetics_builder.files import FileMark, as_marked, file_sha256
from kinetics_builder.video.frames import iterate_frames
from kinetics_builder.video.motion import Curve, motion_energy
from kinetics_builder.workspace import Workspace
from pipelines.paging import Page, Paging
from pipelines.stage import Stage, one_by_one

if TYPE_CHECKING:
    from models.image_scoring.scorer import ImageScorer

METHOD = 1
"""Counted up when equal settings would no longer give the scores that they gave before: what an
older method gave is scored anew."""

MOTION_SIZE = (64, 48)
"""Width and height of the pictures whose differences are the motion energy."""

MIN_FRAMES = 8
"""Frames looked at in a video, however short."""


@dataclass(frozen=True, slots=True)
class VideoToScore:
    """A video and the labels that its title names."""

    video_id: str
    file: str
    """Path relative to the workspace."""
    sha256: str
    duration_seconds: float
    labels: tuple[str, ...]
    candidate_ids: tuple[int, ...]
    mark: FileMark | None = None
    """What the file must be; None looks at nothing."""

    @property
    def key(self) -> str:
        """Return a key that changes with the file and with the candidates."""
        text = "\n".join((self.sha256, *self.labels, *map(str, self.candidate_ids)))
        return f"{self.video_id} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of one video for one label."""

    candidate_id: int
    method: Method
    curve: Curve


def stage(workspace: Workspace) -> Stage[VideoToScore, list[Scored]]:
    """Return the stage: an item is a downloaded video with all its labels.

    Reads `candidate`, `media`; writes `frame_scores`.

    Raises:
        ConfigError: The setting `scorer` names no folder of a scorer.

    """
    config = workspace.config.score
    scorer = workspace.scorer
    return Stage(
        name="score",
        needs="download",
        what="downloaded videos",
        settings_hash=settings_hash(
            config.every_seconds, _digest(scorer) if scorer else "", method=METHOD
        ),
        items=_items,
        listed=_listed,
        paging=Paging(Video.video_id, reads=(Video, Media, Candidate, Label)),
        work=partial(
            score, root=workspace.root.absolute(), scorer=scorer, every_seconds=config.every_seconds
        ),
        save=one_by_one(_save),
        timeout_seconds=config.timeout_seconds,
        forgets=True,
    )


def score(
    video: VideoToScore, *, root: Path, scorer: Path | None, every_seconds: float
) -> list[Scored]:
    """Return the scores of a video's frames for each of its labels.

    A label that the scorer does not know, and every label without a scorer, is given the
    motion energy instead, and marked so. Raises ItemFailed as `FrameReader` does, and for a
    file that is not the one downloaded.
    """
    path = root / video.file
    with as_marked(path, video.mark) if video.mark else nullcontext():
        return _scored(video, path, scorer, every_seconds)


def _scored(
    video: VideoToScore, path: Path, scorer: Path | None, every_seconds: float
) -> list[Scored]:
    every_seconds = min(every_seconds, video.duration_seconds / MIN_FRAMES)
    known = _classified(path, video.labels, scorer, every_seconds) if scorer else {}
    if set(video.labels) <= known.keys():
        moving = Curve([], [])
    else:
        moving = motion_energy(iterate_frames(path, every_seconds=every_seconds, size=MOTION_SIZE))
    return [
        Scored(candidate_id, Method.CLASSIFIER, known[label])
        if label in known
        else Scored(candidate_id, Method.MOTION, moving)
        for candidate_id, label in zip(video.candidate_ids, video.labels, strict=True)
    ]


def _classified(
    path: Path, labels: Sequence[str], folder: Path, every_seconds: float
) -> dict[str, Curve]:
    """Return the probabilities over time of those of `labels` that the scorer knows."""
    scorer = _load_scorer(folder)
    columns = {label: i for i, label in enumerate(scorer.labels) if label in labels}
    if not columns:
        return {}
    side = scorer.card.size
    frames = list(iterate_frames(path, every_seconds=every_seconds, size=(side, side)))
    scores_NK = scorer.score(np.stack([frame.rgb_HWC for frame in frames]))
    times = [round(frame.time_seconds, 4) for frame in frames]
    return {
        label: Curve(times, [round(float(p), 5) for p in scores_NK[:, column]])
        for label, column in columns.items()
    }


@cache
def _load_scorer(folder: Path) -> "ImageScorer":
    """Load a scorer once a process."""
    from models.image_scoring.scorer import ImageScorer

    return ImageScorer.load(folder)


def _digest(folder: Path) -> str:
    """Return a hash of a scorer's files."""
    files = sorted(path for path in folder.glob("*") if path.is_file())
    if not files:
        raise ConfigError(
            f"the setting score.scorer names {folder}, where there is no scorer. "
            "Make one with `kbuild train-scorer`, or leave the setting empty."
        )
    return settings_hash([(path.name, file_sha256(path)) for path in files])


def _listed() -> SelectBase:
    return (
        select(Candidate.video_id)
        .join(Media, Media.video_id == Candidate.video_id)
        .join(Label, Label.id == Candidate.label_id)
        .where(Label.is_retired.is_(False))
        .distinct()
    )


def _items(session: Session, page: Page) -> Sequence[tuple[str, VideoToScore]]:
    return [(item.key, item) for item in _videos(session, page)]


def _videos(session: Session, page: Page) -> Iterator[VideoToScore]:
    rows = session.execute(
        select(
            Video.video_id,
            Media.file,
            Media.bytes,
            Media.sha256,
            Media.modified_ns,
            Media.duration_seconds,
            Label.name,
            Candidate.id,
        )
        .join(Media, Media.video_id == Video.id)
        .join(Candidate, Candidate.video_id == Video.id)
        .join(Label, Label.id == Candidate.label_id)
        .where(Label.is_retired.is_(False), page.holds(Video.video_id))
    ).all()
    ordered = sorted((tuple(row) for row in rows), key=lambda row: (row[0], row[6]))
    for (video_id, file, *mark, duration), group in groupby(ordered, key=lambda row: row[:6]):
        labels, ids = zip(*(row[6:] for row in group), strict=True)
        found = FileMark(*mark)
        yield VideoToScore(video_id, file, found.sha256, duration, labels, ids, found)


def _save(session: Session, video: VideoToScore, results: Sequence[Scored]) -> None:
    for scored in results:
        session.merge(
            FrameScores(
                candidate_id=scored.candidate_id,
                method=scored.method,
                times_seconds=scored.curve.times_seconds,
                scores=scored.curve.values,
            )
        )
