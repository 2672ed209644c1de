"""The owner's word about a clip, which goes before all votes. Only ever added."""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Ruling, Verdict

LONGEST_REASON = 300


def read_ruled(session: Session, clip_ids: Collection[int] | None = None) -> dict[int, Verdict]:
    """Return what the owner says about clips, of all or of these; word taken back is none."""
    rows = session.execute(
        _RULED if clip_ids is None else _RULED_OF, {"clips": list(clip_ids or ())}
    )
    return {clip_id: verdict for clip_id, verdict in rows}


_RULED = select(Ruling.clip_id, Ruling.verdict).where(
    Ruling.stands(), Ruling.verdict != Verdict.OPEN
)
_RULED_OF = _RULED.where(Ruling.clip_id.in_(bindparam("clips", expanding=True)))
