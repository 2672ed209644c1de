"""What each choice of `propose.cuts` yields, as `propose` itself says of the scores and cuts kept.

Nothing is decoded. Videos in which no cut is known give the same clips whatever is chosen: those
that stand are counted. The others are proposed of anew, for each choice, in memory.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, Select, Text, cast, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.database.tables import Candidate, Clip, FrameScores, Label, VideoLook
from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.finding.placing import Cuts
from pipelines.kinetics.propose import ScoredVideo, propose, scored_videos

MOST_VIDEOS = 2000
"""Of more videos with cuts, so many at most are looked at, spread evenly."""


@dataclass(frozen=True, slots=True)
class Yield:
    """What comes of a choice."""

    num_clips: int = 0
    num_across: int = 0
    """Of them, those with a cut inside."""
    num_moved: int = 0
    """Of them, those that moved off one."""

    def __add__(self, other: "Yield") -> "Yield":
        return Yield(
            self.num_clips + other.num_clips,
            self.num_across + other.num_across,
            self.num_moved + other.num_moved,
        )


Choices = Mapping[str, Yield]
"""By the names of `Cuts`."""


@dataclass(frozen=True, slots=True)
class Yields:
    """What each choice comes to, in all and by class."""

    chosen: str
    """As the settings say now."""
    total: Choices = field(default_factory=dict)
    by_label: Mapping[str, Choices] = field(default_factory=dict)
    """Of the classes with a cut in one of their videos, in alphabetical order."""
    one_in: int = 1
    """Of the videos with cuts, one in so many was looked at, and counts for all of these."""


def read_yields(session: Session, config: Config) -> Yields | None:
    """Return what each choice yields; None where no cut is known."""
    found = session.execute(_count_with_cuts()).scalar() or 0
    if not found:
        return None
    one_in = -(-found // MOST_VIDEOS)
    sampled = Candidate.id % one_in == 0 if one_in > 1 else Candidate.id > 0
    by_label: dict[str, dict[str, Yield]] = defaultdict(lambda: dict.fromkeys(Cuts, Yield()))
    for video in scored_videos(session, _has_cuts(), sampled):
        for what, one in _of_video(video, config):
            by_label[video.label][what] += one
    shown = {label: _times(by_label[label], one_in) for label in sorted(by_label)}
    total = dict.fromkeys(map(str, Cuts), Yield())
    for label, number in session.execute(_clips_without_cuts()):
        for what in Cuts:
            total[what] += Yield(number)
            if label in shown:
                shown[label][what] += Yield(number)
    for choices in by_label.values():
        total = {what: total[what] + one for what, one in _times(choices, one_in).items()}
    return Yields(config.propose.cuts, total, shown, one_in)


def yield_lines(yields: Yields) -> Iterator[str]:
    """Yield what a terminal shows of it."""
    about = f", as of one in {yields.one_in} videos with cuts" if yields.one_in > 1 else ""
    yield f"What becomes of clips across cuts, by propose.cuts{about}:"
    for what, one in yields.total.items():
        now = " (now)" if what == yields.chosen else ""
        yield (
            f"  {what + now:<12} {one.num_clips:>9,} clips, {one.num_across:,} across a cut, "
            f"{one.num_moved:,} moved off one"
        )
    empty = [label for label, choices in yields.by_label.items() if _is_emptied(choices)]
    if empty:
        more = f" and {len(empty) - 5} more" if len(empty) > 5 else ""
        yield f"  drop leaves nothing of {', '.join(empty[:5])}{more}"


def _is_emptied(choices: Choices) -> bool:
    return not choices[Cuts.DROP].num_clips and bool(choices[Cuts.KEEP].num_clips)


def _of_video(video: ScoredVideo, config: Config) -> Iterator[tuple[str, Yield]]:
    for what in Cuts:
        asked = replace(config.propose, cuts=str(what))
        try:
            placed = propose(video, config=asked, filters=config.filters)
        except ItemFailed:
            placed = []
        across = sum(bool(one.cuts) for one in placed)
        yield str(what), Yield(len(placed), across, sum(one.was_moved for one in placed))


def _times(choices: Choices, factor: int) -> dict[str, Yield]:
    return {
        str(what): Yield(one.num_clips * factor, one.num_across * factor, one.num_moved * factor)
        for what, one in choices.items()
    }


def _has_cuts() -> ColumnElement[bool]:
    return cast(VideoLook.cuts, Text) != "[]"


def _count_with_cuts() -> Select[int]:
    return (
        select(func.count())
        .select_from(FrameScores)
        .join(Candidate, Candidate.id == FrameScores.candidate_id)
        .join(Label, Label.id == Candidate.label_id)
        .join(VideoLook, VideoLook.video_id == Candidate.video_id)
        .where(Label.is_retired.is_(False), _has_cuts())
    )


def _clips_without_cuts() -> Select[str, int]:
    has_cuts = select(VideoLook.video_id).where(VideoLook.video_id == Clip.video_id, _has_cuts())
    return (
        select(Label.name, func.count())
        .join(Clip, Clip.label_id == Label.id)
        .where(Clip.is_withdrawn.is_(False), Label.is_retired.is_(False), ~has_cuts.exists())
        .group_by(Label.name)
    )
