"""Answers on their way into the database: those that come together are stored together."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from annotation_ui.answers import Receipt, Sender, Sent, store_all
from annotation_ui.kinds.kind import Reply
from annotation_ui.page import page
from kinetics_builder.crowd import logins


def save(token: str, sender: Sender, reply: Reply) -> Receipt | None:
    """Store an answer together with those that come meanwhile; None if nobody is logged in.

    That the sender's session is open is seen in the transaction that saves the answer.
    """
    return page().writer.run_together(_save_all, (token, (sender, reply)))


def _save_all(rows: Session, claims: Sequence[tuple[str, Sent]]) -> Sequence[Receipt | None]:
    logged_in = [(token, sender.worker_id) for token, (sender, _) in claims]
    are_open = logins.are_open(rows, logged_in, page().clock())
    sent = [one for (_, one), is_open in zip(claims, are_open, strict=True) if is_open]
    receipts = iter(store_all(rows, sent, page().config.verify))
    return [next(receipts) if is_open else None for is_open in are_open]
