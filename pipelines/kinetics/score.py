"""Stage 4, score: videos -> how much each sampled frame looks like what the title names."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from itertools import count, groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import SelectBase, select
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    Candidate,
    FrameScores,
    Item,
    Label,
    Media,
    Method,
    Video,
    VideoLook,
)
from kinetics_builder.errors import ConfigError
from kinetics_builder.files import FileMark, as_marked, file_sha256
from kinetics_builder.intervals import Interval
from kinetics_builder.storage.storage import Storage
from kinetics_builder.video.finding.curves import Curve
from kinetics_builder.video.finding.sampling import Draw, Sampling
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.closely import Closely
from pipelines.kinetics.judges import NO_JUDGES, Judges, judges_of, load_judges
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Stage, one_by_one
from pipelines.takedown.withholding import withheld, without_files

if TYPE_CHECKING:
    from kinetics_builder.video.finding.album import Album
    from kinetics_builder.video.reading.frames import Frame
    from models.image_scoring.scorer import ImageScorer
    from pipelines.kinetics.watching import Scores

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
    video_row: int = 0

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
    other_scores: list[float] | None = None
    """Of a second scorer that knows the label, at the same times."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one video."""

    scored: tuple[Scored, ...]
    """For each of its labels."""
    cuts: tuple[float, ...]
    """When its shots begin but for the first, as far as it was looked at, seconds."""
    looked: tuple[Interval, ...] | None
    """What was looked at closely; None for all of it."""
    traits: dict[str, float]
    """What it is like, by the names of `[filters]`."""
    moments: dict[str, list[float]] | None = None
    """What judges of pictures said: see `Judging`."""


def stage(workspace: Workspace) -> Stage[VideoToScore, Seen]:
    """Return the stage: an item is a downloaded video with all its labels.

    Reads `candidate`, `media`; writes `frame_scores`, `video_look`.

    Raises:
        ConfigError: The setting `scorer` names a folder without a scorer; or what `[filters]`
            asks to be found needs weights or a package that are not there.

    """
    config = workspace.config.score
    scorers = workspace.scorers
    digests = [_digest(scorer) for scorer in scorers]
    known = config.every_seconds, digests if len(digests) > 1 else "".join(digests)
    all_frames = settings_hash(*known, method=METHOD)
    closely = _closely(workspace, known, all_frames) if scorers else None
    settings, judges = _hash(known, closely) if closely else all_frames, judges_of(workspace)
    return Stage(
        name="score",
        needs="download",
        what="downloaded videos",
        settings_hash=settings_hash(settings, judges.said) if judges.said else settings,
        items=_items,
        listed=_listed,
        paging=Paging(Video.video_id, reads=(Video, Media, Candidate, Label)),
        work=partial(
            score,
            storage=workspace.storage,
            scorers=scorers,
            every_seconds=config.every_seconds,
            closely=closely,
            judges=judges,
        ),
        save=one_by_one(_save),
        refuses=partial(withheld, storage=workspace.storage, told=without_files),
        timeout_seconds=config.timeout_seconds,
        forgets=True,
    )


def _closely(workspace: Workspace, known: tuple[Any, ...], all_frames: str) -> Closely | None:
    """Return how closely peaks are looked at; None where all frames are scored.

    A workspace whose videos were scored frame by frame, under the settings that `all_frames`
    stands for, goes on so unless its settings say otherwise; so does one whose short videos were.
    """
    config, propose = workspace.config.score, workspace.config.propose
    if config.frames == "all":
        return None
    if config.frames == "auto" and _was_begun(workspace, all_frames):
        return None
    closely = Closely(
        fine_seconds=config.fine_seconds,
        coarse_seconds=config.coarse_seconds,
        clip_seconds=propose.clip_seconds,
        num_peaks=propose.num_peaks,
        min_distance_seconds=propose.min_distance_seconds,
        grid_seconds=propose.grid_seconds,
        draw=propose.draw,
    )
    whole = replace(closely, skims=False)
    return whole if _was_begun(workspace, _hash(known, whole)) else closely


def _was_begun(workspace: Workspace, settings: str) -> bool:
    """Say whether a video was scored under the settings of a hash."""
    begun = select(Item.key).where(Item.stage == "score", Item.settings_hash == settings)
    with reading(workspace.engine) as session:
        return session.scalar(begun.limit(1)) is not None


def _hash(known: tuple[Any, ...], closely: Closely) -> str:
    """Return the hash of all settings."""
    return settings_hash(*known, _said(closely), method=METHOD)


def _said(closely: Closely) -> dict[str, Any]:
    """Return what a hash is made of; what came later goes unsaid where it is as before it."""
    known = asdict(closely)
    if closely.draw == Draw():
        del known["draw"]
    if not known.pop("skims"):
        return known
    known["even_seconds"] = closely.even_seconds
    return known


def score(
    video: VideoToScore,
    *,
    storage: Storage,
    scorers: Sequence[Path],
    every_seconds: float,
    closely: Closely | None = None,
    judges: Judges = NO_JUDGES,
) -> Seen:
    """Return the scores of a video's frames for each of its labels, and its cuts.

    A label that none of the scorers knows, and every label without a scorer, is given the
    motion energy instead, and marked so; then all frames are looked at. Raises ItemFailed as
    `FrameReader` does, and for a file that is not the one downloaded.
    """
    path = storage.here(video.file, video.mark)
    with as_marked(path, video.mark) if video.mark else nullcontext():
        judge = Judge.of(scorers, video.labels)
        found = _peaks_of(path, video, judge, closely, judges) if judge and closely else None
        return found or _all_of(path, video, judge, every_seconds, judges)


@dataclass(frozen=True)
class Judge:
    """The scorers that know any of a video's labels, and where in what they say those stand."""

    scorers: "tuple[ImageScorer, ...]"
    columns: dict[str, list[tuple[int, int]]]
    """Of each label: which of the scorers know it, each with the place in its probabilities."""

    @classmethod
    def of(cls, folders: Sequence[Path], labels: Sequence[str]) -> "Judge | None":
        """Return the judge of `labels`; None where no scorer knows any of them."""
        loaded = [_load_scorer(folder) for folder in folders]
        scorers = tuple(s for s in loaded if not set(labels).isdisjoint(s.labels))
        columns = {
            label: [(n, s.labels.index(label)) for n, s in enumerate(scorers) if label in s.labels]
            for label in labels
        }
        known = {label: places for label, places in columns.items() if places}
        return cls(scorers, known) if known else None

    @property
    def size(self) -> tuple[int, int]:
        """Return the (width, height) of the frames that it is shown, the largest wanted."""
        side = max(scorer.card.size for scorer in self.scorers)
        return side, side

    def scores(self, frames: "Sequence[Frame]") -> "Scores":
        """Return scores_NK, of each label as many columns as scorers know it."""
        import numpy as np

        frames_NHWC = np.stack([frame.rgb_HWC for frame in frames])
        all_scores = [scorer.score(frames_NHWC) for scorer in self.scorers]
        places = [place for known in self.columns.values() for place in known]
        return np.stack([all_scores[scorer][:, column] for scorer, column in places], axis=1)

    def by_label(self, curves: Sequence[Curve]) -> dict[str, list[Curve]]:
        """Return the curves of each label."""
        left = iter(curves)
        return {label: list(islice(left, len(known))) for label, known in self.columns.items()}

    def draws(self, draw: Draw, video_id: str) -> list[tuple[Draw, list[int]]]:
        """Return how windows are chosen of each label, and by which of the columns.

        Labels whose windows are those that score best by their one column go unsaid.
        """
        left, found = count(), list[tuple[Draw, list[int]]]()
        for label, known in self.columns.items():
            at = list(islice(left, len(known)))
            its = draw.among(video_id, label, len(at))
            if its.sampling is not Sampling.BEST or len(at) > 1:
                found.append((its, at))
        return found


def _album(judges: Judges) -> "Album":
    from kinetics_builder.video.finding.album import Album
    from kinetics_builder.video.finding.judging import Judging

    return Album(Judging(load_judges(judges)))


def _peaks_of(
    path: Path, video: VideoToScore, judge: Judge, closely: Closely, judges: Judges
) -> Seen | None:
    """Look at a video where it may be best.

    None where a label is not known, or all frames must be decoded to know what is shown when.
    """
    from kinetics_builder.video.reading.glimpses import Glimpses
    from pipelines.kinetics.looking import Looking

    if judge.columns.keys() != set(video.labels):
        return None
    album = _album(judges)
    if not closely.is_worth_it(video.duration_seconds):
        return _skimmed(path, video, judge, closely.even_seconds, album) if closely.skims else None
    with Glimpses.of(path, judge.size, album.take) as glimpses:
        if glimpses is None:
            return None
        draws = judge.draws(closely.draw, video.video_id)
        grid = closely.grid(video.duration_seconds)
        looking = Looking(glimpses, judge.scores, closely, grid, draws, album)
        looking.look()
    scored = _scored(video, judge.by_label(looking.curves()), Curve([], []))
    looked, moments = tuple(looking.looked), album.judging.moments()
    return Seen(scored, looking.cuts(), looked, looking.traits(), moments)


def _skimmed(
    path: Path, video: VideoToScore, judge: Judge, every_seconds: float, album: "Album"
) -> Seen | None:
    """Look at a short video evenly; None where all frames must be decoded to know it."""
    from pipelines.kinetics.skimming import Skimming

    every_seconds = min(every_seconds, video.duration_seconds / MIN_FRAMES)
    skimming = Skimming.of(path, judge.size, video.duration_seconds, every_seconds, album)
    if skimming is None:
        return None
    scored = _scored(video, judge.by_label(skimming.curves(judge.scores)), Curve([], []))
    return Seen(scored, skimming.cuts(), None, skimming.traits(), album.judging.moments())


def _all_of(
    path: Path, video: VideoToScore, judge: Judge | None, every_seconds: float, judges: Judges
) -> Seen:
    """Look at all of a video."""
    from kinetics_builder.video.finding.motion import motion_energy
    from pipelines.kinetics.watching import Watching, scored_curves

    every_seconds = min(every_seconds, video.duration_seconds / MIN_FRAMES)
    known, moving = dict[str, list[Curve]](), Curve([], [])
    album = _album(judges)
    watching = Watching(path, judge.size if judge else MOTION_SIZE, every_seconds, album)
    if judge:
        known = judge.by_label(scored_curves(watching, judge.scores))
    if not set(video.labels) <= known.keys():
        if judge:
            watching = Watching(path, MOTION_SIZE, every_seconds, album)
        moving = motion_energy(watching)
    scored, moments = _scored(video, known, moving), album.judging.moments()
    return Seen(scored, watching.cuts(), None, watching.traits(), moments)


def _scored(
    video: VideoToScore, known: dict[str, list[Curve]], moving: Curve
) -> tuple[Scored, ...]:
    return tuple(
        Scored(candidate_id, Method.CLASSIFIER, known[label][0], _other(known[label]))
        if label in known
        else Scored(candidate_id, Method.MOTION, moving)
        for candidate_id, label in zip(video.candidate_ids, video.labels, strict=True)
    )


def _other(curves: Sequence[Curve]) -> list[float] | None:
    """Return what a second scorer says, where there is one."""
    return curves[1].values if len(curves) > 1 else None


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
            Video.id,
            Label.name,
            Candidate.id,
        )
        .join(Media, Media.video_id == Video.id)
        .join(Candidate, Candidate.video_id == Video.id)
        .join(Label, Label.id == Candidate.label_id)
        .where(Label.is_retired.is_(False), page.holds(Video.video_id))
    ).all()
    ordered = sorted((tuple(row) for row in rows), key=lambda row: (row[0], row[7]))
    for (video_id, file, *mark, duration, row), group in groupby(ordered, key=lambda r: r[:7]):
        labels, ids = zip(*(r[7:] for r in group), strict=True)
        found = FileMark(*mark)
        yield VideoToScore(video_id, file, found.sha256, duration, labels, ids, found, row)


def _save(session: Session, video: VideoToScore, seen: Seen) -> None:
    for scored in seen.scored:
        session.merge(
            FrameScores(
                candidate_id=scored.candidate_id,
                method=scored.method,
                times_seconds=scored.curve.times_seconds,
                scores=scored.curve.values,
                other_scores=scored.other_scores,
            )
        )
    looked = None if seen.looked is None else [t for stretch in seen.looked for t in stretch]
    row = {"cuts": list(seen.cuts), "looked": looked, "traits": seen.traits}
    session.merge(VideoLook(video_id=video.video_row, moments=seen.moments, **row))
