"""What a form or an address says of who is asking, signed so that nobody else can write it.

A ticket lets in once. Which were used is kept in memory, for as long as any would be taken: a
server that was started anew takes a ticket of the last hour once more.
"""

import hashlib
import secrets
import threading
import time
from typing import Any

from flask import Flask, current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from kinetics_builder.crowd.panels.arrival import Arrival, BadArrival, Refusal
from kinetics_builder.crowd.panels.settings import PanelConfig

TICKET_SECONDS = 3600
"""How long somebody may read before agreeing."""
TOKEN_SECONDS = 86_400
"""How long the address of a frame opens anything; its session may be over long before."""


class Tickets:
    """The tickets that were used in the last hour."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._used: dict[bytes, float] = {}

    def use(self, ticket: str) -> bool:
        """Note that a ticket is used; tell whether it is for the first time."""
        mark, now = hashlib.sha256(ticket.encode()).digest(), time.monotonic()
        with self._guard:
            old = [one for one, at in self._used.items() if at < now - TICKET_SECONDS]
            for one in old:
                del self._used[one]
            is_first = mark not in self._used
            self._used.setdefault(mark, now)
        return is_first


def write_ticket(panel: PanelConfig, arrival: Arrival) -> str:
    """Return what the form holds by which an arrival is agreed to."""
    said = [arrival.participant, arrival.study, arrival.session, arrival.submit_to]
    own = secrets.token_urlsafe(9)  # of each page that is shown, else two of one second were equal
    return str(_signer(current_app, "ticket").dumps([own, panel.name, *said]))


def read_ticket(panel: PanelConfig, ticket: str) -> Arrival:
    """Return the arrival that a ticket of this panel says.

    Raises:
        BadArrival: It is none, another panel's, too old, or was used before.

    """
    try:
        _, name, *said = _signer(current_app, "ticket").loads(ticket, max_age=TICKET_SECONDS)
    except BadData as error:
        raise BadArrival(Refusal.STALE) from error
    if name != panel.name or not current_app.extensions["kbuild-tickets"].use(ticket):
        raise BadArrival(Refusal.STALE)
    return Arrival(*said)


def write_token(login: str, worker_id: int, name: str, visit: int) -> str:
    """Return what stands in every address of a frame: whose session of the page it is."""
    return str(_signer(current_app, "frame").dumps([login, worker_id, name, visit]))


def read_token(app: Flask, token: str) -> tuple[str, int, str, int] | None:
    """Return the login, worker, name and visit of a token; None if it is none, or too old."""
    try:
        login, worker_id, name, visit = _signer(app, "frame").loads(token, max_age=TOKEN_SECONDS)
    except BadData:
        return None
    return login, worker_id, name, visit


def _signer(app: Flask, salt: str) -> Any:
    return URLSafeTimedSerializer(app.config["SECRET_KEY"], salt=f"kbuild panel {salt}")
