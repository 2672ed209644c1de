"""Comparing what a stage let pass with the truth. Pure functions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from kinetics_builder.intervals import Interval, overlap_seconds
from pipelines.demo.claims import Claim
from pipelines.demo.clips import SHOWN_SHARE
from pipelines.demo.truth import Truth, VideoTruth


class Stretch(NamedTuple):
    """A usable stretch of the truth; copies of a video share the stretches of their original."""

    original: str
    label: str
    number: int
    """Place among the actions of the video."""


@dataclass(frozen=True, slots=True)
class StageTally:
    """How one stage did."""

    stage: str
    num_passed: int
    """What the stage let pass."""
    num_right: int
    """Those of them that show a usable stretch, the second showing of one left out."""
    num_found: int
    """Usable stretches still there after the stage."""
    num_lost: int
    """Usable stretches that were there before the stage and no longer are."""
    let_through: dict[str, int]
    """What passed wrongly, by the kind of the video, or "second copy"."""

    @property
    def precision(self) -> float:
        """Return the share of right ones among those that passed; 0 when nothing passed."""
        return self.num_right / self.num_passed if self.num_passed else 0.0


def usable_stretches(truth: Truth) -> set[Stretch]:
    """Return all stretches that a build should find."""
    return {
        Stretch(video.video_id, action.label, number)
        for video in truth.values()
        for number, action in enumerate(video.actions)
        if action in video.usable()
    }


def tally(
    stage: str, claims: Iterable[Claim], truth: Truth, before: set[Stretch]
) -> tuple[StageTally, set[Stretch]]:
    """Return how a stage did, and the usable stretches that are still there after it."""
    usable, found = usable_stretches(truth), set[Stretch]()
    wrong: Counter[str] = Counter()
    num_passed = num_right = 0
    for claim in sorted(claims, key=_content):
        num_passed += 1
        shown = _shown(claim, truth) & usable
        if not shown:
            wrong[truth[claim.video_id].kind if claim.video_id in truth else "unknown"] += 1
        elif claim.interval is not None and shown <= found:
            wrong["second copy"] += 1
        else:
            num_right += 1
        found |= shown
    counted = StageTally(
        stage, num_passed, num_right, len(found), len(before - found), dict(sorted(wrong.items()))
    )
    return counted, found


def _content(claim: Claim) -> tuple[str, str, Interval]:
    return claim.video_id, claim.label or "", claim.interval or Interval(0, 0)


def _shown(claim: Claim, truth: Truth) -> set[Stretch]:
    """Return the stretches of the original that a claim shows."""
    video = truth.get(claim.video_id)
    if video is None:
        return set()
    if claim.interval is not None:
        return _best(claim, video)
    return {
        Stretch(video.original, action.label, number)
        for number, action in enumerate(video.actions)
        if claim.label in (None, action.label)
    }


def _best(claim: Claim, video: VideoTruth) -> set[Stretch]:
    """Return the one stretch that a clip shows for long enough, the one it shows longest."""
    interval = claim.interval
    if claim.label is None or interval is None:
        return set()
    if video.shown_share(claim.label, interval) < SHOWN_SHARE:
        return set()
    _, number = max(
        (overlap_seconds(action.interval, interval), -number)
        for number, action in enumerate(video.actions)
        if action.label == claim.label
    )
    return {Stretch(video.original, claim.label, -number)}
