"""Verb `classes evidence`: which classes may be one, and which may be two."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.curation.evidence import (
    Finding,
    Pair,
    PairEvidence,
    crossed,
    neighbours,
    overlaps,
    rank_pairs,
    shared,
)
from kinetics_builder.curation.parts import two_parts
from kinetics_builder.curation.suspects import Floats
from kinetics_builder.database.tables import Candidate, Label, Video
from kinetics_builder.text.normalise import normalise
from pipelines.evidence.clips import ShownClips, shown_clips
from pipelines.evidence.features import read_features
from pipelines.evidence.predicted import Predicted, key_of, read_predicted
from pipelines.evidence.scores import class_scores
from pipelines.publishing.curating.judged import judged_clips

_MAX_CLIPS_SPLIT = 2000
"""Of a class, an even share of which is looked at for two groups."""


@dataclass(frozen=True, slots=True)
class ClassParts:
    """A class whose clips fall into two groups."""

    label: str
    silhouette: float
    """In [-1, 1]: above 0.5 it is plain that there are two, below 0.25 it is not."""
    clips: tuple[tuple[int, ...], tuple[int, ...]]
    """Ids of the clips of each group, the larger one first."""


@dataclass(frozen=True)
class ClassEvidence:
    """What speaks for classes being one, or two."""

    num_clips: int
    pairs: tuple[PairEvidence, ...]
    """The most suspicious first."""
    parts: tuple[ClassParts, ...]
    """The plainest first."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Files that tell more than the database does."""

    predictions: tuple[Path, ...] = ()
    """`predictions.csv` or `scores.npz`, as `kbuild evaluate` writes them."""
    features: Path | None = None
    """Numbers of each clip, of any network: see `pipelines.evidence.features`."""


def gather_evidence(
    session: Session, config: Config, sources: Sources | None = None
) -> tuple[ClassEvidence, ShownClips]:
    """Return the evidence, and the clips that it is about; change nothing.

    Raises:
        FormatError: A file of `sources` cannot be read.

    """
    sources = sources or Sources()
    shown = shown_clips(session, config)
    predicted = read_predicted(sources.predictions)
    numbers_ND = shown.numbers_VND[0]
    if sources.features is not None:
        numbers_ND = read_features(sources.features, shown)
    scores_NK = class_scores(shown, predicted)
    kinds: dict[str, Mapping[Pair, Finding]] = {
        "accepted": _accepted(shown),
        "named": _named(session, shown),
        "titles": _titles(session, shown),
        "confused": _confused(predicted, shown),
    }
    if scores_NK is not None:
        is_known_N = ~np.isnan(scores_NK).any(axis=1)
        kinds["overlap"] = overlaps(scores_NK[is_known_N], shown.labels_N[is_known_N], shown.names)
    if numbers_ND.size:
        kinds["neighbours"] = neighbours(numbers_ND, shown.labels_N, shown.videos, shown.names)
    parts = sorted(_parts(shown, numbers_ND), key=lambda one: (-one.silhouette, one.label))
    return ClassEvidence(len(shown.clips), tuple(rank_pairs(kinds)), tuple(parts)), shown


def _accepted(shown: ShownClips) -> Mapping[Pair, Finding]:
    """Return which classes people accepted for the same moments of the same videos."""
    moments: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for clip in shown.clips:
        middle = (clip.start_seconds + clip.end_seconds) / 2
        length = max(1e-6, clip.end_seconds - clip.start_seconds)
        moments[clip.label].add((clip.video_id, round(middle / length)))
    return shared(moments, "accepted moments")


def _named(session: Session, shown: ShownClips) -> Mapping[Pair, Finding]:
    """Return how often annotators called a clip of one class by the name of the other."""
    spelled = {normalise(name): name for name in shown.names}
    given, sizes = [], Counter(dict.fromkeys(shown.names, 0))
    for clip in judged_clips(session):
        if clip.label in sizes:
            sizes[clip.label] += 1
            if clip.better_name in spelled:
                given.append((clip.label, spelled[clip.better_name]))
    return crossed(given, sizes, "judged clips called the other")


def _titles(session: Session, shown: ShownClips) -> Mapping[Pair, Finding]:
    """Return how many videos have a title that names both classes."""
    rows = session.execute(
        select(Label.name, Video.video_id)
        .join(Candidate, Candidate.label_id == Label.id)
        .join(Video, Video.id == Candidate.video_id)
    )
    videos: dict[str, set[str]] = {name: set() for name in shown.names}
    for label, video in rows:
        if label in videos:
            videos[label].add(video)
    return shared(videos, "titles that name both")


def _confused(predicted: Mapping[str, Predicted], shown: ShownClips) -> Mapping[Pair, Finding]:
    now = {key_of(clip): clip.label for clip in shown.clips}
    said = ((one.label or now.get(key, ""), one.predicted) for key, one in predicted.items())
    known = [(label, other) for label, other in said if label in shown.names]
    sizes = Counter(dict.fromkeys(shown.names, 0))
    sizes.update(label for label, _ in known)
    return crossed(known, sizes, "clips that the network took so")


def _parts(shown: ShownClips, numbers_ND: Floats) -> Iterator[ClassParts]:
    if not numbers_ND.size:
        return
    for label, name in enumerate(shown.names):
        places = np.flatnonzero(shown.labels_N == label)
        places = places[:: -(-len(places) // _MAX_CLIPS_SPLIT)]
        found = two_parts(numbers_ND[places])
        if found is not None:
            first, second = (
                tuple(shown.clips[place].clip_id for place in places[found.parts_N == part])
                for part in (0, 1)
            )
            yield ClassParts(name, found.silhouette, (first, second))


def evidence_lines(evidence: ClassEvidence) -> Iterator[str]:
    """Yield the pairs with what speaks for each, then the classes that fall apart, for people."""
    for pair in evidence.pairs:
        yield f"{pair.suspicion:.2f}  {pair.one} | {pair.other}"
        yield from (f"        {kind}: {found.said}" for kind, found in pair.findings.items())
    if not evidence.pairs:
        yield "Nothing speaks for any two classes being one."
    if evidence.parts:
        yield "In two groups, by silhouette:"
    for one in evidence.parts:
        sizes = " and ".join(str(len(part)) for part in one.clips)
        yield f"{one.silhouette:.2f}  {one.label}: {sizes} clips"
