"""Deciding a clip by the owner's word, and taking it back."""

from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.acts import note_act
from kinetics_builder.crowd.clips.decisions import decide_clips
from kinetics_builder.crowd.clips.ruled import LONGEST_REASON, read_ruled
from kinetics_builder.crowd.records import keep
from kinetics_builder.database.tables import Act, Clip, Decision, Ruling, Verdict
from kinetics_builder.errors import CrowdError
from kinetics_builder.text.foreign import one_line


def rule(session: Session, ruling: Ruling, config: VerifyConfig) -> None:
    """Add a ruling, and decide its clip by it: accepted, rejected, or by the votes again (open).

    The clip's tasks, sums and tallies follow at once. No vote is changed.

    Raises:
        CrowdError: The clip is none that people answered about, there is no reason, or
            nothing to take back.

    """
    keep(session, config)
    clip = session.get(Clip, ruling.clip_id)
    if clip is None or clip.is_withdrawn or session.get(Decision, ruling.clip_id) is None:
        raise CrowdError(
            f"Nobody has answered about clip {ruling.clip_id}, or it was withdrawn: there is "
            "nothing to decide. `kbuild crowd disputed` lists what is."
        )
    ruling.reason = one_line(ruling.reason, LONGEST_REASON) or ""
    if not ruling.reason:
        raise CrowdError(f"Clip {clip.id} is decided with a reason: say why.")
    if ruling.verdict is Verdict.OPEN and not read_ruled(session, [clip.id]):
        raise CrowdError(f"Clip {clip.id} is decided by its votes: there is nothing to take back.")
    session.add(ruling)
    act, so = Act.DECIDED, f"{ruling.verdict.value}: "
    if ruling.verdict is Verdict.OPEN:
        act, so = Act.TAKEN_BACK, ""
    note_act(session, act, clip, by=ruling.ruled_by, why=f"{so}{ruling.reason}")
    decide_clips(session, [clip.id], config)
