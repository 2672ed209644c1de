"""Deciding a clip by the owner's word, and taking it back."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.acts import note_act
from kinetics_builder.crowd.clips.decisions import decide_clips
from kinetics_builder.crowd.clips.ruled import LONGEST_REASON, read_ruled
from kinetics_builder.crowd.records import keep
from kinetics_builder.database.tables import (
    Act,
    Clip,
    Decision,
    Label,
    Ruling,
    TreeDecision,
    Verdict,
)
from kinetics_builder.errors import CrowdError
from kinetics_builder.text.foreign import one_line


def rule(session: Session, ruling: Ruling, config: VerifyConfig) -> None:
    """Add a ruling, and decide its clip by it: accepted, rejected, or by the votes again (open).

    The clip's tasks, sums and tallies follow at once. No vote is changed. Where a tree of questions
    leads to a class, the word is about that one, unless it names another of the tree.

    Raises:
        CrowdError: The clip is none that people answered about, there is no reason, nothing to take
            back, or no such class in its tree.

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
    ruling.label_id = _class_meant(session, clip, ruling)
    session.add(ruling)
    act, so = Act.DECIDED, f"{ruling.verdict.value}{_as_another(session, clip, ruling)}: "
    if ruling.verdict is Verdict.OPEN:
        act, so = Act.TAKEN_BACK, ""
    note_act(session, act, clip, by=ruling.ruled_by, why=f"{so}{ruling.reason}")
    decide_clips(session, [clip.id], config)


def choices_for(session: Session, label_id: int) -> dict[int, str]:
    """Return the classes, by name, that the tree of a class leads to; none where it has no tree."""
    rows = session.execute(_IN_TREE, {"label_id": label_id})
    return {number: name for number, name in rows}


def _class_meant(session: Session, clip: Clip, ruling: Ruling) -> int | None:
    if ruling.verdict is Verdict.OPEN:
        return None
    if ruling.label_id is None:
        return session.scalar(_REACHED, {"clip_id": clip.id})
    choices = choices_for(session, clip.label_id)
    if ruling.label_id not in choices:
        raise CrowdError(
            f"Clip {clip.id} is none that questions tell apart as class {ruling.label_id}. They "
            f"lead to: {', '.join(choices.values()) or 'none; say yes or no of its class alone'}."
        )
    return ruling.label_id


def _as_another(session: Session, clip: Clip, ruling: Ruling) -> str:
    """Return as what a clip is decided, where that is not the class it was proposed for."""
    if ruling.label_id in (None, clip.label_id):
        return ""
    return f" as {session.get_one(Label, ruling.label_id).name}"


_REACHED = select(TreeDecision.label_id).where(TreeDecision.clip_id == bindparam("clip_id"))
_OTHER = aliased(Label)
_TREE = select(_OTHER.tree_id).where(_OTHER.id == bindparam("label_id")).scalar_subquery()
_IN_TREE = (
    select(Label.id, Label.name)
    .where(
        Label.tree_id == _TREE,
        ~Label.is_retired,
    )
    .order_by(Label.name)
)
