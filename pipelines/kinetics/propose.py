"""Stage 5, propose: scores over time -> clips."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, SelectBase, Text, cast, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import FiltersConfig, ProposeConfig, settings_hash
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    FrameScores,
    Label,
    Media,
    Method,
    Video,
    VideoLook,
)
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video.finding.curves import QUIET, Curve, moving_windows
from kinetics_builder.video.finding.moments import of_window
from kinetics_builder.video.finding.peaks import Grid, Peak, every_peak
from kinetics_builder.video.finding.placing import Cuts, Placed, Places, place, settled
from kinetics_builder.video.finding.sampling import Draw, Sampling
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.filtering import Windows, noted, require_fit
from pipelines.kinetics.withdrawing import bring_back, take_back
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Stage
from pipelines.takedown.withholding import withheld, without_files

METHOD = 1
"""Counted up when equal settings would no longer give the windows that they gave before: what an
older method gave is proposed anew."""


@dataclass(frozen=True, slots=True)
class ScoredVideo:
    """The scores of one video for one label."""

    video_id: str
    label: str
    duration_seconds: float
    method: Method
    times_json: str
    """The curve's times as JSON, as they are stored: a key needs no more of them."""
    values_json: str
    video_row: int
    label_row: int
    cuts_json: str | None = None
    """The video's cuts; None where nothing is known of them."""
    looked_json: str | None = None
    """Starts and ends of what was looked at closely; None for all of it."""
    traits_json: str | None = None
    """What the video is like; None where nothing is known of that."""
    others_json: str | None = None
    """What a second scorer says at the same times; None where there is none."""
    moments_json: str | None = None
    """What judges of pictures said of it; None where none was asked."""

    @property
    def traits(self) -> dict[str, float]:
        """Return a score for each trait that is known."""
        return dict(json.loads(self.traits_json or "{}"))

    @property
    def moments(self) -> dict[str, list[float]]:
        """Return what judges of pictures said, moment by moment; nothing where none was asked."""
        return dict(json.loads(self.moments_json or "{}"))

    @property
    def cuts(self) -> list[float] | None:
        """Return when shots begin, as far as that is known."""
        return None if self.cuts_json is None else list(json.loads(self.cuts_json))

    @property
    def looked(self) -> list[Interval] | None:
        """Return what was looked at closely; None for all of it."""
        if self.looked_json is None:
            return None
        edges = json.loads(self.looked_json)
        return [Interval(*edges[i : i + 2]) for i in range(0, len(edges), 2)]

    @property
    def curve(self) -> Curve:
        """Return the scores over time."""
        return Curve(json.loads(self.times_json), json.loads(self.values_json))

    @property
    def curves(self) -> list[Curve]:
        """Return what each scorer says over time."""
        if self.others_json is None:
            return [self.curve]
        return [self.curve, Curve(self.curve.times_seconds, json.loads(self.others_json))]

    def draw(self, config: ProposeConfig) -> Draw:
        """Return how its windows are chosen."""
        num_scorers = 1 + (self.others_json is not None)
        return config.draw.among(self.video_id, self.label, num_scorers)

    @property
    def key(self) -> str:
        """Return a key that changes with the scores, and with the cuts where they are known."""
        known = f"{json.dumps(self.method)}, {json.dumps(self.duration_seconds)}"
        seen = "" if self.cuts_json is None else f", {self.cuts_json}, {self.looked_json}"
        seen += "" if self.traits_json is None else f", {self.traits_json}"
        seen += "" if self.others_json is None else f", others {self.others_json}"
        seen += "" if self.moments_json is None else f", judged {self.moments_json}"
        version = f"[{known}, {self.times_json}, {self.values_json}{seen}]"
        return f"{self.video_id} {self.label} {hashlib.sha256(version.encode()).hexdigest()[:16]}"


def label_of(key: str) -> str:
    """Return the label that an item's key names.

    >>> label_of("dQw4w9WgXcQ playing guitar 0123456789abcdef")
    'playing guitar'
    """
    return key.partition(" ")[2].rpartition(" ")[0]


def stage(workspace: Workspace) -> Stage[ScoredVideo, list[Placed]]:
    """Return the stage: an item is a video's scores for one label.

    Reads `frame_scores`, `video_look`, `media`; writes `clip`.
    """
    config, filters = workspace.config.propose, workspace.config.filters
    return Stage(
        name="propose",
        needs="score",
        what="scored videos",
        settings_hash=_hash(config, filters),
        items=_items,
        listed=_listed,
        paging=Paging(
            Video.video_id, reads=(Video, Media, Candidate, Label, FrameScores, VideoLook)
        ),
        work=partial(propose, config=config, filters=filters),
        save=partial(_save, config=config, filters=filters),
        refuses=partial(withheld, storage=workspace.storage, told=without_files),
        unsave=partial(_unsave, config=config, filters=filters),
        in_children=False,
        forgets=True,
        after=_take_back_orphans,
    )


def _hash(config: ProposeConfig, filters: FiltersConfig) -> str:
    """Return the hash of the settings; of those that came later the defaults go unsaid.

    What was known before they came is not judged by them.
    """
    known, usual = asdict(config), asdict(FiltersConfig())
    changed = {name: value for name, value in asdict(filters).items() if value != usual[name]}
    if (cuts := known.pop("cuts")) != Cuts.SHIFT:
        changed["cuts"] = cuts
    del known["sampling"], known["seed"]
    if config.draw != Draw():
        changed["draw"] = asdict(config.draw)
    return settings_hash(known, *([changed] if changed else []), method=METHOD)


def propose(
    video: ScoredVideo, *, config: ProposeConfig, filters: FiltersConfig | None = None
) -> list[Placed]:
    """Return the windows to ask people about, best first; ties go to the earlier.

    Raises ItemFailed where `filters` lets nothing of it through, ItemFailed(STILL) if nothing
    moves in one that no scorer has judged, ItemFailed(CUT) if all of its windows lie across cuts
    and are not wanted.
    """
    filters = filters or FiltersConfig()
    require_fit(video.traits, filters)
    windows = Windows(video.moments, filters)
    grid = Grid(
        window_seconds=config.clip_seconds,
        step_seconds=config.grid_seconds,
        duration_seconds=round(video.duration_seconds, 3),
    )
    places = Places(
        num_peaks=config.num_peaks,
        min_distance_seconds=config.min_distance_seconds,
        cuts=video.cuts or (),
        what=Cuts(config.cuts),
    )
    draw = video.draw(config)
    if video.method is Method.MOTION and draw.sampling is Sampling.BEST:
        found = _moving(video.curve, grid, places, windows)
    else:
        judged = _judged(video, grid)
        found = place(draw.weighed([windows.fitting(peaks) for peaks in judged]), places)
    if not found:
        windows.explain()
        raise ItemFailed(Reason.CUT, f"no {config.clip_seconds:g} s without a cut where it is best")
    return found


def _judged(video: ScoredVideo, grid: Grid) -> list[list[Peak]]:
    """Return the windows that may be chosen, with each scorer's means."""
    from kinetics_builder.video.finding.estimates import is_inside

    judged = [every_peak(*curve, grid) for curve in video.curves]
    if video.method is Method.MOTION:
        moving = [peak for peak in judged[0] if peak.score >= QUIET]
        if not moving:
            raise ItemFailed(Reason.STILL, "nothing moves in it")
        return [moving]
    looked = video.looked
    if looked is None:
        return judged
    return [[peak for peak in peaks if is_inside(peak.window, looked)] for peaks in judged]


def _moving(curve: Curve, grid: Grid, places: Places, windows: Windows) -> list[Placed]:
    tiles = [tile for tile in grid.tiles(places.min_distance_seconds) if windows.fit(tile)]
    chosen = moving_windows(curve, tiles, num_windows=places.num_peaks)
    if not chosen:
        windows.explain()
        raise ItemFailed(Reason.STILL, "nothing moves in it")
    fitting = windows.fitting(every_peak(*curve, grid))
    ranked = sorted(fitting, key=lambda p: (-p.score, p.window.start))
    found: list[Placed] = []
    for window, energy in sorted(chosen, key=lambda pair: (-round(pair[1], 9), pair[0].start)):
        others = [other for other, _ in chosen if other != window]
        others += [placed.window for placed in found]
        found.append(settled(Peak(window, round(energy, 9)), ranked, others, places))
    return [p for p in found if not (p.cuts and places.what is Cuts.DROP)]


def _listed() -> SelectBase:
    return (
        select(FrameScores.candidate_id)
        .join(Candidate, Candidate.id == FrameScores.candidate_id)
        .join(Media, Media.video_id == Candidate.video_id)
        .join(Label, Label.id == Candidate.label_id)
        .where(Label.is_retired.is_(False))
    )


def _items(session: Session, page: Page) -> Sequence[tuple[str, ScoredVideo]]:
    items = scored_videos(session, page.holds(Video.video_id))
    return sorted(((item.key, item) for item in items), key=lambda pair: pair[0])


def scored_videos(session: Session, *which: ColumnElement[bool]) -> list[ScoredVideo]:
    """Return the items: those of which all of `which` holds."""
    rows: Iterable[Any] = session.execute(
        select(
            Video.video_id,
            Label.name,
            Media.duration_seconds,
            FrameScores.method,
            cast(FrameScores.times_seconds, Text),
            cast(FrameScores.scores, Text),
            Candidate.video_id,
            Candidate.label_id,
            cast(VideoLook.cuts, Text),
            cast(VideoLook.looked, Text),
            cast(VideoLook.traits, Text),
            cast(FrameScores.other_scores, Text),
            cast(VideoLook.moments, Text),
        )
        .join(Candidate, Candidate.id == FrameScores.candidate_id)
        .join(Video, Video.id == Candidate.video_id)
        .join(Media, Media.video_id == Video.id)
        .join(Label, Label.id == Candidate.label_id)
        .outerjoin(VideoLook, VideoLook.video_id == Video.id)
        .where(Label.is_retired.is_(False), *which)
    )
    return [ScoredVideo(*row) for row in rows]


def _save(
    session: Session,
    made: Sequence[tuple[ScoredVideo, Sequence[Placed]]],
    *,
    config: ProposeConfig,
    filters: FiltersConfig,
) -> None:
    there = _clips_of(session, [video for video, _ in made])
    new: list[dict[str, Any]] = []
    stay: list[Clip] = []
    for video, peaks in made:
        pair = video.video_row, video.label_row
        of_all = {"sampling": video.draw(config).sampling}
        traits, moments = video.traits, video.moments
        for rank, peak in enumerate(peaks):
            clip = there[pair].pop(tuple(peak.window), None)
            known = _facts(video, peak, rank) | of_all
            known["noted"] = noted(traits | of_window(moments, peak.window), filters)
            if clip is None:
                new.append(_columns(pair, peak) | known)
            else:
                for name, value in known.items():
                    setattr(clip, name, value)
                stay.append(clip)
    if new:
        session.execute(insert(_CLIP), new)
    bring_back(session, [clip for clip in stay if clip.is_withdrawn])
    for clip in [clip for known in there.values() for clip in known.values()]:
        take_back(session, clip)


def _unsave(
    session: Session,
    videos: Sequence[ScoredVideo],
    *,
    config: ProposeConfig,
    filters: FiltersConfig,
) -> None:
    """Take back the clips of videos that none is proposed of any more."""
    _save(session, [(video, ()) for video in videos], config=config, filters=filters)


def _clips_of(
    session: Session, videos: Sequence[ScoredVideo]
) -> dict[tuple[int, int], dict[tuple[float, ...], Clip]]:
    """Return the clips of videos, by the rows of the video and the label, and by their window."""
    found: dict[tuple[int, int], dict[tuple[float, ...], Clip]] = {
        (video.video_row, video.label_row): {} for video in videos
    }
    for chunk in chunks([video.video_row for video in videos]):
        for clip in session.scalars(select(Clip).where(Clip.video_id.in_(chunk))):
            if (clip.video_id, clip.label_id) in found:
                window = clip.start_seconds, clip.end_seconds
                found[clip.video_id, clip.label_id][window] = clip
    return found


def _columns(pair: tuple[int, int], peak: Placed) -> dict[str, Any]:
    start, end = peak.window
    video_row, label_row = pair
    return {
        "video_id": video_row,
        "label_id": label_row,
        "start_seconds": start,
        "end_seconds": end,
    }


def _facts(video: ScoredVideo, peak: Placed, rank: int) -> dict[str, Any]:
    """Return what a clip's row says of how it was chosen."""
    is_known = video.cuts_json is not None
    return {
        "method": video.method,
        "score": peak.score,
        "rank": rank,
        "cuts": list(peak.cuts) if is_known else None,
        "num_cuts": len(peak.cuts) if is_known else None,
        "was_moved": peak.was_moved,
    }


def _take_back_orphans(session: Session) -> None:
    """Take back the clips of videos that are no longer candidates for their label, or not here."""
    is_candidate = (
        select(FrameScores.candidate_id)
        .join(Candidate, Candidate.id == FrameScores.candidate_id)
        .join(Media, Media.video_id == Candidate.video_id)
        .where(Candidate.video_id == Clip.video_id, Candidate.label_id == Clip.label_id)
        .exists()
    )
    is_own = Clip.part_of_id.is_(None)
    orphans = select(Clip).where(is_own, ~is_candidate, Clip.is_withdrawn.is_(False))
    for clip in session.scalars(orphans).all():
        take_back(session, clip)


_CLIP: Any = Clip.__table__
