"""Verb `curate suspects`: clips whose label may be wrong, the most suspicious first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.curation.suspects import alike_adjacent, ranked, trust
from kinetics_builder.database.tables import AlikeClips
from kinetics_builder.errors import FormatError
from pipelines.evidence.clips import ShownClip, shown_clips
from pipelines.evidence.predicted import key_of, read_predicted
from pipelines.evidence.scores import class_scores, own_confidence, taken_for


@dataclass(frozen=True, slots=True)
class Suspect:
    """One clip, and how far its label is to be trusted."""

    clip: ShownClip
    rank: int
    """1 for the one whose label is the most suspicious."""
    trust: float
    """Log-odds that the label is right, as classifier and votes say together."""
    confidence: float | None
    """What a classifier that had not seen the clip gives its label, in [0, 1]."""
    taken_for: str
    """What such a classifier takes it for; empty where none says anything."""
    alike: tuple[int, ...]
    """Ids of clips that may show the same."""


def find_suspects(
    session: Session, config: Config, predictions: Sequence[Path] = ()
) -> list[Suspect]:
    """Return all clips that `curate` would choose now, the least trusted first; change nothing.

    A classifier learns fold by fold from how clips move, as their fingerprints say; where
    `predictions` say what a network thinks of a clip, that counts in its place.

    Raises:
        FormatError: A file of predictions cannot be read, or they name none of the clips.

    """
    shown = shown_clips(session, config)
    predicted = read_predicted(predictions)
    if predicted and predicted.keys().isdisjoint(map(key_of, shown.clips)):
        raise FormatError(
            f"{' and '.join(map(str, predictions))} names none of the {len(shown.clips)} clips "
            "that would be released. Name what `kbuild evaluate` wrote for a release of this "
            "workspace."
        )
    scores_NK = class_scores(shown, predicted)
    own_N = own_confidence(shown, scores_NK, predicted)
    others = taken_for(shown, scores_NK, predicted)
    num_yes = np.array([clip.num_yes for clip in shown.clips], np.int64)
    num_votes = np.array([clip.num_votes for clip in shown.clips], np.int64)
    trust_N = trust(own_N, num_yes, num_votes)
    alike = _alike(session)
    return [
        Suspect(
            clip=shown.clips[place],
            rank=rank,
            trust=float(trust_N[place]),
            confidence=None if np.isnan(own_N[place]) else float(own_N[place]),
            taken_for=others[place],
            alike=tuple(alike.get(shown.clips[place].clip_id, ())),
        )
        for rank, place in enumerate(ranked(trust_N), start=1)
    ]


def _alike(session: Session) -> dict[int, list[int]]:
    """Return the clips that may show the same as one, by its id."""
    found: dict[int, list[int]] = {}
    for one, other in session.execute(select(AlikeClips.clip_id, AlikeClips.other_id)):
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


def by_class(suspects: Sequence[Suspect]) -> dict[str, list[Suspect]]:
    """Return the suspects of each class, by name, for a last look.

    They stand by the score of the class, the lowest first, with those that may show the same side
    by side.
    """
    found: dict[str, list[Suspect]] = {}
    for one in suspects:
        found.setdefault(one.clip.label, []).append(one)
    return {label: _side_by_side(found[label]) for label in sorted(found)}


def _side_by_side(suspects: Sequence[Suspect]) -> list[Suspect]:
    scored = sorted(suspects, key=lambda one: (_score(one), one.rank))
    by_id = {one.clip.clip_id: one for one in scored}
    pairs = [(one.clip.clip_id, other) for one in scored for other in one.alike]
    return [by_id[number] for number in alike_adjacent(list(by_id), pairs)]


def _score(one: Suspect) -> float:
    return one.trust if one.confidence is None else one.confidence


def suspect_lines(suspects: Sequence[Suspect], limit: int) -> Iterator[str]:
    """Yield the first so many, for people."""
    yield f"{'rank':>6}{'clip':>8}  {'yes':>5}  {'score':>5}  class, and what it is taken for"
    for one in suspects[:limit]:
        score = "-" if one.confidence is None else f"{one.confidence:.2f}"
        votes = f"{one.clip.num_yes}/{one.clip.num_votes}"
        other = f" -> {one.taken_for}" if one.taken_for not in ("", one.clip.label) else ""
        seen = f"  ({', '.join(one.clip.seen)})" if one.clip.seen else ""
        start = f"{one.rank:>6}{one.clip.clip_id:>8}  {votes:>5}  {score:>5}"
        yield f"{start}  {one.clip.label}{other}{seen}"
    if len(suspects) > limit:
        yield f"{len(suspects) - limit:,} more: raise --limit, or look at all with --out."
