"""What a form or an address says of who is asking, signed so that nobody else can write it."""

from typing import Any

from flask import Flask, current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from kinetics_builder.crowd.panels.arrival import Arrival, BadArrival, Refusal
from kinetics_builder.crowd.panels.settings import PanelConfig

TICKET_SECONDS = 3600
"""How long somebody may read before agreeing."""
TOKEN_SECONDS = 86_400
"""How long the address of a frame opens anything; its session may be over long before."""


def write_ticket(panel: PanelConfig, arrival: Arrival) -> str:
    """Return what the form holds by which an arrival is agreed to."""
    said = [panel.name, arrival.participant, arrival.study, arrival.session, arrival.submit_to]
    return str(_signer(current_app, "ticket").dumps(said))


def read_ticket(panel: PanelConfig, ticket: str) -> Arrival:
    """Return the arrival that a ticket of this panel says.

    Raises:
        BadArrival: It is none, another panel's, or too old.

    """
    try:
        name, *said = _signer(current_app, "ticket").loads(ticket, max_age=TICKET_SECONDS)
    except BadData as error:
        raise BadArrival(Refusal.STALE) from error
    if name != panel.name:
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
