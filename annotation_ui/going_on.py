"""The next task for whoever has answered the last question of one, in that answer's transaction.

So whoever goes on waits for one commit, not for two with some readings between.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from annotation_ui.desk import Desk
from annotation_ui.handout import current_desk, take_task
from annotation_ui.kinds.kind import Kind
from kinetics_builder.config import Config, VerifyConfig
from kinetics_builder.crowd.messages import has_unread
from kinetics_builder.crowd.records import read_standing
from kinetics_builder.crowd.standing import NUM_RECENT, Standing

Warned = tuple[int, int]
"""How many gold answers, and answers, a worker had given when a warning was read last."""


@dataclass(frozen=True, slots=True)
class Going:
    """A worker who wants the next task as soon as nothing is left of this one."""

    kind: Kind
    worker_id: int
    warned: Warned
    now: float
    config: Config


def next_desk(session: Session, going: Going) -> Desk | None:
    """Return the task that lies before the worker now, or the next, taken.

    None while the worker is to be warned or has a message to read, or where nothing is waiting.
    Call it inside a write transaction, after standings were brought up to date.
    """
    kind, worker_id, config = going.kind, going.worker_id, going.config
    standing = read_standing(session, worker_id, config.verify, kind.crowd)
    if is_due(standing, going.warned, config.verify) or has_unread(session, worker_id):
        return None
    held = current_desk(kind, session, worker_id, config, going.now)
    return held or take_task(kind, session, worker_id, config, going.now)


def is_due(standing: Standing, warned: Warned, config: VerifyConfig) -> bool:
    """Tell whether a worker's answers are set aside, and the worker has not read that lately.

    A warning comes back after `gold_min_answers` more gold answers, or `NUM_RECENT` answers.
    """
    gold_seen, votes_seen = warned
    return standing.is_warned and (
        standing.num_gold - gold_seen >= config.gold_min_answers
        or standing.num_votes - votes_seen >= NUM_RECENT
    )
