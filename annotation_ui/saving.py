"""Answers on their way into the database: those that come together are stored together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from annotation_ui.answers import Outcome, Receipt, Sent, store_all
from annotation_ui.desk import Desk
from annotation_ui.going_on import Going, next_desk
from annotation_ui.page import page
from kinetics_builder.crowd import logins


@dataclass(frozen=True, slots=True)
class Claim:
    """Answers that came at once in one session of a worker."""

    token: str
    """Of the session."""
    worker_id: int
    sent: Sequence[Sent]
    going: Going | None = None
    """Where the worker goes on at once when nothing is left of the task."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of them, and what lies before the worker then."""

    receipts: Sequence[Receipt]
    is_laid: bool = False
    """Whether the next task was looked for, as nothing was left of this one."""
    laid: Desk | None = None
    """That task, if there is any."""

    @property
    def desk(self) -> Desk | None:
        """The task of the answers, as it lies there now; None where it is another's."""
        desks = [receipt.desk for receipt in self.receipts if receipt.desk is not None]
        return desks[-1] if desks else None

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left of the task that was answered."""
        is_of_a_task = any(one.outcome is not Outcome.FOREIGN for one in self.receipts)
        return is_of_a_task and (self.desk is None or self.desk.is_done())


def save(claim: Claim) -> Stored | None:
    """Store answers together with those that come meanwhile; None if nobody is logged in.

    All of a claim are stored in one transaction, or none. That the sender's session is open is
    seen in the same transaction, and the task is taken in it with which the sender goes on.
    """
    return page().writer.run_together(_save_all, claim, _go_on)


def _save_all(rows: Session, claims: Sequence[Claim]) -> Sequence[Stored | None]:
    logged_in = [(claim.token, claim.worker_id) for claim in claims]
    are_open = logins.are_open(rows, logged_in, page().clock())
    taken = [claim.sent if is_open else () for claim, is_open in zip(claims, are_open, strict=True)]
    receipts = iter(store_all(rows, [one for sent in taken for one in sent], page().config.verify))
    stored = [Stored([next(receipts) for _ in sent]) for sent in taken]
    return [some if is_open else None for some, is_open in zip(stored, are_open, strict=True)]


def _go_on(rows: Session, found: Sequence[tuple[Claim, Stored | None]]) -> Sequence[Stored | None]:
    return [
        replace(stored, is_laid=True, laid=next_desk(rows, claim.going))
        if stored is not None and claim.going is not None and stored.is_at_end
        else stored
        for claim, stored in found
    ]
