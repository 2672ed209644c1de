from collections import Counter

import pytest

from kinetics_builder.database.tables import Answer
from kinetics_builder.intervals import Interval
from pipelines.demo.clips import Question, Reply, reply, right_answer
from pipelines.demo.crew.annotators import CREW, Annotator, Skill
from pipelines.demo.truth import Action, VideoTruth
from pipelines.demo.uploads import Kind

NUM_CLIPS = 600
LABEL = "sitting down"


def video(video_id: str, kind: Kind = Kind.HONEST) -> VideoTruth:
    actions = () if kind == Kind.STILL else (Action(LABEL, 2.0, 8.0),)
    return VideoTruth(video_id, kind, (LABEL,), actions, 15.0, video_id, 0.0)


TRUTH = {str(number): video(str(number)) for number in range(NUM_CLIPS)}


def replies(skill: Skill, start: float, seed: int = 0) -> list[Reply]:
    annotator = Annotator("somebody", skill)
    asked = (Question(name, Interval(start, start + 4), LABEL) for name in TRUTH)
    return [reply(annotator, seed, TRUTH, question) for question in asked]


@pytest.mark.parametrize(
    ("start", "label", "answer"),
    [
        pytest.param(3, LABEL, Answer.YES, id="the whole clip shows it"),
        pytest.param(1, LABEL, Answer.YES, id="three quarters show it"),
        pytest.param(6, LABEL, Answer.NO, id="half of it is not enough"),
        pytest.param(3, "standing up", Answer.NO, id="another class"),
    ],
)
def test_right_answer(start: float, label: str, answer: Answer) -> None:
    assert right_answer(TRUTH["0"], Question("0", Interval(start, start + 4), label)) == answer


def test_a_still_is_a_bad_video() -> None:
    question = Question("s", Interval(3, 7), LABEL)
    assert right_answer(video("s", Kind.STILL), question) == Answer.BAD


@pytest.mark.parametrize(
    ("skill", "low", "high"),
    [
        (Skill.CAREFUL, 0.96, 1.0),
        (Skill.HASTY, 0.85, 0.95),
        (Skill.RANDOM, 0.4, 0.6),
        (Skill.MALICIOUS, 0.0, 0.08),
    ],
)
def test_skill_shows_in_the_share_of_right_answers(skill: Skill, low: float, high: float) -> None:
    for start, right in ((3.0, Answer.YES), (9.0, Answer.NO)):
        share = sum(said.answer == right for said in replies(skill, start)) / NUM_CLIPS
        assert low <= share <= high


def test_the_careful_hesitate_at_close_calls_alone() -> None:
    close = Counter(said.answer for said in replies(Skill.CAREFUL, 5.5))
    clear = Counter(said.answer for said in replies(Skill.CAREFUL, 3.0))
    assert close[Answer.UNSURE] > 0.4 * NUM_CLIPS
    assert clear[Answer.UNSURE] == 0


def test_the_follow_up_is_answered_after_a_yes_alone() -> None:
    lasting, partly = replies(Skill.CAREFUL, 3.0), replies(Skill.CAREFUL, 1.0)
    assert all((said.lasts_whole_clip is None) == (said.answer != Answer.YES) for said in lasting)
    assert {said.lasts_whole_clip for said in lasting if said.answer == Answer.YES} == {True}
    assert {said.lasts_whole_clip for said in partly if said.answer == Answer.YES} == {False}


def test_answers_depend_on_seed_and_worker_and_on_nothing_else() -> None:
    assert replies(Skill.RANDOM, 3.0) == replies(Skill.RANDOM, 3.0)
    assert replies(Skill.RANDOM, 3.0) != replies(Skill.RANDOM, 3.0, seed=1)
    question = Question("0", Interval(3, 7), LABEL)
    said = {reply(Annotator(str(n), Skill.RANDOM), 0, TRUTH, question).answer for n in range(20)}
    assert said == {Answer.YES, Answer.NO}


def test_the_crew_has_every_skill_and_unique_names() -> None:
    assert {annotator.skill for annotator in CREW} == set(Skill)
    assert len({annotator.name for annotator in CREW}) == len(CREW)
