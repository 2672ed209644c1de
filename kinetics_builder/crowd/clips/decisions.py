"""Votes -> `decision`, one row for each clip that has an answer about its own label."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.clips.claims import Claims, note_claims
from kinetics_builder.crowd.clips.full import labels_with_targets, note_full
from kinetics_builder.crowd.clips.gating import (
    judge_again,
    measure_classes,
)
from kinetics_builder.crowd.clips.open_tasks import CLIP_TASKS, finish_classes
from kinetics_builder.crowd.clips.ruled import read_ruled
from kinetics_builder.crowd.policy import verdict_of
from kinetics_builder.crowd.trees.walked import TREE_TASKS, read_walked
from kinetics_builder.database.among import among
from kinetics_builder.database.bulk import listed, replace_rows
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipBelief,
    Decision,
    Ruling,
    TreeDecision,
    Verdict,
    Vote,
    WorkerBelief,
    WorkerStanding,
)

if TYPE_CHECKING:
    from kinetics_builder.crowd.clips.weighing import Weighed

_CLIPS_AT_ONCE = 500


def decide_clips(session: Session, clip_ids: Collection[int], config: VerifyConfig) -> None:
    """Decide these clips from the votes that count.

    An answer about a clip's own label counts wherever it was asked, as gold too: the worker
    could not tell. Of several answers of one worker the last counts. Votes of workers who
    are set aside are counted apart and decide nothing. The posterior policy weighs them by what
    it thought of their workers when it looked at everything last, see `remake_decisions`. Where a
    tree of questions was walked about the clip, what that says goes before votes; the owner's word
    goes before all of that.
    """
    connection = session.connection()
    ordered = sorted(clip_ids)
    for start in range(0, len(ordered), _CLIPS_AT_ONCE):
        chunk = {"clips": listed(ordered[start : start + _CLIPS_AT_ONCE])}
        found = connection.execute(_KNOWN, chunk).all()
        known = {row.clip_id: row for row in found if row.verdict is not None}
        rows = _decided(connection.execute(_TALLIES_OF, chunk), config)
        if config.policy == "posterior":
            _judge(session, rows, known, config)
        paths = [row.clip_id for row in found if row.is_walked]
        rows |= (walked := read_walked(session, paths) if paths else {})
        if words := [row.clip_id for row in found if row.has_word]:
            _rule(rows, read_ruled(session, words))
        connection.execute(_DELETE, chunk)
        if rows:
            connection.execute(
                _INSERT, [{"clip_id": number, **row} for number, row in rows.items()]
            )
        was_decided = {number for number, row in known.items() if _is_decided(row.verdict)}
        is_decided = {number for number, row in rows.items() if _is_decided(row["verdict"])}
        is_by_worth = config.policy == "posterior"
        CLIP_TASKS.finish(connection, chunk["clips"] if is_by_worth else was_decided ^ is_decided)
        CLIP_TASKS.count(connection, chunk["clips"])
        if walked:
            TREE_TASKS.note(connection, walked.keys())
        if was_decided != is_decided or walked:
            close_classes(connection, config)
        was_accepted = {number for number, row in known.items() if _is_accepted(row.verdict)}
        is_accepted = {number for number, row in rows.items() if _is_accepted(row["verdict"])}
        if labels := labels_with_targets(session, (was_accepted ^ is_accepted) | walked.keys()):
            note_full(session, labels)
    session.expire_all()


def remake_decisions(session: Session, config: VerifyConfig) -> None:
    """Make `decision` anew from all votes, and note what the policy claims of it.

    The posterior policy looks at everything for it.
    """
    if config.policy != "posterior":
        from kinetics_builder.crowd.clips.rules import write_rules

        write_rules(session, None)
        for table in (ClipBelief, WorkerBelief):
            session.execute(delete(table))
        note_claims(session, Claims())
        _write_all(session, _decided(session.connection().execute(_TALLIES), config), config)
        return
    from kinetics_builder.crowd.clips.weighing import weigh

    keep_weighed(session, weigh(session, config), config)


def keep_weighed(session: Session, weighed: "Weighed | None", config: VerifyConfig) -> None:
    """Make `decision` anew by what a look of the posterior policy at everything showed.

    Votes that came since the look decide, too.
    """
    from kinetics_builder.crowd.clips.believing import believe_all

    rows = _decided(session.connection().execute(_TALLIES), config)
    for clip_id, belief in believe_all(session, weighed, config).items():
        if clip_id in rows:
            rows[clip_id]["verdict"] = belief.verdict
    note_claims(session, _claims_of(weighed))
    _write_all(session, rows, config)


def _write_all(session: Session, rows: dict[int, dict[str, Any]], config: VerifyConfig) -> None:
    rows |= read_walked(session)
    _rule(rows, read_ruled(session))
    replace_rows(session, Decision, rows)
    connection = session.connection()
    judge_again(connection, config)
    CLIP_TASKS.note_all(connection)
    close_classes(connection, config)
    session.expire_all()
    note_full(session)


def close_classes(connection: Connection, config: VerifyConfig) -> None:
    """Measure classes of which enough clips are decided; ask no more about those that close."""
    if closed := measure_classes(connection, config):
        finish_classes(connection, closed)


def _claims_of(weighed: "Weighed | None") -> Claims:
    if weighed is None:
        return Claims()
    why_none = weighed.out_of_reach
    wanted, words = (why_none.wanted, why_none.words) if why_none else (0.0, "")
    return Claims(weighed.purity, weighed.recall, weighed.purity_doubt, wanted, words)


def _decided(rows: Iterable[Any], config: VerifyConfig) -> dict[int, dict[str, Any]]:
    return {
        clip_id: {
            "verdict": verdict_of(yes, yes + no + unsure + bad, config),
            "num_yes": yes,
            "num_no": no,
            "num_unsure": unsure,
            "num_bad": bad,
            "num_set_aside": set_aside,
            "lasts_whole_clip": 2 * lasting > yes,
            "is_ruled": False,
        }
        for clip_id, yes, no, unsure, bad, lasting, set_aside in rows
    }


def _judge(
    session: Session,
    rows: dict[int, dict[str, Any]],
    known: Mapping[int, Any],
    config: VerifyConfig,
) -> None:
    """Let the posterior policy give the verdicts.

    Of a clip that it does not know none changes, but for the owner's word, which is heard after.
    """
    from kinetics_builder.crowd.clips.believing import believe_some

    found = believe_some(session, rows, config)
    for clip_id, row in rows.items():
        before, belief = known.get(clip_id), found.get(clip_id)
        is_by_votes = before is not None and not before.is_ruled
        row["verdict"] = before.verdict if before and is_by_votes else Verdict.OPEN
        if belief:
            row["verdict"] = belief.verdict


def _rule(rows: dict[int, dict[str, Any]], ruled: Mapping[int, Verdict]) -> None:
    for clip_id in rows.keys() & ruled.keys():
        rows[clip_id].update(verdict=ruled[clip_id], is_ruled=True)


def _is_decided(verdict: Verdict | None) -> bool:
    return verdict not in (None, Verdict.OPEN)


def _is_accepted(verdict: Verdict | None) -> bool:
    return verdict is Verdict.ACCEPTED


def _count(condition: Any) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


_IS_SET_ASIDE = func.coalesce(WorkerStanding.is_warned, false())
_COUNTS = ~_IS_SET_ASIDE
_TALLIES = (
    select(
        Vote.clip_id,
        *(_count(and_(_COUNTS, Vote.answer == answer)) for answer in Answer),
        _count(and_(_COUNTS, Vote.answer == Answer.YES, Vote.lasts_whole_clip.is_(True))),
        _count(_IS_SET_ASIDE),
    )
    .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
    .outerjoin(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
    .where(Vote.stands())
    .group_by(Vote.clip_id)
)
_TALLIES_OF = _TALLIES.where(among(Vote.clip_id, "clips"))
_DECISION: Any = Decision.__table__
_KNOWN = (
    select(
        Clip.id.label("clip_id"),
        Decision.verdict,
        Decision.is_ruled,
        exists(TreeDecision.clip_id).where(TreeDecision.clip_id == Clip.id).label("is_walked"),
        exists(Ruling.id).where(Ruling.clip_id == Clip.id).label("has_word"),
    )
    .outerjoin(Decision, Decision.clip_id == Clip.id)
    .where(among(Clip.id, "clips"))
)
"""What was decided of clips before, if anything, and whether more than votes is known of them."""
_DELETE = delete(_DECISION).where(among(_DECISION.c.clip_id, "clips"))
_INSERT = insert(_DECISION)
