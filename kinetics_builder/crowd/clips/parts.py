"""Clips of a split class that are asked about as its parts: conditions for those who ask."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists
from sqlalchemy.orm import aliased

from kinetics_builder.database.tables import Clip, Decision, Verdict


def is_asked_by_parts(clip_id: Any) -> ColumnElement[bool]:
    """Return the condition that people are asked which part the clip of a column is.

    Then nobody is asked any more whether it shows its class.
    """
    part = aliased(Clip)
    found = exists(part.id).where(part.part_of_id == clip_id, ~part.is_withdrawn)
    return found.correlate_except(part)


def is_no_part(clip_id: Any) -> ColumnElement[bool]:
    """Return the condition that the clip of a column was refused as each part asked about."""
    part, decision = aliased(Clip), aliased(Decision)
    may_be = (
        exists(part.id)
        .where(
            part.part_of_id == clip_id,
            ~part.is_withdrawn,
            ~exists(decision.clip_id)
            .where(decision.clip_id == part.id, decision.verdict == Verdict.REJECTED)
            .correlate_except(decision),
        )
        .correlate_except(part)
    )
    return and_(is_asked_by_parts(clip_id), ~may_be)
