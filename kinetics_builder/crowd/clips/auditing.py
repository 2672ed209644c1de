"""An audit: accepted clips drawn by chance, of which the owner says what they are.

It asks nothing of a policy, and so can tell what no answer can: how many clips mislead everybody.
"""

import random
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import BY_COMMAND, note_act
from kinetics_builder.crowd.clips.claims import read_claims
from kinetics_builder.crowd.clips.ruled import read_ruled
from kinetics_builder.database.tables import (
    Act,
    AuditedClip,
    Clip,
    ClipFile,
    Decision,
    Gold,
    TakenVideo,
    Verdict,
)
from kinetics_builder.errors import CrowdError
from kinetics_builder.metrics.shares import wilson


@dataclass(frozen=True, slots=True)
class Audit:
    """What the newest draw tells."""

    number: int
    num_drawn: int
    num_judged: int
    """Of which the owner has said something by now."""
    num_right: int
    claimed_purity: float | None
    """What was claimed of all accepted clips when these were drawn."""

    @property
    def purity(self) -> float | None:
        """Share of right ones among those that were judged; None before the first."""
        return self.num_right / self.num_judged if self.num_judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the purity of all that were accepted is, in 95 of 100 cases (Wilson)."""
        return wilson(self.num_right, self.num_judged)

    @property
    def words(self) -> str:
        """What every page and command says of it; nothing before the first is judged."""
        if self.purity is None:
            return ""
        low, high = self.interval
        claimed = self.claimed_purity
        return (
            f"{self.num_right} of {self.num_judged} are right: {self.purity:.1%}, in 95 of 100 "
            f"cases between {low:.1%} and {high:.1%}."
            f"{'' if claimed is None else f' Claimed was {claimed:.1%}.'}"
        )


def draw_audit(session: Session, number: int, seed: int = 0) -> int:
    """Draw so many accepted clips by chance, and return how many there were.

    All that people's answers accepted are as likely, but for those of which it is known already
    what they are: that the owner has decided, and gold. Nothing is claimed of these either
    (`weighing.weigh`), and they would flatter the others: gold is chosen for being clear, or
    because everybody agreed about it. Of an earlier draw those that wait are given up: what was
    said of it stays.

    Raises:
        CrowdError: No clip is accepted by answers.

    """
    clips = session.scalars(_ACCEPTED).all()
    if not clips:
        raise CrowdError(
            "No clip is accepted by people's answers yet, gold left out: there is nothing to draw "
            "from. `kbuild aggregate` says how far they are."
        )
    audit = (session.scalar(select(func.max(AuditedClip.audit))) or 0) + 1
    drawn = sorted(random.Random(f"{seed}/audit/{audit}").sample(clips, min(number, len(clips))))
    claimed = read_claims(session).purity
    session.add_all(
        AuditedClip(audit=audit, clip_id=clip, claimed_purity=claimed) for clip in drawn
    )
    note_act(session, Act.AUDIT_DRAWN, f"{len(drawn)} of {len(clips)} accepted", by=BY_COMMAND)
    return len(drawn)


def read_audit(session: Session) -> Audit | None:
    """Return how the newest draw stands; None before the first."""
    rows = session.execute(_NEWEST).all()
    if not rows:
        return None
    ruled = read_ruled(session, [row.clip_id for row in rows])
    num_right = sum(verdict is Verdict.ACCEPTED for verdict in ruled.values())
    return Audit(rows[0].audit, len(rows), len(ruled), num_right, rows[0].claimed_purity)


def list_waiting(session: Session) -> list[int]:
    """Return the clips of the newest draw of which the owner has said nothing, in order."""
    clips = [row.clip_id for row in session.execute(_NEWEST)]
    ruled = read_ruled(session, clips)
    return [clip for clip in clips if clip not in ruled]


def read_judged_draws(session: Session) -> dict[int, Verdict]:
    """Return what the owner says of clips that any draw took, by clip."""
    drawn = session.scalars(select(AuditedClip.clip_id).distinct()).all()
    ruled = read_ruled(session, drawn)
    return {clip: ruled[clip] for clip in sorted(ruled)}


_IS_GOLD = exists(Gold.id).where(
    Gold.clip_id == Clip.id, or_(Gold.label_id == Clip.label_id, Gold.tree_id.is_not(None))
)
_ACCEPTED = (
    select(Decision.clip_id)
    .join(Clip, Clip.id == Decision.clip_id)
    .join(ClipFile, ClipFile.clip_id == Clip.id)
    .where(Decision.verdict == Verdict.ACCEPTED, ~Decision.is_ruled)
    .where(~Clip.is_withdrawn, TakenVideo.spares(Clip.video_id), ~_IS_GOLD)
    .order_by(Decision.clip_id)
)
_NEWEST = (
    select(AuditedClip.audit, AuditedClip.clip_id, AuditedClip.claimed_purity)
    .join(Clip, Clip.id == AuditedClip.clip_id)
    .where(AuditedClip.audit == select(func.max(AuditedClip.audit)).scalar_subquery())
    .where(~Clip.is_withdrawn, TakenVideo.spares(Clip.video_id))
    .order_by(AuditedClip.clip_id)
)
