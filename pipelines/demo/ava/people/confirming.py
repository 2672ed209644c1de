"""How simulated annotators say whether a person does an action."""

from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.database.tables import Answer
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.demo.ava.people.eyes import Eyes, Sight
from pipelines.demo.crew.annotators import Annotator, Skill, chance
from pipelines.demo.crew.work import Slot
from pipelines.verifying.people import assign_people

ERROR_RATES = {Skill.CAREFUL: 0.03, Skill.HASTY: 0.10, Skill.RANDOM: 0.5, Skill.MALICIOUS: 0.97}
_CLOSE = 2.0
"""How many times more often somebody errs where the action begins or ends nearby."""
_HESITATES = 0.15
"""How often the careful are unsure there."""


class VerificationWork:
    """The question whether a person does an action."""

    kind = "verification"
    is_answered_together = False

    def __init__(self, config: Config, eyes: Eyes, seed: int) -> None:
        self._config = config
        self._eyes = eyes
        self._seed = seed

    def assign(self, session: Session) -> int:
        """Put the actions that were proposed into tasks; return how many tasks are new."""
        reports = assign_people(session, self._config.assign)
        return sum(report.num_tasks for report in reports if report.kind == self.kind)

    def answer(self, annotator: Annotator, slot: Slot) -> dict[str, str]:
        """Return the form that the annotator sends."""
        sight, box = self._eyes.look(slot["frame"]), Corners(*slot["box"])
        said = confirm(annotator, self._seed, sight, box, slot["action"])
        seconds = 4.0 if annotator.skill == Skill.CAREFUL else 1.5
        return {"answer": said.value, "seconds": str(seconds)}


def confirm(annotator: Annotator, seed: int, sight: Sight, box: Corners, action: int) -> Answer:
    """Return what this annotator says: whether the person in a box does an action."""
    one = sight.person_in(box)
    is_done = one is not None and action in one.actions
    is_close = one is not None and is_done != (action in sight.actions_around(one.person))
    who = "nobody" if one is None else one.who

    def toss(purpose: str) -> float:
        return chance(annotator, seed, sight.name, who, action, purpose)

    if annotator.skill == Skill.CAREFUL and is_close and toss("hesitate") < _HESITATES:
        return Answer.UNSURE
    rate = ERROR_RATES[annotator.skill]
    if annotator.skill in (Skill.CAREFUL, Skill.HASTY) and is_close:
        rate *= _CLOSE
    is_wrong = toss("err") < rate
    return Answer.YES if is_done != is_wrong else Answer.NO
