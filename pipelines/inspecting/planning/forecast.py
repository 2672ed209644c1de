"""From questions that are open to clips that people accept: how much comes to each step.

Shapes, as name suffixes: N draws.
"""

from dataclasses import dataclass

import numpy as np

from kinetics_builder.config import Config
from pipelines.inspecting.planning.answers import answers_to_decide
from pipelines.inspecting.planning.assumed import (
    AGREEMENT,
    SHARED,
    VIDEOS_OF_AN_ADDRESS,
)
from pipelines.inspecting.planning.draws import Draws, between, fixed
from pipelines.inspecting.planning.history import ClassHistory
from pipelines.inspecting.planning.questions import Questions
from pipelines.inspecting.planning.rates import Drawn, Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is in the workspace already and waits for a step. Counts."""

    titles: int = 0
    """Videos that were not matched yet."""
    videos: int = 0
    """To be downloaded."""
    unscored: int = 0
    """Videos that were downloaded, not scored."""
    uncompared: int = 0
    """Clips that were proposed and not looked through for copies."""
    undecided: int = 0
    """Clips that people are, or will be, asked about."""
    answered: int = 0
    """Answers that count and were given about these."""


@dataclass(frozen=True, slots=True)
class Step:
    """How much is still to come of one thing, and by which rate."""

    draws_N: Draws
    rate: Drawn
    """From the step before."""


Steps = dict[str, Step]


def forecast(
    asked: Questions, waiting: Waiting, rates: Rates, classes: ClassHistory, config: Config
) -> Steps:
    """Return what is still to come of everything, in the order of the pipeline.

    Args:
        asked: What a source would be asked.
        waiting: What waits in the workspace.
        rates: Of new classes.
        classes: The sum of the workspace's classes.
        config: Its settings.

    """
    steps: Steps = {}
    steps["listed"] = _listed(asked, rates)
    steps["candidates"] = _candidates(asked, waiting, rates, steps["listed"].draws_N)
    shared = _shared(asked, classes)
    steps["videos"] = Step(steps["candidates"].draws_N * shared.draws_N + waiting.videos, shared)
    fetched = rates.draw("fetched")
    steps["fetched"] = Step(steps["videos"].draws_N * fetched.draws_N, fetched)
    clips = rates.draw("clips")
    scored_N = (steps["fetched"].draws_N + waiting.unscored) / shared.draws_N
    steps["clips"] = Step(scored_N * clips.draws_N, clips)
    kept = rates.draw("kept")
    compared_N = steps["clips"].draws_N + waiting.uncompared
    steps["kept"] = Step(compared_N * kept.draws_N, kept)
    return steps | _people(steps["kept"].draws_N + waiting.undecided, waiting, rates, config)


def _listed(asked: Questions, rates: Rates) -> Step:
    num_open = len(asked.open)
    if asked.listed is not None:
        return Step(fixed(asked.listed.num_videos), Drawn(fixed(1), "counted in the source"))
    if asked.is_search:
        rate = rates.draw("listed")
        return Step(num_open * asked.limit * rate.draws_N, rate)
    if asked.is_long_list:
        least, most = min(len(asked.open), asked.limit), asked.limit
        rate = Drawn(between(least, most / 2, most, "list"), "not known before; at most --limit")
        return Step(rate.draws_N, rate)
    one = VIDEOS_OF_AN_ADDRESS
    rate = Drawn(between(one.low, one.likely, one.high, "addresses"), one.source)
    return Step(num_open * rate.draws_N, rate)


def _candidates(asked: Questions, waiting: Waiting, rates: Rates, listed_N: Draws) -> Step:
    rate = rates.draw("candidates")
    of_titles_N = waiting.titles * rate.draws_N
    if asked.listed is not None:
        counted = Drawn(fixed(1), "the titles of the source, matched")
        return Step(of_titles_N + asked.listed.num_candidates, counted)
    given = asked.num_given / len(asked.open) if asked.open else 0.0
    if given == 1:
        rate = Drawn(fixed(1), "labels that stand with the addresses")
    return Step(of_titles_N + listed_N * (given + (1 - given) * rate.draws_N), rate)


def _shared(asked: Questions, classes: ClassHistory) -> Drawn:
    """Return how many videos there are for each candidate: some are for two classes."""
    found = asked.listed
    if found is not None and found.num_candidates:
        return Drawn(fixed(found.num_matched / found.num_candidates), "counted in the source")
    if classes.candidates and classes.videos:
        return Drawn(fixed(min(1, classes.videos / classes.candidates)), "this workspace")
    return Drawn(between(SHARED.low, SHARED.likely, SHARED.high, "shared"), SHARED.source)


def _people(questions_N: Draws, waiting: Waiting, rates: Rates, config: Config) -> Steps:
    accepted = rates.draw("accepted")
    if rates.has("answers"):
        answers = rates.draw("answers")
    else:
        agreement_N = between(AGREEMENT.low, AGREEMENT.likely, AGREEMENT.high, "agreement")
        answers_N = answers_to_decide(accepted.draws_N, agreement_N, config.verify)
        rules = f"verify: {config.verify.min_yes} of {config.verify.max_votes} must say yes"
        answers = Drawn(answers_N, f"{rules}; 9 of 10 answers are right (assumed)")
    asked_N = np.maximum(0, questions_N * answers.draws_N - waiting.answered)
    slots, gold = config.assign.slots_per_task, config.assign.gold_per_task
    of_gold = Drawn(fixed(gold / (slots - gold)), f"assign.gold_per_task: {gold} of {slots}")
    return {
        "questions": Step(questions_N, Drawn(fixed(1), "clips that are no copies")),
        "answers": Step(asked_N, answers),
        "gold": Step(asked_N * of_gold.draws_N, of_gold),
        "accepted": Step(questions_N * accepted.draws_N, accepted),
    }
