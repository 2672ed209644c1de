"""Participants of platforms as workers: one worker a person, whatever the study."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.invitations import hash_code, new_code
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.database.tables import PanelPerson, Worker

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_NUM_LETTERS = 6


def find_person(session: Session, panel: PanelConfig, participant: str) -> PanelPerson | None:
    """Return who has this id in the panel's realm."""
    return session.scalar(
        select(PanelPerson).where(
            PanelPerson.realm == panel.realm, PanelPerson.participant == participant
        )
    )


def person_for(session: Session, panel: PanelConfig, participant: str) -> PanelPerson:
    """Return who has this id; a worker is made for one who has never come."""
    person = find_person(session, panel, participant)
    if person is None:
        worker = Worker(name=_pseudonym(session, panel), code_hash=hash_code(new_code()))
        person = PanelPerson(realm=panel.realm, participant=participant, worker=worker)
        session.add(person)
        session.flush()
    return person


def worker_of(session: Session, person: PanelPerson) -> Worker:
    """Return the worker whom the person's answers count for: another, where two were joined."""
    worker = person.worker
    return worker if worker.same_as_id is None else session.get_one(Worker, worker.same_as_id)


def _pseudonym(session: Session, panel: PanelConfig) -> str:
    """Return a free name drawn by chance: nothing of the platform's id can be read from it."""
    while True:
        drawn = "".join(secrets.choice(_LETTERS) for _ in range(_NUM_LETTERS))
        name = f"{panel.platform}-{drawn}"
        if session.scalar(select(Worker.id).where(Worker.name == name)) is None:
            return name
