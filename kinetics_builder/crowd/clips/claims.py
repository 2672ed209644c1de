"""What the posterior policy claims of the clips that it decided."""

import json
from typing import NamedTuple

from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Setting

_CLAIMS = "claims"


class Claims(NamedTuple):
    """What the posterior policy expects of its clips; None of another policy."""

    purity: float | None = None
    """Share of the accepted clips that shows the action; None where none is accepted. Of those that
    answers alone decide: the owner's rulings are left out."""
    recall: float | None = None
    """Share of the clips that show it that is accepted, of the same."""
    purity_doubt: float = 0.0
    """Standard deviation of that purity, by what isn't known of clips that mislead."""
    wanted: float = 0.0
    """The purity that was asked for where it is out of reach."""
    out_of_reach: str = ""
    """Why no clip will be accepted, however many answer; empty where some may be."""


def read_claims(session: Session) -> Claims:
    """Return what was claimed when all clips were decided last."""
    found = session.get(Setting, _CLAIMS)
    return Claims(*json.loads(found.value)) if found else Claims()


def note_claims(session: Session, claims: Claims) -> None:
    """Keep what is claimed of the clips that are decided now."""
    if claims != Claims():
        session.merge(Setting(key=_CLAIMS, value=json.dumps(claims)))
    elif (old := session.get(Setting, _CLAIMS)) is not None:
        session.delete(old)
