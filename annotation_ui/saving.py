"""Answers on their way into the database: those that come together are stored together."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from annotation_ui.answers import Receipt, Sender, Sent, store_all
from annotation_ui.kinds.kind import Reply
from annotation_ui.page import page
from kinetics_builder.crowd import logins

Claim = tuple[str, int, Sequence[Sent]]
"""The token of a session, whose it is, and what came in it."""


def save(token: str, sender: Sender, reply: Reply) -> Receipt | None:
    """Store an answer together with those that come meanwhile; None if nobody is logged in."""
    receipts = save_batch(token, sender.worker_id, [(sender, reply)])
    return None if receipts is None else receipts[0]


def save_batch(token: str, worker_id: int, sent: Sequence[Sent]) -> Sequence[Receipt] | None:
    """Store answers that a worker sent at once, all in one transaction; None as in `save`.

    That the sender's session is open is seen in the transaction that saves the answers.
    """
    return page().writer.run_together(_save_all, (token, worker_id, sent))


def _save_all(rows: Session, claims: Sequence[Claim]) -> Sequence[Sequence[Receipt] | None]:
    logged_in = [(token, worker_id) for token, worker_id, _ in claims]
    are_open = logins.are_open(rows, logged_in, page().clock())
    taken = [sent if is_open else () for (*_, sent), is_open in zip(claims, are_open, strict=True)]
    receipts = iter(store_all(rows, [one for sent in taken for one in sent], page().config.verify))
    stored = [[next(receipts) for _ in sent] for sent in taken]
    return [some if is_open else None for some, is_open in zip(stored, are_open, strict=True)]
