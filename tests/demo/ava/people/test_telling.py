"""Simulated annotators who name and confirm actions."""

from collections import Counter

import pytest

from annotation_ui.kinds.actions.fields import read_actions
from annotation_ui.kinds.actions.replies import read_reply
from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.database.tables import Answer
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.demo.ava.people.confirming import ERROR_RATES, confirm
from pipelines.demo.ava.people.naming import HABITS, name
from pipelines.demo.crew.annotators import Annotator, Skill
from tests.demo.ava.people.conftest import LISTEN, NUM_SECONDS, SIT, STAND, TALK, film_truth, sights

SIGHTS = [sight for n in range(8) for sight in sights(film_truth(f"film{n}"))]
NOWHERE = Corners(0.85, 0.05, 0.95, 0.25)
LOOKING = (Skill.CAREFUL, Skill.HASTY)


def somebody(skill: Skill) -> Annotator:
    return Annotator(f"{skill}-1", skill)


def named(skill: Skill) -> Counter[int]:
    """Return how often which action is named of somebody who stands and talks."""
    found: Counter[int] = Counter()
    for sight in SIGHTS:
        form = name(somebody(skill), 0, sight, sight.moment.sightings[1].corners)
        found.update(read_actions(form, ava_vocabulary()))
    return found


@pytest.mark.parametrize("skill", LOOKING)
def test_poses_are_mistaken_and_interactions_forgotten_as_the_skill_says(skill: Skill) -> None:
    habit, found = HABITS[skill], named(skill)
    assert found[STAND] / len(SIGHTS) == pytest.approx(1 - habit.mistakes, abs=0.03)
    assert found[TALK] / len(SIGHTS) == pytest.approx(1 - habit.forgets, abs=0.05)
    others = found.total() - found[STAND] - found[TALK]
    assert others / len(SIGHTS) == pytest.approx(habit.mistakes + habit.invents, abs=0.04)


@pytest.mark.parametrize("skill", [Skill.RANDOM, Skill.MALICIOUS])
def test_who_does_not_look_or_means_ill_names_nothing_that_is_done(skill: Skill) -> None:
    found = named(skill)
    assert (found[STAND], found[TALK]) == (0, 0)
    assert found.total() == 2 * len(SIGHTS)


@pytest.mark.parametrize("skill", list(Skill))
def test_every_form_is_one_that_the_page_reads(skill: Skill) -> None:
    for sight in SIGHTS[:60]:
        for one in sight.moment.sightings:
            assert read_reply(name(somebody(skill), 0, sight, one.corners), ava_vocabulary())
        assert read_reply(name(somebody(skill), 0, sight, NOWHERE), ava_vocabulary())


@pytest.mark.parametrize("skill", LOOKING)
def test_a_box_around_nobody_is_flagged_and_one_of_a_hidden_person_too(skill: Skill) -> None:
    habit = HABITS[skill]
    flags = [name(somebody(skill), 0, sight, NOWHERE).get("flag") for sight in SIGHTS]
    assert flags.count("wrong_box") / len(flags) == pytest.approx(habit.flags_nobody, abs=0.05)
    hidden = [sight for n in range(8) for sight in sights(film_truth(f"film{n}", 0.2))]
    flags = [
        name(somebody(skill), 0, sight, sight.moment.sightings[0].corners).get("flag")
        for sight in hidden
    ]
    assert flags.count("blocked") / len(flags) == pytest.approx(habit.flags_hidden, abs=0.06)
    assert "wrong_box" not in flags


def answers(skill: Skill, action: int, second: float | None = None) -> Counter[Answer]:
    """Return what is said about an action of who walks in and sits down later."""
    chosen = [s for s in SIGHTS if second is None or s.moment.seconds == second]
    return Counter(
        confirm(somebody(skill), 0, s, s.moment.sightings[0].corners, action) for s in chosen
    )


@pytest.mark.parametrize("skill", list(Skill))
def test_actions_are_confirmed_wrongly_as_often_as_the_skill_says(skill: Skill) -> None:
    rate, num = ERROR_RATES[skill], len(SIGHTS)
    never = answers(skill, TALK)
    assert never[Answer.YES] / num == pytest.approx(rate, abs=0.06)
    sits = answers(skill, SIT)
    share = sum(s.moment.seconds >= NUM_SECONDS // 2 for s in SIGHTS) / num
    wrong = share * (1 - rate) + (1 - share) * rate
    assert sits[Answer.YES] / num == pytest.approx(wrong, abs=0.06)


def test_the_careful_are_unsure_only_where_an_action_begins_or_ends() -> None:
    change = NUM_SECONDS // 2
    names = [f"careful-{n}" for n in range(40)]
    said = {
        second: Counter(
            confirm(Annotator(name, Skill.CAREFUL), 0, s, s.moment.sightings[0].corners, LISTEN)
            for name in names
            for s in SIGHTS
            if s.moment.seconds == second
        )
        for second in (change - 5.0, change - 1.0, change + 5.0)
    }
    assert said[change - 1.0][Answer.UNSURE] > 20
    assert not said[change - 5.0][Answer.UNSURE]
    assert not said[change + 5.0][Answer.UNSURE]


def test_nobody_does_anything_in_a_box_around_nobody() -> None:
    said = Counter(confirm(somebody(Skill.CAREFUL), 0, s, NOWHERE, STAND) for s in SIGHTS)
    assert said[Answer.NO] > 0.9 * len(SIGHTS)
