"""In which session of a panel the worker is who is asking, and how much of it is left."""

from dataclasses import dataclass, replace

from flask import session
from sqlalchemy.orm import Session

from annotation_ui.desk import Desk
from annotation_ui.page import page
from kinetics_builder.config import Config
from kinetics_builder.crowd.panels.arrival import Arrival
from kinetics_builder.crowd.panels.people import worker_of
from kinetics_builder.crowd.panels.phase import Phase, Tally, given_in, phase_of
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.crowd.panels.visits import tally_of
from kinetics_builder.database.tables import Outcome, PanelVisit


@dataclass(frozen=True, slots=True)
class Visit:
    """A session of a panel, as it stands now."""

    number: int
    panel: PanelConfig
    arrival: Arrival
    phase: Phase
    given: Tally
    """What was answered in it."""
    seconds_left: float
    outcome: Outcome | None

    @property
    def is_open(self) -> bool:
        """Whether there is something to do in it."""
        return self.phase is Phase.OPEN

    def within(self, config: Config) -> Config:
        """Return the settings by which it is handed tasks: for no longer than it lasts."""
        seconds = max(1.0, min(config.assign.expires_seconds, self.seconds_left))
        return replace(config, assign=replace(config.assign, expires_seconds=seconds))

    def limit(self, desk: Desk | None) -> Desk | None:
        """Return the task with no more questions than the session asks; None where it asks none."""
        if desk is None or not self.is_open:
            return None
        if self.panel.max_answers:
            left = self.panel.max_answers - self.given.num_answers
            beyond = {question.slot_id for question in desk.remaining()[left:]}
            desk.questions = tuple(one for one in desk.questions if one.slot_id not in beyond)
        return desk


def panel_named(name: str) -> PanelConfig | None:
    """Return the panel of this name in the settings."""
    return next((panel for panel in page().config.panels if panel.name == name), None)


def current_visit() -> Visit | None:
    """Return the session of the worker who is asking; None for those whom no panel sent."""
    number = session.get("visit")
    if not isinstance(number, int):
        return None
    with page().reading() as rows:
        return read_visit(rows, number)


def read_visit(rows: Session, number: int) -> Visit | None:
    """Return a session as it stands; None where its panel is in the settings no more."""
    row = rows.get(PanelVisit, number)
    panel = panel_named(row.panel) if row is not None else None
    if row is None or panel is None:
        return None
    here, now = page(), page().clock()
    tally = tally_of(rows, worker_of(rows, row.person).id)
    return Visit(
        number=row.id,
        panel=panel,
        arrival=Arrival(row.person.participant, row.study, row.session, row.submit_to),
        phase=phase_of(row, tally, panel, here.config.verify.practice_answers, now),
        given=given_in(row, tally),
        seconds_left=row.expires_at - now,
        outcome=row.outcome,
    )
