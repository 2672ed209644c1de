"""How each class has fared, counted by the database."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from sqlalchemy import Executable, and_, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import CurateConfig
from kinetics_builder.crowd.clips.gating import read_gates
from kinetics_builder.crowd.clips.ruled import class_shown
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipPlace,
    Decision,
    Item,
    Label,
    Media,
    SearchHit,
    Standing,
    State,
    TreeDecision,
    Verdict,
    Video,
)
from pipelines.collecting.classes import is_searched
from pipelines.kinetics.propose import label_of
from pipelines.verifying.aggregate import may_be_released


@dataclass(frozen=True, kw_only=True)
class ClassFaring:
    """How far the videos and clips of a class have come; retired classes have none."""

    label: str
    num_listed: int
    """Videos that its queries have found."""
    num_matched: int
    """Videos whose title names it, whichever query has found them."""
    num_fetched: int
    """Of these."""
    lost: Mapping[str, int]
    """Of these, what could not be fetched, by reason, the most frequent first."""
    num_proposed: int
    """Clips."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Of those fetched, of which no clip is proposed, by reason, the most frequent first."""
    num_noted: int = 0
    """Clips with which a filter noted its score."""
    num_kept: int
    """Clips that are no duplicates."""
    num_accepted: int
    num_rejected: int
    num_undecided: int
    """Kept clips about which people have not decided."""
    yes_rate: float | None
    """Share of yes among the votes counted, in [0, 1]; None without votes."""
    closed: str = ""
    """Why people are asked about no more of its clips; empty where they are."""

    @property
    def num_waiting(self) -> int:
        """Videos that are neither fetched nor lost."""
        return max(0, self.num_matched - self.num_fetched - sum(self.lost.values()))

    @property
    def num_decided(self) -> int:
        """Clips that people have accepted or rejected."""
        return self.num_accepted + self.num_rejected


def quota_of(config: CurateConfig) -> int:
    """Return how many clips a class needs to fill its test and its validation set.

    >>> quota_of(CurateConfig(num_test=100, num_validate=50, max_held_out_share=0.4))
    375
    """
    held_out = config.num_test + config.num_validate
    return ceil(held_out / config.max_held_out_share - 1e-9) if config.max_held_out_share else 0


def class_farings(
    session: Session, download_hash: str, propose_hash: str = ""
) -> list[ClassFaring]:
    """Return how each class has fared, in alphabetical order.

    Args:
        session: A reading session.
        download_hash: The settings of `download` under which videos are lost.
        propose_hash: Those of `propose` under which they are refused.

    """
    counts = {name: _counted(session, query) for name, query in _QUERIES.items()}
    lost, yes = _lost(session, download_hash), _yes_rates(session)
    refused = _refused(session, propose_hash)
    closed = {gate.label_id: gate.words for gate in read_gates(session) if gate.is_closed}
    labels = select(Label.id, Label.name).where(is_searched()).order_by(Label.name)
    return [
        ClassFaring(
            label=name,
            lost=_by_frequency(lost[number]),
            refused=_by_frequency(refused[name]),
            yes_rate=yes.get(number),
            closed=closed.get(number, ""),
            **{what: found[number] for what, found in counts.items()},
        )
        for number, name in session.execute(labels)
    ]


def _by_frequency(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _verdicts(verdict: Verdict) -> Any:
    """Count clips by the class that they count for: a tree of questions may lead to another one."""
    decided = (
        select(class_shown().label("shown"))
        .select_from(Clip)
        .join(Decision, Decision.clip_id == Clip.id)
        .outerjoin(TreeDecision, TreeDecision.clip_id == Clip.id)
        .where(may_be_released(), Decision.verdict == verdict)
        .subquery()
    )
    return select(decided.c.shown, func.count()).group_by(decided.c.shown)


_LISTED = select(SearchHit.label_id, SearchHit.video_id).distinct().subquery()
_PLACED = (
    select(Clip.label_id, func.count())
    .join(ClipPlace, ClipPlace.clip_id == Clip.id)
    .where(Clip.is_withdrawn.is_(False), ClipPlace.standing != Standing.DUPLICATE)
)
_IS_OPEN = func.coalesce(Decision.verdict, Verdict.OPEN.value) == Verdict.OPEN.value
_QUERIES: dict[str, Any] = {
    "num_listed": select(_LISTED.c.label_id, func.count()).group_by(_LISTED.c.label_id),
    "num_matched": select(Candidate.label_id, func.count()).group_by(Candidate.label_id),
    "num_fetched": select(Candidate.label_id, func.count())
    .join(Media, Media.video_id == Candidate.video_id)
    .group_by(Candidate.label_id),
    "num_proposed": select(Clip.label_id, func.count())
    .where(Clip.is_withdrawn.is_(False))
    .group_by(Clip.label_id),
    "num_noted": select(Clip.label_id, func.count())
    .where(Clip.is_withdrawn.is_(False), Clip.noted.is_not(None))
    .group_by(Clip.label_id),
    "num_kept": _PLACED.group_by(Clip.label_id),
    "num_accepted": _verdicts(Verdict.ACCEPTED),
    "num_rejected": _verdicts(Verdict.REJECTED),
    "num_undecided": _PLACED.outerjoin(Decision, Decision.clip_id == Clip.id)
    .where(_IS_OPEN)
    .group_by(Clip.label_id),
}


def _counted(session: Session, query: Executable) -> Counter[int]:
    return Counter({label: number for label, number in session.execute(query)})


def _lost(session: Session, download_hash: str) -> dict[int, Counter[str]]:
    """Return how many candidates of a label could not be fetched, by reason."""
    is_of_video = and_(
        Item.stage == "download", Item.settings_hash == download_hash, Item.state == State.FAILED
    )
    rows = session.execute(
        select(Candidate.label_id, Item.reason, func.count())
        .select_from(Item)
        .join(Video, Video.video_id == Item.key)
        .join(Candidate, Candidate.video_id == Video.id)
        .where(is_of_video)
        .group_by(Candidate.label_id, Item.reason)
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for label, reason, number in rows:
        found[label][reason.value if reason else "other"] += number
    return found


def _refused(session: Session, propose_hash: str) -> dict[str, Counter[str]]:
    """Return of how many videos of a label no clip is proposed, by reason."""
    refused = select(Item.key, Item.reason).where(
        Item.stage == "propose", Item.settings_hash == propose_hash, Item.state == State.FAILED
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for key, reason in session.execute(refused):
        found[label_of(key)][reason.value if reason else "other"] += 1
    return found


def _yes_rates(session: Session) -> dict[int, float]:
    total = Decision.num_yes + Decision.num_no + Decision.num_unsure + Decision.num_bad
    rows = session.execute(
        select(Clip.label_id, func.sum(Decision.num_yes), func.sum(total))
        .join(Decision, Decision.clip_id == Clip.id)
        .where(total > 0, may_be_released())
        .group_by(Clip.label_id)
    )
    return {label: yes / votes for label, yes, votes in rows if votes}
