"""What the posterior policy thinks of clips, kept in `clip_belief` with every answer.

Shapes, as name suffixes: N clips, L looks of a clip.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, and_, bindparam, false, func, select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.clips.ruled import read_ruled
from kinetics_builder.crowd.clips.rules import Rules, policy_of, read_rules, write_rules
from kinetics_builder.crowd.clips.seeing import seen_of
from kinetics_builder.crowd.clips.weighing import Weighed
from kinetics_builder.crowd.policies.kept import Seen, worth_of_seen
from kinetics_builder.database.among import among
from kinetics_builder.database.bulk import replace_rows
from kinetics_builder.database.tables import (
    Clip,
    ClipBelief,
    Verdict,
    Vote,
    WorkerBelief,
    WorkerStanding,
)


class Belief(NamedTuple):
    """What is thought of a clip."""

    prior: float
    probability: float
    worth: float
    verdict: Verdict


def believe_all(session: Session, weighed: Weighed | None, config: VerifyConfig) -> dict[int, Any]:
    """Keep what a look at everything showed; return what follows for each clip, by its id.

    Votes that came since then are heard, too.
    """
    write_rules(session, weighed.rules if weighed else None)
    replace_rows(session, WorkerBelief, weighed.workers if weighed else {})
    if weighed is None:
        replace_rows(session, ClipBelief, {})
        return {}
    connection = session.connection()
    labels: dict[int, int] = dict(connection.execute(_LABELS).all())
    rows = [(clip, labels[clip], prior) for clip, prior in sorted(weighed.prior_by_clip.items())]
    found = _judged(rows, connection.execute(_VOTES).all(), weighed.rules, config)
    found |= _ruled(found, read_ruled(session))
    kept = {clip: _row(belief) for clip, belief in found.items()}
    replace_rows(session, ClipBelief, kept)
    return found


def believe_some(
    session: Session, clip_ids: Collection[int], config: VerifyConfig
) -> dict[int, Belief]:
    """Judge these clips by all votes about them; return what follows, by clip.

    Clips of which nothing was known when everything was looked at are left out until the next
    look. Writes `clip_belief`.
    """
    rules = read_rules(session)
    if rules is None:
        return {}
    connection, some = session.connection(), {"clips": sorted(clip_ids)}
    rows: Sequence[Any] = connection.execute(_PRIORS_OF, some).all()
    found = _judged(rows, connection.execute(_VOTES_OF, some).all(), rules, config)
    found |= _ruled(found, read_ruled(session, clip_ids))
    if found:
        changed = [{"_clip_id": clip, **_row(belief)} for clip, belief in found.items()]
        connection.execute(_UPDATE, changed)
    return found


def _judged(
    rows: Sequence[Any], votes: Sequence[Any], rules: Rules, config: VerifyConfig
) -> dict[int, Belief]:
    """Return what follows for clips, each a row of its id, its label and its prior."""
    if not rows:
        return {}
    bars = [rules.bar_of(label) for _, label, _ in rows]
    seen = seen_of([(clip, prior) for clip, _, prior in rows], votes, rules.kept)
    is_met_N = np.array([bar.is_met for bar in bars], np.bool_)
    probability_N = seen.probability_N(rules.kept)
    is_sure_N = probability_N >= np.array([bar.cut for bar in bars])
    worth_N = worth_of_seen(
        seen, rules.kept, policy_of(config), is_met_N=is_met_N, is_sure_N=is_sure_N
    )
    is_accepted_N = is_sure_N & (seen.num_yes_N > 0)
    verdict_N = np.where(worth_N > 0, Verdict.OPEN, Verdict.REJECTED)
    verdict_N = np.where(is_accepted_N, Verdict.ACCEPTED, verdict_N)
    columns = zip(probability_N.tolist(), worth_N.tolist(), verdict_N.tolist(), strict=True)
    return {
        clip: Belief(prior, probability, worth, Verdict(verdict))
        for (clip, _, prior), (probability, worth, verdict) in zip(rows, columns, strict=True)
    }


def read_seen(connection: Connection, clips: Sequence[tuple[int, float]], rules: Rules) -> Seen:
    """Return clips, of ids and priors, as far as the votes about them tell."""
    some = {"clips": sorted(clip for clip, _ in clips)}
    return seen_of(clips, connection.execute(_VOTES_OF, some).all(), rules.kept)


def _ruled(found: Mapping[int, Belief], ruled: Collection[int]) -> dict[int, Belief]:
    """Return those that the owner has decided: no answer about them is worth anything."""
    return {clip: found[clip]._replace(worth=0.0) for clip in found.keys() & set(ruled)}


def _row(belief: Belief) -> dict[str, float]:
    return {
        "prior": belief.prior,
        "probability": belief.probability,
        "worth": belief.worth,
    }


_COUNTS = ~func.coalesce(WorkerStanding.is_warned, false())
_VOTES = (
    select(Vote.clip_id, Vote.answer, WorkerBelief.yes_by_looks)
    .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
    .outerjoin(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
    .outerjoin(WorkerBelief, WorkerBelief.worker_id == Vote.worker_id)
    .where(Vote.stands(), _COUNTS)
    .order_by(Vote.id)
)
_VOTES_OF = _VOTES.where(among(Vote.clip_id, "clips"))
_LABELS = select(Clip.id, Clip.label_id)
_PRIORS_OF = (
    select(ClipBelief.clip_id, Clip.label_id, ClipBelief.prior)
    .join(Clip, Clip.id == ClipBelief.clip_id)
    .where(among(ClipBelief.clip_id, "clips"))
    .order_by(ClipBelief.clip_id)
)
_BELIEF: Any = ClipBelief.__table__
_UPDATE = (
    update(_BELIEF)
    .where(_BELIEF.c.clip_id == bindparam("_clip_id"))
    .values({name: bindparam(name) for name in ("prior", "probability", "worth")})
)
