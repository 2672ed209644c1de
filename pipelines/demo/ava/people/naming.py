"""How simulated annotators name what a person does."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Action, ActionType
from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.config import Config
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.ava.boxes_file import BoxesFile
from pipelines.demo.ava.people.eyes import Eyes, Sight
from pipelines.demo.ava.people.gold import Golds
from pipelines.demo.ava.truth import Sighting
from pipelines.demo.crew.annotators import Annotator, Skill, chance
from pipelines.demo.crew.work import Slot
from pipelines.verifying.gold_people import add_gold_people
from pipelines.verifying.people import assign_people


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody names actions: how often what goes wrong. All in [0, 1]."""

    mistakes: float
    """The pose is named as another one."""
    forgets: float
    """An interaction is not named."""
    invents: float
    """An interaction is named that is none."""
    flags_nobody: float
    """A box around nobody is said to be wrong."""
    flags_hidden: float
    """A person who is mostly hidden is said to be so."""


HABITS = {
    Skill.CAREFUL: Habit(0.02, 0.06, 0.03, flags_nobody=0.97, flags_hidden=0.6),
    Skill.HASTY: Habit(0.07, 0.18, 0.10, flags_nobody=0.8, flags_hidden=0.2),
}


class ActionsWork:
    """The question what a person does."""

    kind = "actions"
    is_answered_together = False

    def __init__(self, config: Config, eyes: Eyes, golds: Golds, seed: int) -> None:
        self._config = config
        self._eyes = eyes
        self._golds = golds
        self._seed = seed

    def assign(self, session: Session) -> int:
        """Add the gold, and put persons and proposed actions into tasks.

        Returns how many tasks of this kind are new. The gold of both kinds comes first, because
        tasks of both are dealt.
        """
        for kind in ("actions", "verification"):
            file = BoxesFile(path=self._golds.people, format="ava")
            add_gold_people(session, file, kind, ava_vocabulary(), self._config.verify)
        reports = assign_people(session, self._config.assign)
        return sum(report.num_tasks for report in reports if report.kind == self.kind)

    def answer(self, annotator: Annotator, slot: Slot) -> dict[str, str]:
        """Return the form that the annotator sends."""
        sight, box = self._eyes.look(slot["frame"]), Corners(*slot["box"])
        said = name(annotator, self._seed, sight, box)
        slowness = 1.0 if annotator.skill == Skill.CAREFUL else 0.4
        seconds = str(round(slowness * (4.0 + 3.0 * len(said)), 1))
        return {**said, "seconds": seconds}


def name(annotator: Annotator, seed: int, sight: Sight, box: Corners) -> dict[str, str]:
    """Return the fields that this annotator fills in for the person in a box."""
    namer = _Namer(annotator, seed, sight, sight.person_in(box))
    if annotator.skill in (Skill.RANDOM, Skill.MALICIOUS):
        return fields_of(namer.nonsense())
    one = namer.person
    if one is None or not one.is_asked:
        word, share = (
            ("wrong_box", namer.habit.flags_nobody)
            if one is None
            else ("blocked", namer.habit.flags_hidden)
        )
        if namer.toss("flag") < share:
            return {"flag": word}
    return fields_of(namer.names())


def fields_of(actions: Collection[Action]) -> dict[str, str]:
    """Return the fields of the page's form that hold these actions."""
    counts: Counter[ActionType] = Counter()
    fields = {}
    for action in sorted(actions):
        counts[action.type] += 1
        is_pose = action.type is ActionType.POSE
        word = action.type.word
        fields[word if is_pose else f"{word}_{counts[action.type]}"] = action.name
    return fields


@dataclass(frozen=True, slots=True)
class _Namer:
    """Somebody who names the actions of one person."""

    annotator: Annotator
    seed: int
    sight: Sight
    person: Sighting | None

    @property
    def habit(self) -> Habit:
        return HABITS[self.annotator.skill]

    def toss(self, *words: object) -> float:
        who = "nobody" if self.person is None else self.person.who
        return chance(self.annotator, self.seed, self.sight.name, who, *words)

    def names(self) -> list[Action]:
        """Return what is seen, with mistakes."""
        known = ava_vocabulary()
        done = [known.of_id(n) for n in self.person.actions] if self.person else []
        named = []
        for action in done:
            if action.type is ActionType.POSE:
                is_wrong = self.toss("pose") < self.habit.mistakes
                named.append(self._another(ActionType.POSE) if is_wrong else action)
            elif self.toss("forget", action.id) >= self.habit.forgets:
                named.append(action)
        if not done:
            named.append(known.of_name("stand"))
        if self.toss("invent") < self.habit.invents:
            named.append(self._another(ActionType.PERSON))
        return named

    def nonsense(self) -> list[Action]:
        """Return a pose and an interaction that are not seen."""
        return [self._another(ActionType.POSE, by_lot=True), self._another(ActionType.OBJECT)]

    def _another(self, of: ActionType, *, by_lot: bool = False) -> Action:
        """Return an action that the person does not do: rather one that is done nearby."""
        done = set(self.person.actions) if self.person else set()
        near: set[int] = set()
        if not by_lot:
            near = {n for one in self.sight.moment.sightings for n in one.actions}
            near |= self.sight.actions_around(self.person.person) if self.person else set()
        choice = [a for a in ava_vocabulary().of_type(of) if a.id in near - done]
        choice = choice or [a for a in ava_vocabulary().of_type(of) if a.id not in done]
        return choice[int(self.toss("another", of) * len(choice))]
